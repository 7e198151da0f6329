"""A seeded synthetic hospital day: real-looking load from people, places and practices that do not exist.

Pure: the same arguments give the same bytes, and nothing here asks the clock.
"""
