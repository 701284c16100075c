"""The gate before deploy: holds a bundle and all that is said of it against a policy."""
