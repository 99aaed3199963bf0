"""Registry sheet: the lines of files about the registry, and the registry that comes of them or all that is wrong."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from ingest.errors import Problem, RegistryRefusedError
from ingest.registry import Registry
from ingest.registry_check import Fault, name_faults
from ingest.registry_rows import (
    ROWS,
    Kind,
    NameFacts,
    Thing,
    everything,
    field_problems,
    kind_of,
    registry_of,
    things_of,
    written,
)
from ingest.sources import NameMapping
from ingest.spelling import meant

Faults = Callable[[Registry, frozenset[tuple[Kind, str]]], Sequence[Fault]]
"""Says what is wrong with a registry as a whole, as `RegistryBook.faults` does."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a file says of one thing.

    Attributes:
        kind: Of the thing.
        id: The thing.
        facts: Its row's fields, or those that are given if it is partial; None: as by default.
        place: Where it stands: from a field to what a person calls that place in the file.
        partial: What it does not say stays as it is.
        is_name: It says what one name of the source `id` means.
    """

    kind: Kind
    id: str
    facts: Mapping[str, Any]
    place: Callable[[str], str]
    partial: bool = False
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """Some files, read.

    Attributes:
        lines: In order.
        problems: What could not even be read, each with the number of lines before it.
        replaces: Kinds of which the files say all: the things they do not name leave the registry.
        replaces_names: The files say every name of every source.
    """

    lines: tuple[Line, ...]
    problems: tuple[tuple[int, Problem], ...] = ()
    replaces: AbstractSet[Kind] = frozenset()
    replaces_names: bool = False

    def adding(self) -> "Sheet":
        """The same that adds and changes, and removes nothing."""
        return replace(self, replaces=frozenset(), replaces_names=False)

    def onto(self, registry: Registry, faults: Faults) -> Registry:
        """The registry with what the files say.

        Args:
            registry: As it is written.
            faults: Checks what comes of it.

        Raises:
            RegistryRefusedError: Says everything that is wrong in all files, in their order.
        """
        return _Taking(self, registry, faults).taken()


@dataclass(slots=True)
class _Taking:
    """One sheet on its way into a registry."""

    sheet: Sheet
    registry: Registry
    faults: Faults
    things: dict[tuple[Kind, str], Thing] = field(default_factory=dict)
    doubtful: set[tuple[Kind, str]] = field(default_factory=set)
    problems: list[tuple[int, Problem]] = field(default_factory=list)
    lines: dict[tuple[Kind, str], tuple[int, Line]] = field(default_factory=dict)

    def taken(self) -> Registry:
        self.problems += self.sheet.problems
        for number, line in enumerate(self.sheet.lines):
            if not line.is_name:
                self._take(number, line)
        kept = [
            thing
            for thing in everything(self.registry)
            if (kind_of(thing), thing.id) not in self.doubtful
            and (kind_of(thing) not in self.sheet.replaces or (kind_of(thing), thing.id) in self.things)
        ]
        made = self._with_names(registry_of((*kept, *self.things.values())))
        for fault in self.faults(made, frozenset(self.doubtful)):
            self._place(fault)
        if self.problems:
            self.problems.sort(key=lambda numbered: numbered[0])
            raise RegistryRefusedError([problem for _, problem in self.problems])
        return made

    def _take(self, number: int, line: Line) -> None:
        key = (line.kind, line.id)
        if key in self.lines:
            self._add(number, line, "id", f"{line.id!r} is there already, at {self.lines[key][1].place('')}")
            return
        self.lines[key] = number, line
        try:
            self.things[key] = ROWS[line.kind].model_validate(self._merged(line)).thing()
        except ValidationError as error:
            self.doubtful.add(key)
            for where, what in field_problems(error, ROWS[line.kind]):
                self._add(number, line, where, what)

    def _merged(self, line: Line) -> dict[str, Any]:
        old = things_of(self.registry, line.kind).get(line.id)
        row = written(old) if old is not None and line.partial else {}
        limits = {**row.get("limits", {}), **(line.facts.get("limits") or {})}
        merged = row | {"id": line.id} | dict(line.facts)
        if limits:
            merged["limits"] = {name: value for name, value in limits.items() if value is not None}
        return {name: value for name, value in merged.items() if value is not None}

    def _with_names(self, registry: Registry) -> Registry:
        lines = [(number, line) for number, line in enumerate(self.sheet.lines) if line.is_name]
        if not lines and not self.sheet.replaces_names:
            return registry
        names: dict[str, dict[tuple[str, str], NameMapping]] = {
            source.id: {} if self.sheet.replaces_names else {(n.address, n.name): n for n in source.names}
            for source in registry.sources.values()
        }
        seen: dict[tuple[str, str, str], Line] = {}
        for number, line in lines:
            mapping = self._name(number, line, names)
            if mapping is None:
                continue
            key = (line.id, mapping.address, mapping.name)
            if key in seen:
                self._add(number, line, "name", f"{mapping.name!r} is there already, at {seen[key].place('')}")
            seen[key] = line
            names[line.id][key[1:]] = mapping
        sources = (replace(source, names=tuple(names[source.id].values())) for source in registry.sources.values())
        return registry_of((*everything(registry), *sources))

    def _name(
        self, number: int, line: Line, names: Mapping[str, Mapping[tuple[str, str], NameMapping]]
    ) -> NameMapping | None:
        """What a line says of a name, or None if something is wrong with it."""
        if line.id not in names:
            if (Kind.SOURCE, line.id) not in self.doubtful:
                self._add(number, line, "source", f"there is no source {line.id!r}{meant(line.id, names)}")
            return None
        key = (line.facts.get("address") or "", line.facts.get("name") or "")
        old = names[line.id].get(key)
        row = {**(_row(old) if old else {}), **line.facts}
        try:
            facts = NameFacts.model_validate({field_: value for field_, value in row.items() if value is not None})
        except ValidationError as error:
            for where, what in field_problems(error, NameFacts):
                self._add(number, line, where, what)
            return None
        mapping = NameMapping(**facts.model_dump())
        faults = list(name_faults(mapping))
        for where, what in faults:
            self._add(number, line, where, what)
        return None if faults else mapping

    def _place(self, fault: Fault) -> None:
        number, line = self.lines.get((fault.kind, fault.id), (len(self.sheet.lines), None))
        if line is not None:
            self._add(number, line, fault.field, fault.problem)
        else:
            self.problems.append((number, Problem(f"{fault.kind} {fault.id!r}, {fault.field}", fault.problem)))

    def _add(self, number: int, line: Line, where: str, what: str) -> None:
        self.problems.append((number, Problem(line.place(where), what)))


def _row(mapping: NameMapping) -> dict[str, Any]:
    return {name: getattr(mapping, name) for name in NameFacts.model_fields}
