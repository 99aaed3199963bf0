"""Ingest: from bytes on a topic to a durable batch."""
