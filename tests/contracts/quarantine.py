"""Quarantine: what every implementation of `ingest.quarantine.Quarantine` must do, with the log that fills it."""

from collections.abc import Callable

from ingest.log import Entry, Group, Log
from ingest.quarantine import Quarantine, Query, Refusal, Waiting
from ingest.readings import Batch, Event
from tests.contracts.log import AT_US, digest, entry, refusal

OpenBoth = Callable[[], tuple[Log, Quarantine]]
"""Opens log and quarantine under test; every call opens the same ones anew, as a restarted process would."""


def stranger(number: int, device: str = "stranger", site: str = "west-lake") -> Refusal:
    """A message of a device nobody knows; the same number makes the same one."""
    return Refusal(
        f"application/x/device/{device}/event/up",
        b"{}",
        "unknown_device",
        f"there is no device {device!r}",
        AT_US + number,
        digest(f"stranger {device} {number}"),
        "lorawan",
        device,
        site,
    )


def numbers(quarantine: Quarantine, query: Query) -> list[int]:
    """The numbers of what is found."""
    found = [held.number for held in quarantine.find(query)]
    assert list(quarantine.reasons(query)) == found
    return found


def check_starts_empty(open_both: OpenBoth) -> None:
    """Nothing is held, counted, asked for or waiting."""
    _, quarantine = open_both()

    assert (quarantine.find(Query()), quarantine.requested(9), quarantine.waiting()) == ([], [], [])
    assert (quarantine.held(), quarantine.refused_ever()) == ({}, {})


def check_keeps_refusals(open_both: OpenBoth) -> None:
    """Refusals come back newest first, each once, with their bytes and all that is known of them."""
    log, quarantine = open_both()
    log.append([entry(1)], [refusal(1), stranger(2)])
    log.append([], [stranger(2), refusal(3)])
    _, again = open_both()
    found = again.find(Query())

    assert [held.refusal for held in found] == [refusal(3), stranger(2), refusal(1)]
    assert [held.number for held in found] == sorted({held.number for held in found}, reverse=True)
    assert [held.refusal for held in quarantine.find(Query(limit=1))] == [refusal(3)]
    assert again.held() == again.refused_ever() == {"not_json": 2, "unknown_device": 1}


def check_takes_nothing_of_a_group_that_fails(open_both: OpenBoth) -> None:
    """A refusal of a group that was not stored is neither held nor counted, nor is its device waiting."""
    log, quarantine = open_both()

    bad = Entry(Batch("site", "d", 1, events=(Event("d", "k", 1, {"a": 2**80}),)), digest("bad"), 1)
    failed = False
    try:
        log.append([bad], [stranger(1)])
    except Exception:  # noqa: BLE001 -- which error it is belongs to the implementation
        failed = True

    assert failed
    assert (quarantine.held(), quarantine.refused_ever(), quarantine.waiting()) == ({}, {}, [])


def check_filters(open_both: OpenBoth) -> None:
    """Each attribute of a query narrows, together they narrow more, and pages join without a gap."""
    log, quarantine = open_both()
    log.append([], [refusal(1), *(stranger(n, f"d{n}") for n in range(6)), refusal(2)])
    everything = numbers(quarantine, Query())
    strangers = numbers(quarantine, Query(reason="unknown_device"))

    assert len(strangers) == 6
    assert numbers(quarantine, Query(source="lorawan")) == strangers
    assert numbers(quarantine, Query(device="d3", reason="unknown_device")) == [strangers[2]]
    assert numbers(quarantine, Query(device="d3", reason="not_json")) == []
    assert numbers(quarantine, Query(topic="application/+/device/d3/#")) == [strangers[2]]
    assert numbers(quarantine, Query(topic="some/topic")) == [everything[0], everything[-1]]
    assert numbers(quarantine, Query(numbers=[strangers[1], 10**9])) == [strangers[1]]
    assert numbers(quarantine, Query(limit=3)) == everything[:3]
    assert numbers(quarantine, Query(limit=3, before=everything[2])) == everything[3:6]


