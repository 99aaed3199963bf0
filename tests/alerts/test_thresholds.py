"""Thresholds: versions, scopes, bounds, and the moment from which they count."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import thresholds
from alerts.database import Database
from alerts.errors import OutOfBoundsError, StaleVersionError, UnknownScopeError
from alerts.policy.modes import MODES, policy_tunables
from alerts.thresholds import (
    Change,
    SavedThresholds,
    Scope,
    ScopeKind,
    ThresholdUsed,
    ThresholdVersion,
    VersionedThresholds,
    check_scope,
)
from ingest.registry import Asset
from models.thresholds import UnknownThresholdError
from tests.alerts.seeding import NOW_US, RISER, RISER_NEXT, SITE, community

REGISTRY = community()
ASSET, OTHER = REGISTRY.assets[RISER], REGISTRY.assets[RISER_NEXT]
TUNABLE = MODES["pipe.burst"].raise_at
SCOPES = (
    Scope(),
    Scope(ScopeKind.SITE, SITE),
    Scope(ScopeKind.ASSET_CLASS, "riser"),
    Scope(ScopeKind.ASSET, RISER),
)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "main.db")


def save(database: Database, value: float, scope: Scope = SCOPES[0], at_us: int = NOW_US, **more: int) -> None:
    with database.write() as connection:
        thresholds.save(connection, TUNABLE, Change(scope, value, "李工", "noisy riser", **more), at_us)


@given(st.lists(st.tuples(st.sampled_from(SCOPES), st.floats(0.1, 0.9), st.integers(0, 5)), max_size=12))
def test_the_narrowest_scope_and_its_newest_version_win(saved: list[tuple[Scope, float, int]]) -> None:
    """At any moment the value is the last one saved by then in the narrowest scope that has one, else the default."""
    saved.sort(key=lambda s: s[2])
    versions = [
        ThresholdVersion(TUNABLE.name, scope, 1, value, "", "", NOW_US + after) for scope, value, after in saved
    ]
    book = VersionedThresholds([TUNABLE], versions)

    for after in range(6):
        by_scope = {v.scope: v.value for v in versions if v.effective_us <= NOW_US + after}
        expected = next((by_scope[s] for s in reversed(SCOPES) if s in by_scope), TUNABLE.default)
        assert book.value(TUNABLE.name, ASSET, NOW_US + after) == expected


@given(
    st.lists(st.tuples(st.sampled_from(SCOPES), st.floats(0.1, 0.9), st.integers(0, 5)), max_size=12),
    st.lists(st.tuples(st.sampled_from([ASSET, OTHER]), st.integers(-1, 6)), min_size=1, max_size=20),
)
def test_what_is_remembered_is_what_holds(
    saved: list[tuple[Scope, float, int]], asked: list[tuple[Asset, int]]
) -> None:
    """Several values at once are those one by one, whichever assets and moments were asked about before."""
    saved.sort(key=lambda s: s[2])
    several = (MODES["pump.bearing"].raise_at, TUNABLE)
    versions = [
        ThresholdVersion(TUNABLE.name, scope, 1, value, "", "", NOW_US + after) for scope, value, after in saved
    ]
    book = VersionedThresholds(several, versions)

    for asset, after in asked:
        expected = {t.name: book.value(t.name, asset, NOW_US + after) for t in several}
        assert book.values(several, asset, NOW_US + after) == expected


def test_a_version_counts_from_its_moment_on(database: Database) -> None:
    """A replay of the time before sees the value of before, and evidence can name the version."""
    save(database, 0.4)
    save(database, 0.5, at_us=NOW_US + 10)
    book = SavedThresholds(database, policy_tunables())

    assert [book.value(TUNABLE.name, ASSET, NOW_US + t) for t in (-1, 0, 9, 10)] == [0.3, 0.4, 0.4, 0.5]
    assert book.used(TUNABLE.name, ASSET, NOW_US + 10) == ThresholdUsed(0.5, "default", 2)
    assert book.used(TUNABLE.name, ASSET, NOW_US - 1) == ThresholdUsed(0.3, "default", 0)


def test_a_narrow_scope_reaches_no_other_asset(database: Database) -> None:
    """What is turned for one asset stays with it."""
    save(database, 0.4, SCOPES[3])
    book = SavedThresholds(database, policy_tunables())

    assert (book.value(TUNABLE.name, ASSET, NOW_US), book.value(TUNABLE.name, OTHER, NOW_US)) == (0.4, 0.3)


def test_a_book_takes_up_what_another_process_saved(database: Database, tmp_path: Path) -> None:
    """A book made before sees the new version after its next refresh, and a refresh without news says so."""
    book = SavedThresholds(database, policy_tunables())
    alone = (TUNABLE,)
    before = book.values(alone, ASSET, NOW_US)
    save(Database(tmp_path / "main.db"), 0.4)

    assert (book.refresh(), book.value(TUNABLE.name, ASSET, NOW_US), book.refresh()) == (True, 0.4, False)
    assert [before, book.values(alone, ASSET, NOW_US)] == [{TUNABLE.name: TUNABLE.default}, {TUNABLE.name: 0.4}]


@pytest.mark.parametrize("value", [0.0, 1.01, float("nan"), float("inf")])
def test_values_out_of_bounds_are_refused(database: Database, value: float) -> None:
    """The refusal says the bounds."""
    with pytest.raises(OutOfBoundsError, match=r"from 0\.01 to 1"):
        save(database, value)


def test_who_saw_an_older_version_is_refused(database: Database) -> None:
    """Two people turning the same threshold do not overwrite each other unseen."""
    save(database, 0.4, expected_version=0)

    with pytest.raises(StaleVersionError, match="version 0 was expected, it is at version 1"):
        save(database, 0.5, expected_version=0)


def test_a_clock_set_back_hides_no_version(database: Database) -> None:
    """A version saved later takes effect no earlier than the one before."""
    save(database, 0.4, at_us=NOW_US)
    save(database, 0.5, at_us=NOW_US - 100)

    assert SavedThresholds(database, policy_tunables()).value(TUNABLE.name, ASSET, NOW_US) == 0.5


@pytest.mark.parametrize(
    "scope", [Scope(ScopeKind.ASSET, "nobody"), Scope(ScopeKind.SITE, ""), Scope(ScopeKind.DEFAULT, "x")]
)
def test_a_scope_must_exist(scope: Scope) -> None:
    """A scope that names nothing in the registry is refused."""
    with pytest.raises(UnknownScopeError):
        check_scope(scope, REGISTRY)


def test_an_undeclared_name_is_an_error() -> None:
    """A name nobody declares has no value."""
    with pytest.raises(UnknownThresholdError, match=r"pipe\.burst\.nothing"):
        VersionedThresholds([TUNABLE], ()).value("pipe.burst.nothing", ASSET, NOW_US)
