"""The database: its tables, and its queries by subject."""
