"""Is all as usual? What is counted, who watches it, and who is told."""
