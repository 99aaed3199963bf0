"""Errors: what keeps a protocol from being measured."""

from pathlib import Path

from models.errors import ModelError


class DataMissingError(ModelError):
    """A data set is not where it should be."""

    def __init__(self, folder: Path, what: str) -> None:
        self.folder = folder
        super().__init__(f"{folder}: {what} is missing; give the folder that holds the public data with --data")
