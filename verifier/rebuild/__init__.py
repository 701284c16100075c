"""Builds a model, builds it again from sources in an empty store, and holds the two against each other."""
