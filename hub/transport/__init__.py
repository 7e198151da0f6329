"""How bytes travel, below adapters and channels: MLLP with its two sides, TLS, drop folders."""
