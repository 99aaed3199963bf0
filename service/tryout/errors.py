"""Errors: what makes a recorded table unusable."""

from pathlib import Path

from service.errors import ServiceError


class TryoutError(ServiceError):
    """The base of what `precomplaint try` raises."""


class TableUnusableError(TryoutError):
    """A file is no table that can be read."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        super().__init__(f"{path}: {problem}")


class ColumnMissingError(TryoutError):
    """A mapping names a column that a table does not have."""

    def __init__(self, path: Path, column: str, columns: tuple[str, ...]) -> None:
        self.path, self.column = path, column
        super().__init__(f"{path}: there is no column {column!r}; the table has {', '.join(columns)}")


class NothingUsableError(TryoutError):
    """A table has no time or no signal."""

    def __init__(self, path: Path, problem: str, hint: str) -> None:
        self.path = path
        super().__init__(f"{path}: {problem}; {hint}")


class NotWrittenError(TryoutError):
    """A page or a mapping has no place where it was to go."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        super().__init__(f"{path}: cannot be written: {problem}; name another place for the page with --page")
