"""Is this bundle what it claims to be? Builds again, compares every bit, and judges."""
