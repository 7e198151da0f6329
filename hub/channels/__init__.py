"""How notices go out: one file for each way."""
