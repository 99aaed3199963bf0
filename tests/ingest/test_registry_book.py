"""Registry book: every change is whole, signed and kept, and whoever reads notices it."""

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given, settings

from ingest.errors import (
    NotInRegistryError,
    RegistryMovedOnError,
    RegistryRefusedError,
    RegistryUnavailableError,
    StillReferredToError,
)
from ingest.plates import PlateSeal
from ingest.registry import Asset, AssetClass, Device, Registry, Text
from ingest.registry_book import RegistryBook
from ingest.registry_check import inherited
from ingest.registry_edit import with_name, with_things, without, without_name
from ingest.registry_rows import Kind
from ingest.registry_tables import METADATA
from ingest.sources import DEFAULT_SOURCES, NameMapping, Source
from ingest.units import CONVERSIONS
from tests.ingest.registries import SIGNED, book_of, registries, sample

ADDS = """
import sys
from pathlib import Path
from ingest.registry_book import RegistryBook
from ingest.registry_edit import with_things
from ingest.registry_rows import SiteRow
from tests.ingest.registries import SIGNED
book = RegistryBook(Path(sys.argv[1]))
for number in range(10):
    site = SiteRow(id=f"{sys.argv[2]}-{number}", name_zh="x", name_en="x").thing()
    book.change(lambda registry: with_things(registry, [site]), SIGNED)
"""


def pump(i: str, **limits: float | str) -> Asset:
    return Asset(i, "west", AssetClass.PUMP, Text("泵", "pump"), limits)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file in which nothing was written yet, for who needs many."""
    path = tmp_path_factory.mktemp("empty") / "registry.db"
    RegistryBook(path).close()
    return path


@settings(max_examples=25)
@given(registry=registries())
def test_what_is_put_in_comes_out(empty: Path, registry: Registry) -> None:
    """A book opened anew gives back exactly the registry that was written, with the time zones of the sites."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(empty, folder)
        book_of(Path(folder), registry).close()
        again = RegistryBook(Path(folder) / "registry.db")
        written, current = again.as_written(), again.current()
        again.close()

    assert written == registry
    assert current == inherited(registry)


def test_the_migrations_make_exactly_the_tables(tmp_path: Path) -> None:
    """A file made by the migrations differs in nothing from the tables the code knows."""
    book = book_of(tmp_path)

    with book._database.read() as connection:  # noqa: SLF001 -- nothing else shows its tables
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    book.close()


def test_a_file_that_is_up_to_date_is_opened_without_alembic(tmp_path: Path) -> None:
    """A process that finds its tables as they should be does not load what makes them."""
    book_of(tmp_path).close()
    opens = "import sys; from pathlib import Path; from ingest.registry_book import RegistryBook; "
    opens += "RegistryBook(Path(sys.argv[1])).current(); print('alembic' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", opens, str(tmp_path / "registry.db")], capture_output=True, text=True, check=True
    )

    assert said.stdout == "False\n"


def test_the_same_object_comes_until_something_changes(tmp_path: Path) -> None:
    """Asking costs nothing while nothing changes, and another process's change is seen at the next asking."""
    book, other = book_of(tmp_path), RegistryBook(tmp_path / "registry.db")
    first = book.current()
    same = book.current()
    other.change(lambda registry: with_things(registry, [pump("pump-2")]), SIGNED)

    assert same is first
    assert set(book.current().assets) - set(first.assets) == {"pump-2"}
    book.close()
    other.close()


def test_a_new_book_listens_to_the_default_sources(tmp_path: Path) -> None:
    """The first source that is added silences none of them."""
    book = RegistryBook(tmp_path / "registry.db")
    before = set(book.current().sources)
    book.change(lambda registry: with_things(registry, [Source("tb", "thingsboard")]), SIGNED)

    assert before == {source.id for source in DEFAULT_SOURCES}
    assert set(book.current().sources) == before | {"tb"}
    book.close()


def test_processes_that_edit_together_lose_nothing(tmp_path: Path) -> None:
    """Three processes that open a new file at once and add ten sites each make thirty versions."""
    path = tmp_path / "registry.db"
    children = [subprocess.Popen([sys.executable, "-c", ADDS, str(path), name], cwd=Path.cwd()) for name in "abc"]
    exits = [child.wait(timeout=120) for child in children]
    book = RegistryBook(path)

    assert exits == [0, 0, 0]
    assert (book.version(), len(book.current().sites)) == (30, 30)
    assert [change.version for change in book.changes(limit=100)] == list(range(30, 0, -1))
    book.close()


