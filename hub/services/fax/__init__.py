"""Documents that come as pages: read, kept, put before a person."""
