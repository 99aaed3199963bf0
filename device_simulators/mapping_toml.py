"""Mapping TOML: a mapping, and the registry in it, as a file that a person can read and mend."""

from collections.abc import Iterator, Mapping
from typing import Any

from device_simulators.mapping import ColumnMapping

_TABLES = ("site", "asset", "device")


def registry_toml(mapping: ColumnMapping) -> str:
    """The registry of what a mapping names, in the shape of `ingest.registry_file`, so that a service can know it."""
    return "\n".join(
        line for name in _TABLES for table in getattr(mapping, name) for line in _table(f"[[{name}]]", table)
    )


def mapping_toml(mapping: ColumnMapping) -> str:
    """A mapping as `load_mapping` reads it."""
    said = mapping.model_dump(exclude_defaults=True)
    top = {key: said[key] for key in ("delimiter", "decimal", "missing", "labels", "by") if key in said}
    lines = [*(f"{key} = {_value(value)}" for key, value in top.items()), *([""] if top else [])]
    for name in ("time", "long"):
        if name in said:
            lines += _table(f"[{name}]", said[name])
    for column in mapping.column:
        lines += _table("[[column]]", column.model_dump(exclude_defaults=True))
    return "\n".join(lines) + "\n" + registry_toml(mapping)


def _table(head: str, table: Mapping[str, Any]) -> Iterator[str]:
    yield head
    yield from (f"{key} = {_value(value)}" for key, value in table.items())
    yield ""


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case dict():
            return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(_value(item) for item in value) + "]"
        case _:
            escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            return f'"{escaped}"'