def check_replay_is_asked_for_once(open_both: OpenBoth) -> None:
    """What is asked for waits oldest first, and is over when it was judged again or has left."""
    log, quarantine = open_both()
    log.append([], [refusal(1), stranger(2), refusal(3)])
    newest, middle, oldest = numbers(quarantine, Query())
    asked = quarantine.request_replay(Query(reason="not_json")), quarantine.request_replay(Query(numbers=[middle]))
    waiting = [held.number for held in open_both()[1].requested(9)]
    still = Refusal(*("t", b"p", "unknown_unit", "still wrong", AT_US), refusal(1).digest, "gateway", "d", "s")
    log.take(lambda _: Group([entry(1)], [still], released=[newest]))
    kept = quarantine.find(Query(numbers=[oldest]))[0]

    assert asked == (2, 1)
    assert waiting == [oldest, middle, newest]
    assert [held.number for held in quarantine.requested(9)] == [middle]
    assert quarantine.requested(9)[0].requested
    assert (kept.requested, kept.number) == (False, oldest)
    assert (kept.refusal.reason, kept.refusal.detail, kept.refusal.device) == ("unknown_unit", "still wrong", "d")
    assert (kept.refusal.source, kept.refusal.payload) == ("gateway", refusal(1).payload)
    assert numbers(quarantine, Query()) == [middle, oldest]


def check_counts_stay_exact(open_both: OpenBoth) -> None:
    """Held follows what comes, moves and goes; what was ever refused only grows, once for each message."""
    log, quarantine = open_both()
    log.append([], [refusal(1), stranger(2), refusal(3)])
    moved = Refusal(*("t", b"p", "unknown_unit", "still wrong", AT_US), refusal(1).digest)
    log.append([], [moved])
    quarantine.discard(Query(reason="unknown_device"))
    log.append([], [refusal(3), refusal(4)])
    _, again = open_both()

    assert again.held() == {"not_json": 2, "unknown_unit": 1}
    assert list(again.reasons(Query()).values()) == ["not_json", "not_json", "unknown_unit"]
    assert again.refused_ever() == {"not_json": 3, "unknown_device": 1}


def check_discards_for_good(open_both: OpenBoth) -> None:
    """What is thrown away is gone, and its number is never given again."""
    log, quarantine = open_both()
    log.append([], [refusal(1), refusal(2)])
    newest, _ = numbers(quarantine, Query())
    discarded = quarantine.discard(Query(numbers=[newest]))
    log.append([], [refusal(3)])

    assert discarded == 1
    assert numbers(open_both()[1], Query())[0] > newest


def check_forgets_the_old(open_both: OpenBoth) -> None:
    """What came longer ago than its age may be (a century is too long, an hour is not) goes, and only that."""
    hour_us, century_us = 3_600_000_000, 100 * 366 * 86_400_000_000
    log, quarantine = open_both()
    log.append([], [refusal(1), refusal(century_us)])

    assert quarantine.expire(AT_US + hour_us) == 0
    assert quarantine.expire(AT_US + century_us + hour_us) == 1
    assert [held.refusal for held in quarantine.find(Query())] == [refusal(century_us)]


def check_unknown_devices_wait(open_both: OpenBoth) -> None:
    """A device that nobody knows is one line, however often it speaks; taken off the list it returns if it goes on."""
    log, quarantine = open_both()
    log.append([], [stranger(1), stranger(2), stranger(1, "other"), refusal(4)])
    log.append([], [stranger(3, site="east-lake")])
    listed = open_both()[1].waiting()
    quarantine.dismiss("lorawan", "stranger")
    quarantine.dismiss("lorawan", "never heard of")
    without = quarantine.waiting()
    log.append([], [stranger(9)])
    topic = "application/x/device/{}/event/up"

    assert listed == [
        Waiting("lorawan", "other", "west-lake", topic.format("other"), AT_US + 1, AT_US + 1, 1),
        Waiting("lorawan", "stranger", "east-lake", topic.format("stranger"), AT_US + 1, AT_US + 3, 3),
    ]
    assert [one.address for one in without] == ["other"]
    assert (quarantine.waiting()[1].address, quarantine.waiting()[1].messages) == ("stranger", 1)


def check_closes_twice(open_both: OpenBoth) -> None:
    """Closing twice does nothing."""
    _, quarantine = open_both()
    quarantine.close()
    quarantine.close()

    assert open_both()[1].held() == {}


CHECKS: tuple[Callable[[OpenBoth], None], ...] = (
    check_starts_empty,
    check_keeps_refusals,
    check_takes_nothing_of_a_group_that_fails,
    check_filters,
    check_replay_is_asked_for_once,
    check_counts_stay_exact,
    check_discards_for_good,
    check_forgets_the_old,
    check_unknown_devices_wait,
    check_closes_twice,
)
