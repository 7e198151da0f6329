"""How bytes come in: one file for each way."""
