"""Engines that read the pages of documents: one file each."""
