"""What a model promises: metrics within tolerance of its last release, resources within limits. Needs no Nix."""
