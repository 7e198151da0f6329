"""When a feed is not as usual: pure decisions about counts, times and what was expected."""
