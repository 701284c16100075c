"""A corpus of planted faults: tiny models, each with one kind of nondeterminism, and what must catch it."""
