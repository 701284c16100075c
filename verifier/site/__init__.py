"""What the pages of a site are drawn from: verdicts, releases, ledger, bundles and policy, read together."""
