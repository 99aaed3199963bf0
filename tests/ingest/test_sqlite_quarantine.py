"""The embedded quarantine: the contract, and its bounds: number, bytes, age, and what one device may fill."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.quarantine import Query, Refusal
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from ingest.sqlite_refusals import Bounds
from tests.contracts.log import AT_US, digest, refusal
from tests.contracts.quarantine import CHECKS, OpenBoth, stranger

DAY_US = 86_400_000_000


@pytest.fixture
def open_both(tmp_path: Path) -> Iterator[OpenBoth]:
    path = tmp_path / "log.db"
    with ExitStack() as opened:
        yield lambda: (
            opened.enter_context(closing(SqliteLog(path))),
            opened.enter_context(closing(SqliteQuarantine(path))),
        )


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_contract(check: Callable[[OpenBoth], None], open_both: OpenBoth) -> None:
    """The embedded quarantine keeps every promise of the Protocol."""
    check(open_both)

    assert check in CHECKS


def left(path: Path, bounds: Bounds, groups: list[list[Refusal]]) -> list[Refusal]:
    """What is held, oldest first, after these came in."""
    with closing(SqliteLog(path, bounds)) as log, closing(SqliteQuarantine(path)) as quarantine:
        for group in groups:
            log.append([], group)
        return [held.refusal for held in reversed(quarantine.find(Query()))]


def test_the_number_is_bounded(tmp_path: Path) -> None:
    """Of very many refusals the newest stay, are still recognised when they come again, and all have been counted."""
    groups = [[refusal(number) for number in range(start, start + 4)] for start in range(0, 20, 4)]
    path = tmp_path / "log.db"
    kept = left(path, Bounds(messages=5), [*groups, [refusal(19)]])
    with closing(SqliteQuarantine(path)) as quarantine:
        ever = quarantine.refused_ever()

    assert kept == [refusal(number) for number in (15, 16, 17, 18, 19)]
    assert ever == {"not_json": 20}


def test_what_there_is_most_of_gives_way(tmp_path: Path) -> None:
    """Devices that somebody makes up push out one another, not the one message of another kind that came first."""
    flood = [[stranger(n, f"made-up-{n}") for n in range(start, start + 10)] for start in range(0, 100, 10)]
    kept = left(tmp_path / "log.db", Bounds(messages=20), [[refusal(1)], *flood])

    assert kept == [refusal(1), *(stranger(n, f"made-up-{n}") for n in range(81, 100))]


def test_the_bytes_are_bounded(tmp_path: Path) -> None:
    """Large payloads push out what is largest in all, oldest first, and small ones of another reason stay."""
    large = [Refusal("t", bytes(400), "too_large", "It is large.", AT_US + n, digest(n)) for n in range(100, 105)]
    kept = left(tmp_path / "log.db", Bounds(bytes=1_000), [[refusal(1)], large[:3], large[3:]])

    assert kept == [refusal(1), *large[3:]]


def test_the_age_is_bounded(tmp_path: Path) -> None:
    """What came longer ago than the bound says is forgotten, whether or not anything came since."""
    hour_us, path = 3_600_000_000, tmp_path / "log.db"
    left(path, Bounds(), [[refusal(n * hour_us)] for n in range(1, 6)])
    with closing(SqliteQuarantine(path, Bounds(age_us=2 * hour_us))) as quarantine:
        forgotten = quarantine.expire(AT_US + 5 * hour_us)
        kept = [held.refusal for held in quarantine.find(Query())]

    assert forgotten == 2
    assert kept == [refusal(n * hour_us) for n in (5, 4, 3)]


def test_one_device_fills_no_more_than_its_pile(tmp_path: Path) -> None:
    """A device that floods keeps its newest; what another left, and what it left for another reason, stays."""
    other, reason = (
        stranger(1, "other"),
        Refusal("t", b"", "unknown_unit", "s", AT_US, digest(1), "lorawan", "stranger"),
    )
    flood = [[stranger(n) for n in range(start, start + 50)] for start in range(0, 300, 50)]
    kept = left(tmp_path / "log.db", Bounds(a_pile=20), [[other, reason], *flood])

    assert kept == [other, reason, *(stranger(n) for n in range(280, 300))]


def test_the_waiting_list_is_bounded(tmp_path: Path) -> None:
    """Names that are made up leave before a device that speaks again and again."""
    with closing(SqliteLog(tmp_path / "log.db", Bounds(devices=40))) as log:
        log.append([], [stranger(1, "real"), stranger(2, "real")])
        for start in range(0, 200, 10):
            log.append([], [stranger(n, f"made-up-{n}") for n in range(start, start + 10)])
    with closing(SqliteQuarantine(tmp_path / "log.db")) as quarantine:
        waiting = [one.address for one in quarantine.waiting()]

    assert len(waiting) <= 40
    assert waiting[0] == "real"
    assert waiting[-1] == "made-up-199"


PAYLOADS = {
    "a plate under its name": (b'{"after": {"recognized_license_plate": "AB 123 C"', True),
    "a plate in a text": ('{"note": "沪A12345 again"}'.encode(), True),
    "a picture": (b"\xff\xd8\xff\xe0 cut short", True),
    "a reading": (b'{"values": {"pressure_kpa": "high"}}', False),
    "no plate was read": (b'{"recognized_license_plate": null}', False),
}


@pytest.mark.parametrize(("payload", "private"), PAYLOADS.values(), ids=PAYLOADS.keys())
def test_what_shows_whose_car_it_is_goes_sooner(tmp_path: Path, payload: bytes, private: bool) -> None:  # noqa: FBT001
    """After a week a message with a plate or a picture has gone, the others after a month, also over restarts."""
    path = tmp_path / "log.db"
    with closing(SqliteLog(path)) as log:
        log.append([], [replace(refusal(1), payload=payload)])
    gone = []
    for days in (6, 8, 9, 31):
        with closing(SqliteQuarantine(path)) as quarantine:
            gone += [quarantine.expire(AT_US + (days + n) * DAY_US) for n in (0, 0.01)]

    assert gone == ([0, 0, 1, 0, 0, 0, 0, 0] if private else [0, 0, 0, 0, 0, 0, 1, 0])


def test_its_age_is_looked_at_once_it_is_reached(tmp_path: Path) -> None:
    """What comes while the quarantine is open goes a week later, not with what came before it."""
    path, plate = tmp_path / "log.db", '{"plate": "沪A12345"}'.encode()
    with closing(SqliteLog(path)) as log, closing(SqliteQuarantine(path)) as quarantine:
        log.append([], [replace(refusal(1), payload=plate)])
        first = quarantine.expire(AT_US + 3 * DAY_US)
        log.append([], [replace(refusal(2), payload=plate, received_us=AT_US + 3 * DAY_US)])
        gone = [quarantine.expire(AT_US + days * DAY_US) for days in (8, 9, 11)]

    assert [first, *gone] == [0, 1, 0, 1]
