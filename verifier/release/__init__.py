"""Releases: checked builds of a model, recorded as files in git."""
