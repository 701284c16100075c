"""Proofs about a bundle: its weights survive a save, and its own code gives its golden outputs again."""
