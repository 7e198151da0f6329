"""The route stage: what bundles change, what happened, who is told."""
