"""Writes the bundle. Only the `package` step reads this folder, so that work on it retrains nothing."""
