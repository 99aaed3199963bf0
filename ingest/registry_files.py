"""Registry files: tables or a registry file as they came, by upload or by name, read into one sheet."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import PurePath

from ingest.errors import Problem, RegistryRefusedError
from ingest.registry_csv import CsvFile, read_csv
from ingest.registry_file import parse_toml
from ingest.registry_sheet import Sheet


def sheet_of(files: Sequence[CsvFile]) -> tuple[Sheet, str | None]:
    """What some files say, and the digest of the registry file if it is one.

    Args:
        files: Tables in CSV, or one registry file in TOML.

    Raises:
        RegistryRefusedError: They cannot be read; says of every file why.
    """
    tomls = [file for file in files if PurePath(file.name).suffix.lower() == ".toml"]
    if not tomls:
        return read_csv(files), None
    if len(files) > 1:
        raise RegistryRefusedError([Problem(tomls[0].name, "a registry file says all: import it alone")])
    return parse_toml(tomls[0].name, tomls[0].content), sha256(tomls[0].content).hexdigest()
