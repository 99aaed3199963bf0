"""Registry file: the registry as a person or a repository keeps it, in TOML; README shows the shape."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from ingest.errors import RegistryFileError
from ingest.registry import Registry
from ingest.registry_check import Check, Formats, inherited
from ingest.registry_rows import Kind, everything, kind_of, written
from ingest.registry_sheet import Line, Sheet

_KINDS = tuple(str(kind) for kind in Kind)


def load_registry(path: str | Path, formats: Formats | None = None) -> Registry:
    """The registry a TOML file describes, checked as a whole.

    Args:
        path: The file.
        formats: The known wire formats; without them no source's format is checked.

    Raises:
        RegistryFileError: It cannot be read or is not TOML.
        RegistryRefusedError: It misses or misspells a key, or names an id twice or one that does not exist; says
            every such file, table and key.
    """
    return _alone(read_toml(path), formats)


def registry_of_tables(name: str, tables: Mapping[str, Any], formats: Formats | None = None) -> Registry:
    """The registry that tables describe which somebody holds already, checked as a whole; see `load_registry`."""
    return _alone(sheet_of(name, tables), formats)


def _alone(sheet: Sheet, formats: Formats | None) -> Registry:
    empty = Registry({}, {}, {})
    return inherited(sheet.onto(empty, lambda made, doubtful: Check(formats, doubtful).faults(made)))


def read_toml(path: str | Path) -> Sheet:
    """The lines of a registry file; see `parse_toml`.

    Raises:
        RegistryFileError: It cannot be read, is not TOML, or is no registry.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise RegistryFileError(str(path), "", f"cannot be read: {error.strerror}") from error
    return parse_toml(str(path), content)


def parse_toml(name: str, content: bytes) -> Sheet:
    """The lines of a registry file, which says the whole registry.

    Args:
        name: The file's, for errors.
        content: Its bytes.

    Raises:
        RegistryFileError: It is not TOML, or no registry.
    """
    try:
        tables = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RegistryFileError(name, "", f"is not TOML: {error}") from error
    return sheet_of(name, tables)


def sheet_of(name: str, tables: Mapping[str, Any]) -> Sheet:
    """The lines of a registry whose tables somebody holds already.

    Args:
        name: Where they come from, for errors.
        tables: By kind, each a list of tables as a file has them.

    Raises:
        RegistryFileError: They are no registry.
    """
    _check_shape(name, tables)
    lines = [_line(name, kind, number, table) for kind in Kind for number, table in enumerate(tables.get(kind, ()), 1)]
    # A file from before there were sources names none: what is listened to by default stays.
    kinds = frozenset(Kind) if Kind.SOURCE in tables else frozenset(Kind) - {Kind.SOURCE}
    return Sheet(tuple(lines), replaces=kinds)


def digest(path: str | Path) -> str:
    """What tells one content of a registry file from another."""
    return sha256(Path(path).read_bytes()).hexdigest()


def toml_of(registry: Registry) -> str:
    """A registry as it is written, as a registry file."""
    blocks = [
        "\n".join([f"[[{kind_of(thing)}]]", *_pairs(written(thing)), *_tables(written(thing))])
        for thing in everything(registry)
    ]
    return "\n\n".join(blocks) + "\n"


def _check_shape(name: str, content: Mapping[str, Any]) -> None:
    for key, value in content.items():
        if key not in _KINDS:
            raise RegistryFileError(name, key, f"there is no such key; a registry has {', '.join(_KINDS)}")
        if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
            raise RegistryFileError(name, key, f"must be tables, each under a line [[{key}]]")
    if not content.get(Kind.SITE):
        raise RegistryFileError(name, Kind.SITE, "is missing: a registry has at least one [[site]]")


def _line(path: str, kind: Kind, number: int, table: Mapping[str, Any]) -> Line:
    named = table.get("id")
    place = partial(_place, path, f"[[{kind}]]" + (f" {named!r}" if named else ""), number)
    facts = {key: value for key, value in table.items() if key != "id"}
    if not isinstance(named, str):
        # Validation says what is wrong with the id; until then the line needs a name that no other has.
        return Line(kind, f"\0{number}", {**facts, "id": named}, place)
    return Line(kind, named, facts, place)


def _place(path: str, table: str, number: int, field: str) -> str:
    # Where it is about the id, the id does not say which table is meant.
    which = f"{table} (number {number})" if field in {"", "id"} or "'" not in table else table
    return f"{path}: {which}, {field}" if field else f"{path}: {which}"


def _pairs(row: Mapping[str, Any]) -> Iterator[str]:
    for key, value in row.items():
        if key != "names":
            yield f"{key} = {_toml(value)}"


def _tables(row: Mapping[str, Any]) -> Iterator[str]:
    for name in row.get("names", ()):
        yield "\n".join(["", "[[source.names]]", *_pairs(name | {"name": name["name"]})])


def _toml(value: object) -> str:
    match value:
        case dict():
            return f"{{ {', '.join(f'{_key(key)} = {_toml(one)}' for key, one in value.items())} }}"
        case list():
            return f"[{', '.join(map(_toml, value))}]"
        case str():
            # TOML's basic strings are JSON's, but for the delete character, which no row can hold.
            return json.dumps(value, ensure_ascii=False)
        case float() if value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004 -- exact
            return str(int(value))
    return repr(value)


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "").replace("-", "").isalnum() else _toml(key)
