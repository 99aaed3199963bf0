"""Registry edit: a registry with things put in or taken out, and what differs between two."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ingest.asset_types import sealed
from ingest.errors import NotInRegistryError, StillReferredToError
from ingest.registry import Registry
from ingest.registry_rows import Kind, Thing, everything, kind_of, registry_of, things_of, written
from ingest.sources import NameMapping, Source
from ingest.spelling import meant

Edit = Callable[[Registry], Registry]
"""What somebody wants done: the registry as it is written, and what it is to become."""

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same in two registries.

    Attributes:
        kind: Of the thing.
        id: The thing.
        before: Its row, or None if it was not there.
        after: Its row, or None if it is gone.
    """

    kind: Kind
    id: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def act(self) -> str:
        """`added`, `changed` or `removed`."""
        if self.before is None:
            return "added"
        return "changed" if self.after is not None else "removed"

    @property
    def fields(self) -> tuple[str, ...]:
        """Which fields changed; of a thing that came or left, none."""
        if self.before is None or self.after is None:
            return ()
        keys = [*self.before, *(key for key in self.after if key not in self.before)]
        return tuple(key for key in keys if self.before.get(key) != self.after.get(key))


def differences(before: Registry, after: Registry) -> tuple[Difference, ...]:
    """What differs between two registries as they are written."""
    found: list[Difference] = []
    for kind in Kind:
        old, new = things_of(before, kind), things_of(after, kind)
        found += [
            Difference(kind, key, _row(old.get(key)), _row(new.get(key)))
            for key in (*old, *(key for key in new if key not in old))
            if old.get(key) != new.get(key)
        ]
    return tuple(found)


def with_things(registry: Registry, things: Iterable[Thing]) -> Registry:
    """The registry with these things put in, in place of those with the same id."""
    return registry_of((*everything(registry), *things))


def with_name(registry: Registry, source: str, mapping: NameMapping) -> Registry:
    """The registry in which a name of a source means this.

    Raises:
        NotInRegistryError: There is no such source.
    """
    found = _source(registry, source)
    names = {(name.address, name.name): name for name in found.names} | {(mapping.address, mapping.name): mapping}
    return with_things(registry, [replace(found, names=tuple(names.values()))])


def without_name(registry: Registry, source: str, name: str, address: str = "") -> Registry:
    """The registry in which a name of a source means nothing any more.

    Raises:
        NotInRegistryError: There is no such source, or it has no such name.
    """
    found = _source(registry, source)
    left = tuple(one for one in found.names if (one.address, one.name) != (address, name))
    if len(left) == len(found.names):
        raise NotInRegistryError(f"name of source {source!r} called", name, meant(name, (n.name for n in found.names)))
    return with_things(registry, [replace(found, names=left)])


def without(registry: Registry, kind: Kind, wanted: str) -> Registry:
    """The registry without one thing.

    Raises:
        NotInRegistryError: It is not there.
        StillReferredToError: Other things name it; says which.
    """
    known = things_of(registry, kind)
    if wanted not in known:
        raise NotInRegistryError(kind, wanted, meant(wanted, known))
    by = list(named_by(registry, kind, wanted))
    if by:
        shown = by[:_SHOWN] + ([f"{len(by) - _SHOWN} more"] if len(by) > _SHOWN else [])
        raise StillReferredToError(kind, wanted, shown)
    return registry_of(thing for thing in everything(registry) if (kind_of(thing), thing.id) != (kind, wanted))


def with_sealed_permits(registry: Registry, seal: Callable[[str], str]) -> Registry:
    """The registry in which no number plate of a permit can be read; see `asset_types.sealed`."""
    found = (asset for asset in registry.assets.values() if isinstance(asset.limits.get("permits"), str))
    limits = {asset.id: {**asset.limits, "permits": sealed(str(asset.limits["permits"]), seal)} for asset in found}
    return with_things(registry, [replace(registry.assets[one], limits=said) for one, said in limits.items()])


def named_by(registry: Registry, kind: Kind, wanted: str) -> Iterator[str]:
    """What names a thing, each as `device 'riser-1-pressure'`."""
    for thing in everything(registry):
        named = {
            Kind.SITE: (getattr(thing, "site", ""),),
            Kind.ASSET: (*getattr(thing, "assets", ()), *getattr(thing, "neighbours", ())),
            Kind.SOURCE: (getattr(thing, "source", ""),),
            Kind.DEVICE: (),
        }[kind]
        if wanted in named:
            yield f"{kind_of(thing)} {thing.id!r}"


def _source(registry: Registry, source: str) -> Source:
    if source not in registry.sources:
        raise NotInRegistryError(Kind.SOURCE, source, meant(source, registry.sources))
    return registry.sources[source]


def _row(thing: Thing | None) -> Mapping[str, Any] | None:
    return None if thing is None else written(thing)
