"""The two databases that the tables are in."""

from sqlalchemy import MetaData

intake = MetaData(info={"migrations": "intake", "page_size": 8192})
"""The intake log: with SQLite in a database file of its own, in pages that hold several messages."""

main = MetaData(info={"migrations": "main"})
"""Everything else."""
