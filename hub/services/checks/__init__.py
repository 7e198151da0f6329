"""Is it configured right, and is this installation sound."""
