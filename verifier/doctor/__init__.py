"""What this machine can check: each part is looked at by itself, and what it lacks has a remedy."""
