"""What is demanded before a model is deployed: policy.yaml."""
