"""What asset.multivariate is made of."""
