"""What the hub does: the stages, and what the command line and the console ask of it."""
