"""A seeded synthetic hospital day: real-looking load from people, places and practices that do not exist.

Pure: the same arguments give the same bytes, and nothing here asks the clock.
"""

from hub.simulator.day import SimulatedMessage, simulate, truth
from hub.simulator.panel import panel_csv
from hub.simulator.people import PRACTICES, SimulatedPractice

__all__ = ["PRACTICES", "SimulatedMessage", "SimulatedPractice", "panel_csv", "simulate", "truth"]
