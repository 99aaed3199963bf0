"""Log: what every implementation of `ingest.log.Log` must do."""

from collections.abc import Callable, Mapping
from hashlib import blake2b

from ingest.figures import Note, counter, gauge
from ingest.log import Entry, Group, LastWord, Log
from ingest.quarantine import Refusal
from ingest.readings import Batch, Event, Quality, Reading, Still

AT_US = 1_764_000_000_000_000
OpenLog = Callable[[], Log]
"""Opens the log under test; every call opens the same one anew, as a restarted process would."""


def entry(number: int, site: str = "site", watermark_us: int | None = None) -> Entry:
    """An entry with one reading; the same number makes the same entry."""
    at_us = AT_US + number
    batch = Batch(site, f"device-{number % 3}", at_us + 7, (Reading(f"device-{number % 3}", "flow_m3_h", at_us, 1.5),))
    return Entry(batch, digest(f"{site} {number}"), at_us if watermark_us is None else watermark_us)


def refusal(number: int) -> Refusal:
    """A refused message; the same number makes the same one."""
    return Refusal(
        "some/topic",
        b"\x00{" + str(number).encode(),
        "not_json",
        "A sentence. 一句话。",
        AT_US + number,
        digest(number),
    )


def digest(of: object) -> bytes:
    """16 bytes, as ingest makes them."""
    return blake2b(str(of).encode(), digest_size=16).digest()


def check_starts_empty(open_log: OpenLog) -> None:
    """A new log has no record, no watermark, nothing kept or noted, and its head is 0."""
    log = open_log()

    assert (log.head(), log.read(0, 10), log.watermarks()) == (0, [], {})
    assert (log.kept(), log.last_words(), log.readers(), log.notes()) == ({}, {}, {}, {})


def check_reads_back_what_was_appended(open_log: OpenLog) -> None:
    """A batch with everything a batch may hold comes back equal, types included."""
    batch = Batch(
        "社区",
        "camera",
        1_764_000_000_000_123,
        (Reading("camera", "floor", -5, -1e-300, int(Quality.LATE | Quality.CLOCK_AHEAD)),),
        (Event("camera", "camera.object", 2**60, {"a": [1, 2.5, None, True, {"": "沪A·12***"}]}),),
        (Still("camera", "car", 12, b"\xff\xd8\x00\xff", "ab" * 32),),
    )
    open_log().append([Entry(batch, digest("it"), 42)])
    (record,) = open_log().read(0, 10)

    assert (record.watermark_us, record.batch) == (42, batch)


def check_keeps_order_and_pages(open_log: OpenLog) -> None:
    """Positions grow in the order of appending, and reading from a position goes on right after it."""
    log = open_log()
    for start in range(0, 30, 10):
        assert log.append([entry(n) for n in range(start, start + 10)]) == 10
    records = log.read(0, 100)
    positions = [record.position for record in records]

    assert [record.batch for record in records] == [entry(n).batch for n in range(30)]
    assert positions == sorted(set(positions))
    assert positions[0] >= 1
    assert log.head() == positions[-1]
    assert log.read(positions[9], 5) == records[10:15]
    assert log.read(positions[-1], 5) == []


def check_skips_what_it_holds(open_log: OpenLog) -> None:
    """The same digest is stored once: in one call, in a later call, and after a restart."""
    log = open_log()

    assert log.append([entry(1), entry(2), entry(1)]) == 2
    assert log.append([entry(2), entry(3)]) == 1
    assert open_log().append([entry(1), entry(2), entry(3)]) == 0
    assert [record.batch for record in log.read(0, 10)] == [entry(n).batch for n in (1, 2, 3)]


def check_appends_nothing(open_log: OpenLog) -> None:
    """An empty append is allowed and changes nothing."""
    log = open_log()

    assert log.append([]) == 0
    assert log.head() == 0


def check_recovers_watermarks(open_log: OpenLog) -> None:
    """After a restart each site has the highest watermark it ever had."""
    log = open_log()
    log.append([entry(1, "a", 100), entry(2, "b", 70), entry(3, "a", 90)])
    log.append([entry(4, "b", 60)])

    assert open_log().watermarks() == {"a": 100, "b": 70}


def check_shows_other_readers_what_is_new(open_log: OpenLog) -> None:
    """A reader that was open before the append sees it."""
    writer, reader = open_log(), open_log()
    reader.read(0, 1)
    writer.append([entry(1)])

    assert [record.batch for record in reader.read(0, 10)] == [entry(1).batch]


def check_takes_nothing_of_what_it_cannot_take(open_log: OpenLog) -> None:
    """One entry that cannot be written leaves none of its call behind, and the log works on."""
    log = open_log()
    bad = Entry(Batch("site", "d", 1, events=(Event("d", "k", 1, {"a": 2**80}),)), digest("bad"), 1)
    failed = False
    try:
        log.append([entry(1), bad], [refusal(1)])
    except Exception:  # noqa: BLE001 -- which error it is belongs to the implementation
        failed = True

    assert failed
    assert (log.head(), log.watermarks()) == (0, {})
    assert log.append([entry(1)]) == 1


