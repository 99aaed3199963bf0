"""What asset.deviation is made of."""
