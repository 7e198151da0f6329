"""The durable log behind the seam ``hub.ports.Streams``."""
