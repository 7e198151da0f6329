"""Speed, as ratios against a baseline in the same run: a figure alone says more of the machine than of the hub."""
