"""How bytes travel, below adapters and channels: MLLP frames and client, drop folders."""
