"""Checks a training that was made in pieces: each from the claimed one before, side by side, on many machines."""
