"""Detectors: one detector a file."""
