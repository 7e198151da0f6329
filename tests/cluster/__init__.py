"""The hub on a real Kafka and a real PostgreSQL, as plain processes of this machine."""
