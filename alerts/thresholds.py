"""Thresholds: the saved versions of every tunable, by scope, and the book that detectors and policies read."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from alerts.database import Database
from alerts.errors import OutOfBoundsError, StaleVersionError, UnknownScopeError
from alerts.tables import THRESHOLD
from ingest.registry import Asset, AssetClass, Registry
from models.thresholds import Tunable, UnknownThresholdError

_Saved = dict[str, dict["Scope", tuple[list[int], list[float]]]]
"""By name and scope: when each version took effect, ascending, and its value."""


_Chain = tuple[tuple["ScopeKind", list[int], list[float]], ...]
"""The scopes that have a value for one name and asset, the narrowest first, each as in `_Saved`."""


class ScopeKind(StrEnum):
    """How far a value reaches; the narrowest that has one wins."""

    DEFAULT = "default"
    SITE = "site"
    ASSET_CLASS = "asset_class"
    ASSET = "asset"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a value holds: a kind and the site's, class's or asset's id (empty for the default)."""

    kind: ScopeKind = ScopeKind.DEFAULT
    id: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants a threshold to be, who it is and why, and the version they saw (None: does not matter)."""

    scope: Scope
    value: float
    who: str
    why: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class ThresholdVersion:
    """One saved value; versions of a name and scope count from 1."""

    name: str
    scope: Scope
    version: int
    value: float
    who: str
    why: str
    effective_us: int


@dataclass(frozen=True, slots=True)
class ThresholdUsed:
    """A number that was in force: its value, and which version of which scope gave it (version 0: what ships)."""

    value: float
    scope: str
    version: int


def check_scope(scope: Scope, registry: Registry) -> None:
    """Nothing, when the registry has what the scope names.

    Raises:
        UnknownScopeError: It has not.
    """
    known: Mapping[ScopeKind, Iterable[str]] = {
        ScopeKind.DEFAULT: ("",),
        ScopeKind.SITE: registry.sites,
        ScopeKind.ASSET_CLASS: tuple(AssetClass),
        ScopeKind.ASSET: registry.assets,
    }
    if scope.id not in known[scope.kind]:
        raise UnknownScopeError(scope.kind, scope.id)


def save(connection: Connection, tunable: Tunable, change: Change, now_us: int) -> ThresholdVersion:
    """Add a version, in force for event times from `now_us` on.

    Raises:
        OutOfBoundsError: The tunable does not allow the value.
        StaleVersionError: Somebody saved another version since `expected_version`.
    """
    if not tunable.low <= change.value <= tunable.high:
        raise OutOfBoundsError(tunable.name, change.value, tunable.low, tunable.high, tunable.unit)
    earlier = versions(connection, tunable.name, change.scope)
    newest = earlier[-1].version if earlier else 0
    if change.expected_version is not None and change.expected_version != newest:
        raise StaleVersionError(change.expected_version, newest)
    # A clock that was set back must not hide the new version behind the old one.
    effective_us = max(now_us, earlier[-1].effective_us if earlier else now_us)
    version = ThresholdVersion(
        tunable.name, change.scope, newest + 1, change.value, change.who, change.why, effective_us
    )
    connection.execute(
        insert(THRESHOLD).values(
            name=version.name,
            scope_kind=version.scope.kind,
            scope_id=version.scope.id,
            version=version.version,
            value=version.value,
            who=version.who,
            why=version.why,
            effective_us=version.effective_us,
        )
    )
    return version


def versions(connection: Connection, name: str | None = None, scope: Scope | None = None) -> list[ThresholdVersion]:
    """Saved versions, oldest first, of one name or scope or of all."""
    query = select(THRESHOLD).order_by(THRESHOLD.c.id)
    if name is not None:
        query = query.where(THRESHOLD.c.name == name)
    if scope is not None:
        query = query.where(THRESHOLD.c.scope_kind == scope.kind, THRESHOLD.c.scope_id == scope.id)
    return [_version(row) for row in connection.execute(query)]


def _version(row: Row[Any]) -> ThresholdVersion:
    return ThresholdVersion(
        row.name,
        Scope(ScopeKind(row.scope_kind), row.scope_id),
        row.version,
        row.value,
        row.who,
        row.why,
        row.effective_us,
    )


@dataclass(frozen=True, slots=True)
class _InForce:
    """The values of `tunables` for one asset in [from_us, until_us)."""

    tunables: tuple[Tunable, ...]
    from_us: float
    until_us: float
    values: Mapping[str, float]


class VersionedThresholds:
    """The book made of some versions over the tunables' defaults. See `models.thresholds.ThresholdBook`."""

    def __init__(self, tunables: Iterable[Tunable], saved: Iterable[ThresholdVersion]) -> None:
        self._defaults = {t.name: t.default for t in tunables}
        self._saved: _Saved = {}
        self._chains: dict[tuple[str, str], _Chain] = {}
        self._in_force: dict[tuple[int, str], _InForce] = {}
        self._alike: dict[tuple[tuple[str, float], ...], dict[str, float]] = {}
        self._take(saved)

    def value(self, name: str, asset: Asset, at_us: int) -> float:
        """The value in force for this asset at this event time; see `ThresholdBook.value`."""
        if name in self._saved:
            for _, times, values in self._chain(name, asset):
                index = bisect_right(times, at_us)
                if index:
                    return values[index - 1]
        try:
            return self._defaults[name]
        except KeyError as error:
            raise UnknownThresholdError(name) from error

    def values(self, tunables: tuple[Tunable, ...], asset: Asset, at_us: int) -> Mapping[str, float]:
        """The values of several by name; see `ThresholdBook.values`."""
        held = self._in_force.get((id(tunables), asset.id))
        if held is None or not held.from_us <= at_us < held.until_us:
            held = self._in_force[id(tunables), asset.id] = self._hold(tunables, asset, at_us)
        return held.values

    def used(self, name: str, asset: Asset, at_us: int) -> ThresholdUsed:
        """The same with the version it comes from.

        Raises:
            UnknownThresholdError: No detector or policy declares this name.
        """
        for kind, times, values in self._chain(name, asset):
            index = bisect_right(times, at_us)
            if index:
                return ThresholdUsed(values[index - 1], kind, index)
        if name not in self._defaults:
            raise UnknownThresholdError(name)
        return ThresholdUsed(self._defaults[name], ScopeKind.DEFAULT, 0)

    def _take(self, saved: Iterable[ThresholdVersion]) -> None:
        fresh: _Saved = {}
        for version in saved:
            times, values = fresh.setdefault(version.name, {}).setdefault(version.scope, ([], []))
            times.append(version.effective_us)
            values.append(version.value)
        self._saved = fresh
        self._chains.clear()
        self._in_force.clear()
        self._alike.clear()

    def _hold(self, tunables: tuple[Tunable, ...], asset: Asset, at_us: int) -> _InForce:
        """Look values up, and between which versions of any of them they hold."""
        chains = (self._chain(t.name, asset) for t in tunables if t.name in self._saved)
        times = [time for chain in chains for _, times, _ in chain for time in times]
        from_us = max((time for time in times if time <= at_us), default=-math.inf)
        until_us = min((time for time in times if time > at_us), default=math.inf)
        values = {t.name: self.value(t.name, asset, at_us) for t in tunables}
        # Most assets have the same; ten thousand of them share one dict.
        return _InForce(tunables, from_us, until_us, self._alike.setdefault(tuple(values.items()), values))

    def _chain(self, name: str, asset: Asset) -> "_Chain":
        """What was saved for an asset, the narrowest scope first; looked up once, for detectors ask all the time."""
        chain = self._chains.get((name, asset.id))
        if chain is None:
            saved = self._saved.get(name, {})
            chain = tuple((scope.kind, *saved[scope]) for scope in scopes_of(asset) if scope in saved)
            self._chains[name, asset.id] = chain
        return chain


class SavedThresholds(VersionedThresholds):
    """The book in force in the database.

    Reading a value touches no database; `refresh` looks whether somebody saved a version since (one query of the
    newest row id) and is called by whoever works with the book before each piece of work.
    """

    def __init__(self, database: Database, tunables: Iterable[Tunable]) -> None:
        super().__init__(tunables, ())
        self._database = database
        self._newest = 0
        self.refresh()

    def refresh(self) -> bool:
        """Take up what was saved since; whether there was anything."""
        with self._database.read() as connection:
            newest = connection.execute(select(func.max(THRESHOLD.c.id))).scalar() or 0
            if newest == self._newest:
                return False
            self._take(versions(connection))
        self._newest = newest
        return True


def scopes_of(asset: Asset) -> tuple[Scope, ...]:
    """The scopes an asset lies in, the narrowest first."""
    return (
        Scope(ScopeKind.ASSET, asset.id),
        Scope(ScopeKind.ASSET_CLASS, asset.asset_class),
        Scope(ScopeKind.SITE, asset.site),
        Scope(),
    )
