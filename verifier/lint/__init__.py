"""What can be said of files that people write without building: contracts, parameters, policies, locks."""
