"""Stores: one time-series store a file."""
