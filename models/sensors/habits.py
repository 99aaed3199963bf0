"""Sensor habits: how often a device speaks, and so when its silence means something."""

from collections.abc import Mapping
from typing import Any, Final

from ingest.registry import Device
from ingest.series_quality import GAP_AT_LEAST_US, GAPS
from models.detector import State
from models.sensors.settings import OFFLINE, SILENT

DAY_US = 86_400_000_000

FEW_WORDS = 10
LONGEST_HABIT = 3
HOLDS = 2
FORGOTTEN_IN_US = 7 * DAY_US
_OF_THE_SITE_US = 60_000_000


USUAL: Final[Mapping[str, Any]] = {
    "words": FEW_WORDS,
    "measures": True,
    "holds_us": 0,
    "registered_us": 0,
    "least_us": round(SILENT.default * 1e6),
    "offline_us": None,
    "offline_after_us": round(OFFLINE.default * 1e6),
    "silence": "",
}
"""What of a habit is left out where it is stored, because it is so of nearly every device."""

_MOVED = ("at_us", "born_us", "pace_us")


def new_habit(at_us: int) -> State:
    """What is known of a device that speaks for the first time.

    `at_us` is its newest word, `born_us` its first, `words` how many there were (from `FEW_WORDS` on nobody counts),
    `measures` whether any of them held a reading, `pace_us` the usual pause between two, `longest_us` the longest of
    late; `holds_us` how long it may hold back what it says; `offline_us` when its gateway said that it is gone;
    `silence` what was said of its silence, empty while it speaks; `registered_us`, `least_us` and `offline_after_us`
    what registry and thresholds say.
    """
    moved = {"at_us": at_us, "born_us": at_us, "words": 1, "measures": False, "pace_us": 0, "longest_us": 0}
    return {**USUAL, **moved}


def keep_habit(known: State, habit: State) -> None:
    """Store a habit with what else is known of its device, without what is usual; `longest_us` is usually `pace_us`."""
    usual = {**USUAL, "longest_us": habit["pace_us"]}
    for name, one in (habit | {"words": min(habit["words"], FEW_WORDS)}).items():
        if name in usual and one == usual[name]:
            known.pop(name, None)
        else:
            known[name] = one


def habit_of(known: State) -> State:
    """The whole habit of a device."""
    usual = {**USUAL, "longest_us": known["pace_us"]}
    moved = {name: known[name] for name in _MOVED}
    return {name: known.get(name, one) for name, one in usual.items()} | moved


def settle(habit: State, device: Device, used: Mapping[str, float]) -> None:
    """Keep with a device's habits what registry and thresholds say of its silence, for who has neither at hand."""
    habit.update(settled(device, used))


def settled(device: Device, used: Mapping[str, float]) -> dict[str, int]:
    """What registry and thresholds say of a device's silence, as `settle` keeps it."""
    return {
        "holds_us": device.reports_every_us,
        "registered_us": device.silent_after_us,
        "least_us": round(used[SILENT.name] * 1e6),
        "offline_after_us": round(used[OFFLINE.name] * 1e6),
    }


def hear_word(habit: State, at_us: int, silent_us: int | None) -> None:
    """Take in that the device spoke.

    Args:
        habit: Changed.
        at_us: The moment, ascending from call to call.
        silent_us: From which pause on it had been silent; such a one teaches nothing. None: from none.
    """
    pause_us = at_us - habit["at_us"]
    if pause_us <= 0:
        return
    habit["at_us"] = at_us
    habit["words"] += 1
    if silent_us is not None and pause_us >= silent_us:
        return
    pace_us = habit["pace_us"]
    habit["pace_us"] = pace_us + (min(pause_us, 3 * pace_us) - pace_us) // 8 if pace_us else pause_us
    # A long pause stays a habit for about a week, so that a quiet weekend is remembered until the next.
    faded_us = habit["longest_us"] - habit["longest_us"] * min(pause_us, FORGOTTEN_IN_US) // FORGOTTEN_IN_US
    habit["longest_us"] = max(pause_us, faded_us)


def is_known(habit: State) -> bool:
    """Whether a day and some words have shown its habits."""
    return bool(habit["at_us"] - habit["born_us"] >= DAY_US and habit["words"] >= FEW_WORDS)


def silent_after_us(habit: State, registered_us: int, least_us: int = GAP_AT_LEAST_US) -> int | None:
    """After which pause it counts as silent, microseconds; None if nobody can tell.

    Ten of its usual pauses or three of its longest of late, whatever is longer, and twice what it may hold back: an
    elevator that reports only what changes is quiet all night. A device that only ever tells events (a camera) may
    always be quiet; of it only the registry or its gateway can say.

    Args:
        habit: The device's.
        registered_us: What the registry says, 0 for nothing; it goes before all habits.
        least_us: No silence is shorter.
    """
    if registered_us:
        return registered_us
    if not habit["measures"] or not is_known(habit):
        return None
    usual_us = max(GAPS * habit["pace_us"], LONGEST_HABIT * habit["longest_us"], HOLDS * habit["holds_us"])
    return int(max(least_us, usual_us))


def silent_from(habit: State, silent_us: int, newest_us: int | None, holds_us: int) -> tuple[int, bool]:
    """From when on it counts as silent if it says nothing more, and whether it is silent alone.

    If the other devices of its site that measure fell silent with it, their network or gateway is at fault, and one
    word on that is enough. It takes longer to say, because others may only hold back what they measured.

    Args:
        habit: The device's.
        silent_us: As from `silent_after_us`.
        newest_us: The newest word of the other devices of its site that measure and are known; None without any.
        holds_us: For how long one of them may hold back what it says.
    """
    due_us = habit["at_us"] + silent_us
    usual_us = min(max(habit["longest_us"], habit["pace_us"]), silent_us // 2)
    if newest_us is None or newest_us > habit["at_us"] + usual_us + _OF_THE_SITE_US:
        return due_us, True
    return due_us + holds_us, False
