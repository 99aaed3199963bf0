"""Formats: one wire format a file."""
