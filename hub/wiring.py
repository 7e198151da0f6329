"""The only file that names concrete drivers."""
