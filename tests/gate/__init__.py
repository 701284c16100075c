"""The gate: a bundle that is admitted, and all that can be wrong with it and is refused."""
