"""Sensor silence: who has fallen silent, alone or with the whole site, in event time and by the clock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from models.detector import State
from models.findings import Evidence, Finding, Verdict
from models.gate import Present
from models.sensors.evidence import Trouble, sensor_evidence
from models.sensors.habits import silent_after_us, silent_from
from models.sensors.rows import SensorRows
from models.sensors.settings import FAILURE_MODE
from models.windows import Window


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


def habits_of(states: Mapping[str, State], site: str) -> Iterator[tuple[str, str, State]]:
    """Home asset, device id and habit of every device of a site that has spoken, in the order of assets."""
    for asset in sorted(states):
        home = states.get(asset)
        if home is not None and home["site"] == site:
            for device, known in home["devices"].items():
                yield asset, device, known["habit"]


def habits_beside(states: Mapping[str, State], window: Window) -> Iterator[tuple[str, State]]:
    """Device id and habit of every device of a window's site, as they were when it closed."""
    rows = states if isinstance(states, SensorRows) else None
    for asset, device, habit in habits_of(states, window.asset.site):
        at_us = None if rows is None else rows.newest_us(asset, device, window)
        yield device, habit if at_us is None else habit | {"at_us": at_us}


def silence_of(habit: State, others: list[State]) -> Silence | None:
    """When and how a device falls silent if it says nothing more; None if nobody can tell.

    Args:
        habit: The device's, with what registry and thresholds say (`registered_us`, `least_us`, `offline_after_us`).
        others: Those of the other devices of its site.
    """
    after_us, offline_us = silent_after_us(habit, habit["registered_us"], habit["least_us"]), habit["offline_us"]
    if offline_us is not None:
        limit_us = habit["offline_after_us"]
        return Silence(offline_us + limit_us, Trouble("offline", limit_us / 1e6, limit_us / 1e6, "s"), offline_us)
    if after_us is None:
        return None
    from_us, alone = silent_from(habit, after_us, others)
    seen_s, limit_s = (from_us - habit["at_us"]) / 1e6, after_us / 1e6
    return Silence(from_us, Trouble("silent", seen_s, limit_s, "s", alone=alone), habit["at_us"])


def told_by_another(silence: Silence, others: list[State]) -> bool:
    """Whether one word on this silence was said already: the site's, or of another device of the same gateway."""
    if silence.trouble.kind == "offline":
        return any(other["silence"] == "offline" and other["offline_us"] == silence.since_us for other in others)
    return not silence.trouble.alone and any(other["silence"] == "site_silent" for other in others)


def silent_together(silence: Silence, others: list[State]) -> int:
    """How many devices are silent for the same cause."""
    if silence.trouble.kind == "offline":
        return 1 + sum(1 for other in others if other["offline_us"] == silence.since_us)
    return 1 if silence.trouble.alone else 1 + sum(1 for other in others if other["measures"])


def early_silences(present: Present, states: Mapping[str, State]) -> list[Finding]:
    """What the clock proves of a site whose watermark stands still; see `Gatekeeper.silences`."""
    known = [
        (asset, device, habit | {"at_us": max(habit["at_us"], present.received_us.get(device, 0))})
        for asset, device, habit in habits_of(states, present.site)
    ]
    due: list[tuple[int, str, str, Silence, list[State]]] = []
    for asset, device, habit in known:
        others = [other for _, name, other in known if name != device]
        silence = silence_of(habit, others)
        if silence is None or habit["silence"]:
            continue
        bound_us = present.bound_us[asset]
        if present.watermark_us - bound_us < silence.from_us and silence.from_us + bound_us <= present.now_us:
            due.append((silence.from_us, asset, device, silence, others))
    found: list[Finding] = []
    whole_site = False
    for from_us, asset, device, silence, others in sorted(due, key=lambda one: one[:3]):
        if told_by_another(silence, others) or (whole_site and not silence.trouble.alone):
            continue
        whole_site = whole_site or not silence.trouble.alone
        found.append(silent(asset, device, from_us, silence, silent_together(silence, others)))
    return found


def silent(asset: str, device: str, at_us: int, silence: Silence, devices: int) -> Finding:
    """The finding that a device is silent."""
    trouble = silence.trouble
    evidence: Evidence = sensor_evidence(device, [trouble], {}, silence.facts(devices))
    return Finding(
        asset, FAILURE_MODE, at_us, Verdict.SCORED, round(trouble.score, 4), subject=device, evidence=evidence
    )
