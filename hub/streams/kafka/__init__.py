"""The streams on an Apache Kafka cluster, behind the seam ``hub.ports.Streams``."""
