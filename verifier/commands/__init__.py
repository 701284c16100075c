"""One module a command of `verifier`: its arguments, and how it is run."""
