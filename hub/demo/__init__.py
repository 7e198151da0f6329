"""``hub demo``: the four scenarios, played over real connections against a real hub, and told."""