def check_gives_the_judge_what_is_stored(open_log: OpenLog) -> None:
    """What judges is told the watermarks of all that was ever stored, and what it raises leaves nothing behind."""
    log, told = open_log(), list[Mapping[str, int]]()
    open_log().append([entry(1, "a", 100)])

    def judge(watermarks: Mapping[str, int]) -> Group:
        told.append(dict(watermarks))
        if len(told) == 1:
            raise ValueError
        return Group([entry(2, "b", 70)])

    failed = False
    try:
        log.take(judge)
    except ValueError:
        failed = True

    assert failed
    assert log.take(judge) == 1
    assert told == [{"a": 100}, {"a": 100}]
    assert log.watermarks() == {"a": 100, "b": 70}


def check_keeps_for_formats(open_log: OpenLog) -> None:
    """What formats keep is found after a restart as it was last said, and None forgets it."""
    log = open_log()
    log.take(lambda _: Group(keeps={"a": b"\x00", "b": b"2", "c": b""}))
    log.take(lambda _: Group(keeps={"a": None, "b": b"3", "never": None}))

    assert open_log().kept() == {"b": b"3", "c": b""}


def check_knows_who_spoke_last(open_log: OpenLog) -> None:
    """Of each device the newest arrival counts, whatever the order in which processes say it."""
    log = open_log()
    log.take(lambda _: Group(last_words={"d": LastWord(20, 19), "e": LastWord(5, 0)}))
    log.take(lambda _: Group(last_words={"d": LastWord(10, 30), "e": LastWord(6, 4)}))

    assert open_log().last_words() == {"d": LastWord(20, 19), "e": LastWord(6, 4)}


def check_remembers_what_readers_hold(open_log: OpenLog) -> None:
    """The newest word of each reader counts, after a restart too, even if it goes back."""
    log = open_log()
    log.hold("score", 7)
    log.hold("forward", 3)
    log.hold("score", 5)

    assert open_log().readers() == {"score": 5, "forward": 3}


def check_prunes_nothing_before_a_reader_has_spoken(open_log: OpenLog) -> None:
    """Without a reader nobody knows what is still needed, so everything stays."""
    log = open_log()
    log.append([entry(n) for n in range(5)])

    assert log.prune(2**60, 100) == 0
    assert len(log.read(0, 10)) == 5


def check_prunes_in_pieces(open_log: OpenLog) -> None:
    """A call drops at most its limit, oldest first, and the newest record stays for good, so that positions grow."""
    log = open_log()
    for start in range(0, 20, 4):
        log.append([entry(n) for n in range(start, start + 4)])
    log.hold("score", log.head())
    dropped = [log.prune(2**60, 3)]
    oldest = log.read(0, 1)[0]
    while dropped[-1]:
        dropped.append(log.prune(2**60, 3))
    head = log.head()

    assert oldest.batch == entry(3).batch
    assert (sum(dropped), max(dropped)) == (19, 3)
    assert [record.position for record in log.read(0, 10)] == [head]
    assert log.append([entry(20)]) == 1
    assert open_log().head() > head


def check_keeps_the_newest_note(open_log: OpenLog) -> None:
    """Each process is remembered by what it said last, with every number, kind, meaning and label."""
    log = open_log()
    said = (
        counter("messages", "Messages. 消息。", {"a": 1.0, "b": 2.5}, "reason"),
        gauge("connected", "1 while connected", 1),
    )
    log.note("ingest", [gauge("connected", "1 while connected", 0)], 5)
    log.note("ingest", said, 9)
    log.note("score", (), 4)

    assert open_log().notes() == {"ingest": Note(9, said), "score": Note(4, ())}


def check_closes_twice(open_log: OpenLog) -> None:
    """Closing twice does nothing."""
    log = open_log()
    log.close()
    log.close()

    assert open_log().head() == 0


CHECKS: tuple[Callable[[OpenLog], None], ...] = (
    check_starts_empty,
    check_reads_back_what_was_appended,
    check_keeps_order_and_pages,
    check_skips_what_it_holds,
    check_appends_nothing,
    check_recovers_watermarks,
    check_shows_other_readers_what_is_new,
    check_takes_nothing_of_what_it_cannot_take,
    check_gives_the_judge_what_is_stored,
    check_keeps_for_formats,
    check_knows_who_spoke_last,
    check_remembers_what_readers_hold,
    check_prunes_nothing_before_a_reader_has_spoken,
    check_prunes_in_pieces,
    check_keeps_the_newest_note,
    check_closes_twice,
)
