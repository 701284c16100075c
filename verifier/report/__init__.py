"""The same rows for different eyes; only files in this folder format for people."""
