"""Surroundings: weather and what it does to a site."""
