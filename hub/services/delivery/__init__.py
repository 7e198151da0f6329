"""The deliver stage: notices on their way out."""
