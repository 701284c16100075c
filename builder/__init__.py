"""How any model is built: locks, sources, toolchains and the four steps. Knows no model by name."""
