"""Which person this is: demographics, and the decision about a record. Pure."""
