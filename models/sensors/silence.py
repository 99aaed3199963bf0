"""Sensor silence: who has fallen silent, alone or with the whole site, in event time and by the clock."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest

from models.detector import State
from models.findings import Evidence, Finding, Verdict
from models.gate import Present
from models.sensors.evidence import Trouble, sensor_evidence
from models.sensors.habits import habit_of, is_known, silent_after_us, silent_from
from models.sensors.rows import SensorRows
from models.sensors.settings import FAILURE_MODE
from models.windows import Window

_OF_SITE = "site_silent"


@dataclass(frozen=True, slots=True)
class Silence:
    """When a device that says nothing more counts as silent.

    Attributes:
        from_us: The moment.
        trouble: What is then to be said.
        since_us: Its last word, or when its gateway gave it up.
    """

    from_us: int
    trouble: Trouble
    since_us: int

    def facts(self, devices: int) -> dict[str, float | str]:
        """For the evidence; `devices` is how many are silent with it."""
        return {"since_us": self.since_us, "devices": devices}


class Beside:
    """The devices of a site beside each other: who is silent alone or with all, and who is to say so.

    Args:
        habits: Home asset, device id and habit of each.
        end_us: Up to when they were heard: silence that begins later is none yet.
    """

    def __init__(self, habits: Iterable[tuple[str, str, State]], end_us: int) -> None:
        self._habits = {device: (asset, habit) for asset, device, habit in habits}
        self._end_us = end_us
        peers = [(d, h) for d, (_, h) in self._habits.items() if h["measures"] and is_known(h)]
        # One of two is another than whoever asks.
        self._newest = nlargest(2, ((habit["at_us"], device) for device, habit in peers))
        self._holds = nlargest(2, ((habit["holds_us"], device) for device, habit in peers))
        self._told = {
            _cause(h["silence"], h) for _, h in self._habits.values() if h["silence"] in {"offline", _OF_SITE}
        }

    def silence_of(self, device: str) -> Silence | None:
        """When and how a device falls silent if it says nothing more; None if nobody can tell."""
        newest_us, holds_us = (
            next((value for value, name in two if name != device), None) for two in (self._newest, self._holds)
        )
        return silence_of(self._habits[device][1], newest_us, holds_us or 0)

    def is_told(self, device: str, silence: Silence) -> bool:
        """Whether one word on this silence was said already: the site's, or that of a gateway's other device."""
        cause = _cause(silence.trouble.told_as, self._habits[device][1])
        return cause is not None and cause in self._told

    def is_first(self, device: str, silence: Silence) -> bool:
        """Whether of those for which it is time this one is to say so, whoever is asked first."""
        habit = self._habits[device][1]
        cause = _cause(silence.trouble.told_as, habit)
        return cause is None or self._first.get((cause, habit["holds_us"]), device) == device

    def tell(self, device: str, silence: Silence) -> None:
        """Note that a device says so."""
        self._told.add(_cause(silence.trouble.told_as, self._habits[device][1]))

    def together(self, silence: Silence) -> int:
        """How many devices are silent for the same cause as one of them."""
        habits = [habit for _, habit in self._habits.values()]
        if silence.trouble.kind == "offline":
            return sum(habit["offline_us"] == silence.since_us for habit in habits)
        return 1 if silence.trouble.alone else sum(bool(habit["measures"]) for habit in habits)

    def due(self) -> list[tuple[int, str, str, Silence]]:
        """From when on, home asset, device id and silence of each that is silent, and of which nothing was said yet."""
        waiting = [(asset, device) for device, (asset, habit) in self._habits.items() if not habit["silence"]]
        silences = [(asset, device, self.silence_of(device)) for asset, device in waiting]
        return sorted(
            ((s.from_us, asset, device, s) for asset, device, s in silences if s and s.from_us < self._end_us),
            key=lambda one: one[:3],
        )

    @cached_property
    def _first(self) -> dict[tuple[object, int], str]:
        """By cause, and for how long they may hold back what they say, the first that is due."""
        found: dict[tuple[object, int], str] = {}
        for _, _, device, silence in self.due():
            habit = self._habits[device][1]
            # Whose windows close later is asked later, and may have spoken.
            found.setdefault((_cause(silence.trouble.told_as, habit), habit["holds_us"]), device)
        return found


def habits_of(states: Mapping[str, State], site: str) -> Iterator[tuple[str, str, State]]:
    """Home asset, device id and habit of every device of a site that has spoken, in the order of assets."""
    for asset in sorted(states):
        home = states.get(asset)
        if home is not None and home["site"] == site:
            for device, known in home["devices"].items():
                yield asset, device, habit_of(known)


def beside(states: Mapping[str, State], window: Window) -> Beside:
    """The devices of a window's site as they were when it closed."""
    rows = states if isinstance(states, SensorRows) else None
    found: list[tuple[str, str, State]] = []
    for asset, device, habit in habits_of(states, window.asset.site):
        at_us = None if rows is None else rows.newest_us(asset, device, window)
        found.append((asset, device, habit if at_us is None else habit | {"at_us": at_us}))
    return Beside(found, window.end_us)


def silence_of(habit: State, newest_us: int | None = None, holds_us: int = 0) -> Silence | None:
    """When and how a device falls silent if it says nothing more; None if nobody can tell.

    Args:
        habit: The device's, with what registry and thresholds say (`registered_us`, `least_us`, `offline_after_us`).
        newest_us: As for `silent_from`; without others it is silent soonest.
        holds_us: Likewise.
    """
    after_us, offline_us = silent_after_us(habit, habit["registered_us"], habit["least_us"]), habit["offline_us"]
    if offline_us is not None:
        limit_us = habit["offline_after_us"]
        return Silence(offline_us + limit_us, Trouble("offline", limit_us / 1e6, limit_us / 1e6, "s"), offline_us)
    if after_us is None:
        return None
    from_us, alone = silent_from(habit, after_us, newest_us, holds_us)
    seen_s, limit_s = (from_us - habit["at_us"]) / 1e6, after_us / 1e6
    return Silence(from_us, Trouble("silent", seen_s, limit_s, "s", alone=alone), habit["at_us"])


def early_silences(present: Present, states: Mapping[str, State]) -> list[Finding]:
    """What the clock proves of a site whose watermark stands still; see `Gatekeeper.silences`."""
    received_us = present.received_us
    site = Beside(
        (
            (asset, device, habit | {"at_us": max(habit["at_us"], received_us.get(device, 0))})
            for asset, device, habit in habits_of(states, present.site)
        ),
        present.now_us,
    )
    found: list[Finding] = []
    for from_us, asset, device, silence in site.due():
        bound_us = present.bound_us[asset]
        if present.watermark_us - bound_us >= from_us or from_us + bound_us > present.now_us:
            continue
        if site.is_told(device, silence):
            continue
        site.tell(device, silence)
        found.append(silent(asset, device, from_us, silence, site.together(silence)))
    return found


def silent(asset: str, device: str, at_us: int, silence: Silence, devices: int) -> Finding:
    """The finding that a device is silent."""
    trouble = silence.trouble
    evidence: Evidence = sensor_evidence(device, [trouble], {}, silence.facts(devices))
    return Finding(
        asset, FAILURE_MODE, at_us, Verdict.SCORED, round(trouble.score, 4), subject=device, evidence=evidence
    )


def _cause(told_as: str, habit: State) -> object:
    """What several devices may be silent for together; None for one that is silent alone."""
    if told_as == "offline":
        return habit["offline_us"]
    return told_as if told_as == _OF_SITE else None
