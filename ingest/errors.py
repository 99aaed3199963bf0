"""Errors: what can go wrong in ingest that its caller must handle."""


class IngestError(Exception):
    """The base of every error this room raises."""
