"""How events are told: titles and a few plain sentences."""
