"""What is checked before an arrival is accepted, and its durable commit."""
