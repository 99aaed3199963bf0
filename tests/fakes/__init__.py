"""Fakes: what is slow or outside, written once."""