def test_threads_read_while_others_write(tmp_path: Path) -> None:
    """Every registry that a reader sees is whole: the device is never there without its asset."""
    book = book_of(tmp_path)
    torn: list[Registry] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            registry = book.current()
            torn.extend(registry for d in registry.devices.values() if not set(d.assets) <= set(registry.assets))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(20):
        things = pump(f"p{number}"), Device(f"d{number}", "west", (f"p{number}",))
        book.change(lambda registry, things=things: with_things(registry, things), SIGNED)
    done.set()
    for reader in readers:
        reader.join()

    assert torn == []
    assert book.version() == 21
    book.close()


def test_history_says_who_what_when_and_why(tmp_path: Path) -> None:
    """Each version has its signature and what differs, before and after; pages go on where they ended."""
    book = book_of(tmp_path)
    book.change(lambda r: with_things(r, [pump("pump-1", power_kw=11.0)]), replace(SIGNED, who="王", why="new motor"))
    book.change(lambda r: without(r, Kind.DEVICE, "riser-1-pressure"), replace(SIGNED, at_us=7))
    newest, second = book.changes(limit=2)
    rest = book.changes(before=second.version)

    assert [(d.act, d.kind, d.id) for d in newest.differences] == [("removed", "device", "riser-1-pressure")]
    assert (newest.signed.at_us, second.signed.who, second.signed.why) == (7, "王", "new motor")
    assert [(d.act, d.fields) for d in second.differences] == [("changed", ("place_zh", "place_en", "limits"))]
    assert second.differences[0].before is not None
    assert second.differences[0].before["limits"] == {"power_kw": 7.5, "duty": "steady"}
    assert [change.version for change in rest] == [1]
    book.close()


@pytest.mark.parametrize("table", ["change", "difference"])
def test_history_is_never_rewritten(tmp_path: Path, table: str) -> None:
    """The file itself refuses to change or remove a line of history."""
    book_of(tmp_path).close()
    with sqlite3.connect(tmp_path / "registry.db") as connection:
        for statement in ("UPDATE {} SET version = 9", "DELETE FROM {}"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement.format(table))
    connection.close()


def test_what_is_not_sound_is_not_taken(tmp_path: Path) -> None:
    """Everything that is wrong is said, each with the thing and the field, and the version stays."""
    book = book_of(tmp_path)
    wrong = (
        pump("pump-2", power_kv=1.0, power_kw=-1.0),
        replace(sample().assets["riser-1"], neighbours=("pump-1", "riser-1")),
        Device("d", "east", ("riser-3",), source="gatway", address="PUMP/1"),
        Device("e", "west", ("pump-1",), source="gateway", address="PUMP/1"),
        Source(
            "s",
            "senml",
            ("a/#/b", "$share/g/a"),
            names=(NameMapping("p", "presure_kpa"), NameMapping("q", "pressure_kpa", "A")),
        ),
    )
    with pytest.raises(RegistryRefusedError) as refused:
        book.change(lambda registry: with_things(registry, wrong), SIGNED)

    units = ", ".join(CONVERSIONS["kPa"])

    assert str(refused.value).splitlines() == [
        "asset 'riser-1', neighbours: 'pump-1' is not a riser of the same site",
        "asset 'riser-1', neighbours: there is no other asset 'riser-1'; did you mean 'riser-2'?",
        "asset 'pump-2', limits.power_kv: is nothing that can be said of a pump; did you mean 'power_kw'?",
        "asset 'pump-2', limits.power_kw: is -1; it must be from 0.01 to 10000 kW",
        "device 'd', site: there is no site 'east'; did you mean 'west'?",
        "device 'd', source: there is no source 'gatway'; did you mean 'gateway'?",
        "device 'd', assets: there is no asset 'riser-3'; did you mean 'riser-2'?",
        "device 'e', address: 'PUMP/1' is what device 'pump-1-monitor' of the same source calls itself already",
        "source 's', filters: 'a/#/b' is no topic filter: '#' can only be the last level",
        "source 's', filters: '$share/g/a' is shared: the settings name the group (share), for every source",
        "source 's', names.metric: 'p': there is no metric 'presure_kpa'; did you mean 'pressure_kpa'?",
        f"source 's', names.unit: 'q': pressure_kpa cannot be had from 'A'; it can come in {units}",
    ]
    assert (book.version(), book.as_written()) == (1, sample())
    book.close()


def test_formats_are_checked_by_the_table_that_is_handed_in(tmp_path: Path) -> None:
    """An unknown format is named with the known ones; one that cannot be made of the source says why."""

    def picky(source: Source, _: None) -> object:
        raise ValueError(f"option 'key' of {source.id} is missing")

    book = RegistryBook(tmp_path / "registry.db", {"senml": lambda source, _: source, "picky": picky})
    with pytest.raises(RegistryRefusedError) as refused:
        book.change(lambda r: with_things(r, [Source("a", "senlm"), Source("b", "picky")]), SIGNED)

    assert "source 'a', format: 'senlm' is none of picky, senml; did you mean 'senml'?" in str(refused.value)
    assert "source 'b', options: option 'key' of b is missing" in str(refused.value)
    book.close()


