"""What trends and baselines share."""
