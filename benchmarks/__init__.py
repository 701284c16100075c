"""What the README's figures are printed from: `make bench`. Ratios against a peer, in pairs, in one run."""