def test_what_others_name_cannot_leave(tmp_path: Path) -> None:
    """The refusal says who names it; what is not there is named with what is."""
    book = book_of(tmp_path)
    with pytest.raises(StillReferredToError, match="asset 'riser-2' is named by asset 'riser-1'"):
        book.change(lambda r: without(r, Kind.ASSET, "riser-2"), SIGNED)
    with pytest.raises(StillReferredToError, match="source 'gateway' is named by device 'pump-1-monitor'"):
        book.change(lambda r: without(r, Kind.SOURCE, "gateway"), SIGNED)
    with pytest.raises(NotInRegistryError, match=r"there is no asset 'riser-3'; did you mean 'riser-2'\?"):
        book.change(lambda r: without(r, Kind.ASSET, "riser-3"), SIGNED)

    assert book.version() == 1
    book.close()


def test_names_come_and_go(tmp_path: Path) -> None:
    """A name is kept by source, address and name; a new meaning takes the place of the old one."""
    book = book_of(tmp_path)
    meaning = NameMapping("Pressure", "pressure_kpa", "kPa")
    book.change(lambda r: with_name(r, "gateway", meaning), SIGNED)
    book.change(lambda r: without_name(r, "gateway", "RSSI"), SIGNED)
    with pytest.raises(NotInRegistryError, match="name of source 'gateway' called 'RSSI'"):
        book.change(lambda r: without_name(r, "gateway", "RSSI"), SIGNED)

    assert book.current().sources["gateway"].names == (meaning, sample().sources["gateway"].names[2])
    book.close()


def test_nobody_overwrites_what_they_have_not_seen(tmp_path: Path) -> None:
    """An edit made from an older version is refused where it meets a newer one, removals included."""
    book = book_of(tmp_path)
    book.change(lambda r: with_things(r, [pump("pump-1")]), SIGNED)
    book.change(lambda r: without(r, Kind.DEVICE, "riser-1-pressure"), SIGNED)
    with pytest.raises(RegistryMovedOnError, match=r"asset 'pump-1' was changed in version 2 .* after version 1"):
        book.change(lambda r: with_things(r, [pump("pump-1", power_kw=1.0)]), SIGNED, 1)
    with pytest.raises(RegistryMovedOnError, match="changed in version 3"):
        book.change(lambda r: with_things(r, [Device("riser-1-pressure", "west", ("riser-1",))]), SIGNED, 2)
    elsewhere = book.change(lambda r: with_things(r, [pump("pump-9")]), SIGNED, 1)

    assert elsewhere is not None
    book.close()


def test_a_site_that_moves_takes_its_assets_along(tmp_path: Path) -> None:
    """Assets without a time zone of their own follow their site's; what people wrote does not name it."""
    book = book_of(tmp_path)
    book.change(lambda r: with_things(r, [pump("own", timezone="Europe/Berlin")]), SIGNED)
    moved = replace(sample().sites["west"], timezone=ZoneInfo("Asia/Urumqi"))
    book.change(lambda r: with_things(r, [moved]), SIGNED)
    zones = {i: asset.limits["timezone"] for i, asset in book.current().assets.items()}

    assert zones == {
        "riser-1": "Asia/Urumqi",
        "riser-2": "Asia/Urumqi",
        "pump-1": "Asia/Urumqi",
        "own": "Europe/Berlin",
    }
    assert "timezone" not in book.as_written().assets["pump-1"].limits
    book.close()


def test_no_plate_is_ever_written_down(tmp_path: Path) -> None:
    """Permits become keyed hashes before anything is stored; saying the same plates again changes nothing."""
    seal = PlateSeal(b"sixteen bytes or more")
    book = RegistryBook(tmp_path / "registry.db", plates=seal)
    zone = Asset("z", "west", AssetClass.PARKING_ZONE, Text("东门", "gate"), {"permits": "沪A12345 沪B·23456"})
    put = partial(with_things, things=[zone])
    book.change(lambda _: put(sample()), SIGNED)
    again = book.change(put, SIGNED)
    found = seal.seal("沪A12345")

    assert found is not None
    assert str(book.current().assets["z"].limits["permits"]).split()[0] == found.hash
    assert again is None
    assert "12345" not in json.dumps([str(change) for change in book.changes()])
    book.close()


def test_a_file_that_is_no_book_is_named(tmp_path: Path) -> None:
    """The error says which file; so does one whose disk does not let it be made."""
    (tmp_path / "registry.db").write_bytes(b"not a database, but long enough to look at it as one" * 40)
    with pytest.raises(RegistryUnavailableError, match=r"registry\.db is unavailable"):
        RegistryBook(tmp_path / "registry.db")
    with pytest.raises(RegistryUnavailableError, match="is unavailable"):
        RegistryBook(tmp_path / "registry.db" / "below" / "registry.db")
