"""Errors: what can go wrong in models that its caller must handle."""


class ModelError(Exception):
    """The base of every error this room raises."""
