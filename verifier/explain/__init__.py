"""Says what moved between two trees: step, file, place inside the file, training step, and a probable cause."""
