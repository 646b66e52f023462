"""The trade's own words and rules of movement. Standard library only: no I/O, no clock, no randomness."""
