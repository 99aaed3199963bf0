"""Retention: a still goes after its time, from the file too, and its hash and the word for it stay."""

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from alerts import evidence
from alerts.database import Database
from alerts.images import MOST_STILLS, add_still, keep_image
from alerts.life import Outcome
from alerts.moments import DAY_US
from alerts.photos import PhotoKind, Picture
from alerts.retention import Retention, StillKeeping
from alerts.tables import IMAGE, STILL
from alerts.work_orders import WorkOrders
from tests.alerts.crew_page import PARKING, serving
from tests.alerts.seeding import NOW_US, HandClock, community, seed
from tests.browser import chromium, phone

SECRET = b"\xff\xd8\xff the face of somebody who walks by " * 2_000


def picture(name: str) -> Picture:
    return Picture(SECRET + name.encode(), "image/jpeg", name * 64)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """The seeded community, without the stills it comes with."""
    base = Database(tmp_path / "main.db")
    seed(base)
    with base.write() as connection:
        connection.execute(STILL.delete())
    return base


def keep(database: Database, *names: str, order: int = PARKING, at_us: int = NOW_US) -> None:
    with database.write() as connection:
        for name in names:
            add_still(connection, order, picture(name), at_us)


def turned(database: Database, days: float) -> int:
    """How many stills a turn so many days later deletes, by a service that has just been started."""
    return Retention(database, StillKeeping(), HandClock(NOW_US + round(days * DAY_US))).turn()


def shown(database: Database) -> dict[str, bool]:
    """By still, whether its picture is there."""
    query = select(STILL.c.sha256, STILL.c.deleted_us, IMAGE.c.data).join(IMAGE, IMAGE.c.sha256 == STILL.c.sha256)
    with database.read() as connection:
        rows = connection.execute(query).all()
    assert all((row.deleted_us is None) == bool(row.data) for row in rows)
    return {row.sha256[0]: bool(row.data) for row in rows}


def find(database: Database, outcome: Outcome) -> None:
    with database.write() as connection:
        WorkOrders(community(), HandClock(NOW_US)).find(connection, PARKING, outcome, "李工")


@pytest.mark.parametrize(
    ("outcome", "days"),
    [(None, 7), (Outcome.FALSE_ALARM, 7), (Outcome.NOTHING_FOUND, 7), (Outcome.CONFIRMED, 90)],
)
def test_a_still_goes_after_its_time_and_not_before(database: Database, outcome: Outcome | None, days: int) -> None:
    """Seven days unless it was confirmed, ninety if it was; a second turn finds nothing more to do."""
    keep(database, "a")
    if outcome:
        find(database, outcome)

    assert turned(database, days - 0.01) == 0
    assert shown(database) == {"a": True}
    assert turned(database, days) == 1
    assert shown(database) == {"a": False}
    assert turned(database, days + 1) == 0


def test_the_bytes_leave_the_file_and_the_evidence_keeps_the_hash(database: Database, tmp_path: Path) -> None:
    """Nobody reads the picture out of the database's file; the frozen evidence is what it was."""
    keep(database, "a")
    with database.read() as connection:
        before = evidence.newest(connection, PARKING)
    checkpointed(tmp_path)
    assert SECRET[:60] in (tmp_path / "main.db").read_bytes()
    turned(database, 8)
    checkpointed(tmp_path)

    assert not any(SECRET[:60] in file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    with database.read() as connection:
        assert evidence.newest(connection, PARKING) == before


def checkpointed(folder: Path) -> None:
    """Bring everything from the write-ahead log into the file, as SQLite does by itself now and then."""
    with closing(sqlite3.connect(folder / "main.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_what_a_photo_or_another_order_shows_stays_until_that_goes(database: Database) -> None:
    """One picture under two orders: the confirmed one keeps it; a person's photo of the same bytes is a person's."""
    keep(database, "a", "b")
    keep(database, "a", order=PARKING + 1, at_us=NOW_US + 3 * DAY_US)
    with database.write() as connection:
        WorkOrders(community(), HandClock(NOW_US)).add_photo(connection, 1, picture("b"), PhotoKind.OTHER, "李工")
    turned(database, 8)
    with database.read() as connection:
        kept = {r.sha256[0]: bool(r.data) for r in connection.execute(select(IMAGE)) if r.sha256[0] * 64 == r.sha256}

    assert kept == {"a": True, "b": True}
    assert turned(database, 11) == 1


def test_a_deleted_picture_that_somebody_uploads_again_is_a_photo(database: Database) -> None:
    """Its bytes come back under the same hash, and the still stays deleted."""
    keep(database, "a")
    turned(database, 8)
    with database.write() as connection:
        keep_image(connection, picture("a"))
    with database.read() as connection:
        row = connection.execute(select(IMAGE).where(IMAGE.c.sha256 == "a" * 64)).one()

    assert row.data == picture("a").data
    assert turned(database, 9) == 0


def test_an_order_has_three_stills_at_most(database: Database) -> None:
    """The first three stay, however many the evidence names."""
    keep(database, *"abcdef")

    assert set(shown(database)) == set("abc")
    assert MOST_STILLS == 3


def test_page_and_api_say_that_it_was_deleted(tmp_path: Path) -> None:
    """410 with a word in both languages, and the moment with the order."""
    with serving(tmp_path) as crew:
        (still, *_) = crew.order(PARKING)["stills"]
        assert still["deleted_at"] is None
        database = Database(tmp_path / "precomplaint.db")
        assert turned(database, 8) == 2
        answer = httpx.get(f"{crew.url}{still['url']}")

        assert answer.status_code == 410
        assert "图片已按期限删除 / Picture deleted after its time" in answer.text
        assert crew.order(PARKING)["stills"][0]["deleted_at"] is not None


@pytest.mark.parametrize("width_px", [390, 1440])
def test_the_page_shows_the_word_in_the_place_of_the_picture(tmp_path: Path, width_px: int) -> None:
    """No broken image: the word, and when the still was taken, within the screen."""
    with serving(tmp_path) as crew, chromium() as browser, phone(browser, width_px) as page:
        turned(Database(tmp_path / "precomplaint.db"), 8)
        page.goto(f"{crew.url}/#/orders/{PARKING}")
        words = page.get_by_text("图片已按期限删除")
        expect(words).to_have_count(2)
        box = words.first.bounding_box()

        assert page.locator(".stills img").count() == 0
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width_px
