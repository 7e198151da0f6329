"""The command line: one file per command or small family; each imports what it needs only when it runs."""
