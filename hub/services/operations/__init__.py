"""What integration staff do: look, explain, replay, measure, send."""
