"""Elevator status: what a car last said of itself, who said it, and what its fault codes mean."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby
from typing import Any

from ingest.readings import Reading
from ingest.registry import Asset
from models.errors import ModelError

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


@dataclass(frozen=True, slots=True)
class FaultCodes:
    """What the numbers of one fault code table mean, as far as entrapment goes.

    Attributes:
        entrapment: The controller itself says that somebody is trapped.
        alarm: The alarm button.
        outside_zone: The car stands outside the unlocking zone.
        attended: Inspection, fire or earthquake operation.
    """

    entrapment: frozenset[int]
    alarm: frozenset[int]
    outside_zone: frozenset[int]
    attended: frozenset[int]


FAULT_CODE_TABLES: Mapping[str, FaultCodes] = {
    # The same numbers mean different things: 7 and 8 are entrapment in a vendor's table, but "floor position lost" and
    # "other fault preventing restart" in the standard's. An asset's limit `fault_code_table` says which holds. 101 is
    # entrapment on the city platforms and nothing anywhere else, so it holds in every table.
    "gbt24476": FaultCodes(frozenset({101}), frozenset({90}), frozenset({4}), frozenset({43, 44, 45, 47})),
    "vendor": FaultCodes(frozenset({7, 8, 101}), frozenset({21}), frozenset({6, 8}), frozenset()),
    "city": FaultCodes(frozenset({101}), frozenset(), frozenset({203}), frozenset({402})),
}
"""By the value of the asset's limit `fault_code_table`. Source: DOMAIN 2.1: GB/T 24476-2017, the deployed vendor
extension, the city platforms."""


class UnknownFaultCodeTableError(ModelError):
    """An elevator's limit `fault_code_table` names no table."""

    def __init__(self, asset: str, table: str) -> None:
        self.asset = asset
        self.table = table
        known = ", ".join(sorted(FAULT_CODE_TABLES))
        super().__init__(f"fault_code_table of {asset} is {table!r}; known are {known}")


def fault_codes(asset: Asset) -> FaultCodes:
    """The table an elevator's controller speaks: its limit `fault_code_table`, else that of GB/T 24476.

    Raises:
        UnknownFaultCodeTableError: The limit names no table.
    """
    table = str(asset.limits.get("fault_code_table", "gbt24476"))
    try:
        return FAULT_CODE_TABLES[table]
    except KeyError as error:
        raise UnknownFaultCodeTableError(asset.id, table) from error


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
        state: The JSON dict it lives in, changed in place: `values` by metric ([at_us, value, device]), `heard_us`
            by device.
        codes: The car's fault code table.
    """

    def __init__(self, state: dict[str, Any], codes: FaultCodes) -> None:
        self._values: dict[str, list[Any]] = state.setdefault("values", {})
        self._heard_us: dict[str, int] = state.setdefault("heard_us", {})
        self._codes = codes

    def take(self, readings: Sequence[Reading]) -> None:
        """Read what was said at one moment."""
        for reading in readings:
            self._values[reading.metric] = [reading.at_us, reading.value, reading.device]
            self._heard_us[reading.device] = reading.at_us

    def value(self, metric: str) -> float | None:
        """The latest value in the metric's unit, however old, or None when it was never said."""
        held = self._values.get(metric)
        return None if held is None else float(held[1])

    def heard_us(self, metric: str) -> int | None:
        """When the device that says this metric last spoke, or None when nobody ever said it."""
        held = self._values.get(metric)
        return None if held is None else self._heard_us[held[2]]

    def motion(self) -> str | None:
        """The metric that last told whether the car moves (the speed, if both did at once), or None."""
        said = [m for m in ("car_running", "car_speed_m_s") if m in self._values]
        return max(said, key=lambda m: (self._values[m][0], m), default=None)

    def moves(self, faster_than_m_s: float) -> bool:
        """Whether the car moves, by the newest word on it; False when nothing is known."""
        metric = self.motion()
        if metric is None:
            return False
        at_us = self._values[metric][0]
        speed, running = self._values.get("car_speed_m_s"), self._values.get("car_running")
        fast = speed is not None and speed[0] == at_us and abs(speed[1]) > faster_than_m_s
        return fast or (running is not None and running[0] == at_us and running[1] == 1.0)

    def attended(self) -> bool:
        """Whether mode or fault code says that somebody has the car in hand."""
        return self.value("service_mode") in ATTENDED or self._code() in self._codes.attended

    def outside_zone(self) -> bool:
        """Whether the car is known to stand outside the unlocking zone."""
        return self.value("door_zone") == 0.0 or self._code() in self._codes.outside_zone

    def alarm(self) -> bool:
        """Whether the alarm button is pressed."""
        return self.value("alarm_button") == 1.0 or self._code() in self._codes.alarm

    def entrapment_code(self) -> int | None:
        """The fault code by which the controller itself says that somebody is trapped, or None."""
        code = self._code()
        return code if code in self._codes.entrapment else None

    def _code(self) -> int | None:
        code = self.value("fault_code")
        return None if code is None else int(code)
