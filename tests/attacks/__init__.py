"""A corpus of attacks on `verifier verify`: signed bundles, each spoilt in one way, and why it is refused."""
