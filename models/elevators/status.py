"""Elevator status: what a car last said of itself, and who said it."""

from collections.abc import Container, Iterator, Sequence
from enum import IntEnum
from itertools import groupby
from typing import Any

from ingest.readings import Reading
from models.elevators.fault_codes import FaultCode, FaultCodeTable, Tells

STATUS_METRICS = frozenset(
    {
        "service_mode",
        "car_running",
        "car_speed_m_s",
        "door_zone",
        "door_closed",
        "person_present",
        "alarm_button",
        "fault_code",
        "floor",
    }
)

IN_HAND = frozenset({"service_mode", "fault_code"})
"""Those that say whether somebody has the car in hand, and what its controller found: every rule asks them."""


_MOTION = ("car_running", "car_speed_m_s")


class ServiceMode(IntEnum):
    """GB/T 24476 Service_Mode (DOMAIN 2.1)."""

    STOP = 0
    NORMAL = 1
    INSPECTION = 2
    FIRE_RETURN = 3
    FIREMAN = 4
    EMERGENCY_POWER = 5
    EARTHQUAKE = 6
    UNKNOWN = 7


ATTENDED = frozenset(
    {ServiceMode.INSPECTION, ServiceMode.FIRE_RETURN, ServiceMode.FIREMAN, ServiceMode.EARTHQUAKE},
)
"""Modes in which somebody else has the car in hand (DOMAIN 2.3); loss of power is not one of them."""


def moments(readings: Sequence[Reading]) -> Iterator[tuple[int, list[Reading]]]:
    """Status readings by the moment they tell of; what one message says together is read together.

    Args:
        readings: Ascending by at_us.
    """
    status = (r for r in readings if r.metric in STATUS_METRICS)
    for at_us, together in groupby(status, key=lambda r: r.at_us):
        yield at_us, list(together)


class Status:
    """The latest value of every status metric.

    A device may report only what changed. A value therefore holds as long as the device that reported it goes on
    speaking of anything, and is worth nothing once that device has been silent for too long.

    Args:
        state: The JSON dict it lives in, changed in place: `values` by metric ([value, device], and how long before
            its device's newest word it was said, if it was before), `heard_us` by device.
        codes: The car's fault code table.
    """

    def __init__(self, state: dict[str, Any], codes: FaultCodeTable) -> None:
        self._values: dict[str, list[Any]] = state.setdefault("values", {})
        self._heard_us: dict[str, int] = state.setdefault("heard_us", {})
        self._codes = codes

    def take(self, readings: Sequence[Reading], recalled: Container[str] = STATUS_METRICS) -> None:
        """Read what was said at one moment; what is not to be recalled only shows that its device speaks."""
        passed_us: dict[str, int] = {}
        for reading in readings:
            device, at_us = reading.device, reading.at_us
            passed_us[device] = passed_us.get(device, 0) + at_us - self._heard_us.get(device, at_us)
            self._heard_us[device] = at_us
        told = {r.metric: [r.value, r.device] for r in readings if r.metric in recalled}
        for metric, (value, device, *ago_us) in self._values.items():
            if metric not in told and passed_us.get(device):
                self._values[metric] = [value, device, sum(ago_us) + passed_us[device]]
        self._values.update(told)

    def forget(self) -> None:
        """Know nothing any more."""
        self._values.clear()
        self._heard_us.clear()

    def value(self, metric: str) -> float | None:
        """The latest value in the metric's unit, however old, or None when it was never said."""
        held = self._values.get(metric)
        return None if held is None else float(held[0])

    def heard_us(self, metric: str) -> int | None:
        """When the device that says this metric last spoke, or None when nobody ever said it."""
        held = self._values.get(metric)
        return None if held is None else self._heard_us[held[1]]

    def motion(self) -> str | None:
        """The metric that last told whether the car moves (the speed, if both did at once), or None."""
        said = [m for m in _MOTION if m in self._values]
        return max(said, key=lambda m: (self._said_us(m), m), default=None)

    def moves(self, faster_than_m_s: float) -> bool:
        """Whether the car moves, by the newest word on it; False when nothing is known."""
        metric = self.motion()
        if metric is None:
            return False
        at_us = self._said_us(metric)
        now = {name: self.value(name) for name in _MOTION if name in self._values and self._said_us(name) == at_us}
        return abs(now.get("car_speed_m_s") or 0.0) > faster_than_m_s or now.get("car_running") == 1.0

    def attended(self) -> bool:
        """Whether mode or fault code says that somebody has the car in hand."""
        return self.value("service_mode") in ATTENDED or self._tells(Tells.ATTENDED)

    def outside_zone(self) -> bool:
        """Whether the car is known to stand outside the unlocking zone."""
        return self.value("door_zone") == 0.0 or self._tells(Tells.OUTSIDE_ZONE)

    def alarm(self) -> bool:
        """Whether the alarm button is pressed."""
        return self.value("alarm_button") == 1.0 or self._tells(Tells.ALARM)

    def entrapment_code(self) -> int | None:
        """The fault code by which the controller itself says that somebody is trapped, or None."""
        return self._code() if self._tells(Tells.ENTRAPMENT) else None

    def fault(self) -> FaultCode | None:
        """What the fault code that stands means, or None when there is none or its table does not know it."""
        code = self._code()
        return None if code is None else self._codes.codes.get(code)

    def _said_us(self, metric: str) -> int:
        """When a metric that was said was said last."""
        _, device, *ago_us = self._values[metric]
        return self._heard_us[device] - int(sum(ago_us))

    def _tells(self, what: Tells) -> bool:
        return self._code() in self._codes.telling(what)

    def _code(self) -> int | None:
        code = self.value("fault_code")
        return None if code is None else int(code)
