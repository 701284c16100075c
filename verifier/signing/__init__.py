"""Who says so: signatures and statements about a bundle, made and held against it. Needs no Nix and no network."""
