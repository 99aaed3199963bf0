"""Fault codes: what each number of a controller means: which failure mode it is, and how urgent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ingest.registry import Asset
from models.errors import ModelError


class Tells(StrEnum):
    """What a code says of the car beside its failure mode."""

    ENTRAPMENT = "entrapment"
    """The controller itself says that somebody is trapped."""
    ALARM = "alarm"
    """The alarm button."""
    OUTSIDE_ZONE = "outside_zone"
    """The car stands outside the unlocking zone."""
    ATTENDED = "attended"
    """Inspection, fire or earthquake operation: somebody else has the car in hand."""


@dataclass(frozen=True, slots=True)
class FaultCode:
    """One number of one table.

    Attributes:
        number: As `fault_code` carries it: 0101 is 101.
        name: What it means, one word in all tables; a phrase of `alerts.words`.
        failure_mode: The mode it is by itself; empty for a state of the car that is no fault of its machine.
        severity: How many levels more urgent than the mode's usual one.
        tells: What else it says.
    """

    number: int
    name: str
    failure_mode: str = ""
    severity: int = 0
    tells: frozenset[Tells] = frozenset()


class FaultCodeTable:
    """The codes of one table, by number and by what they tell.

    Args:
        codes: Each number once.
    """

    def __init__(self, codes: Iterable[FaultCode]) -> None:
        self.codes: Mapping[int, FaultCode] = {code.number: code for code in codes}
        self._telling = {tells: frozenset(c.number for c in self.codes.values() if tells in c.tells) for tells in Tells}

    def telling(self, tells: Tells) -> frozenset[int]:
        """The numbers that say this."""
        return self._telling[tells]

    def of_mode(self, failure_mode: str) -> tuple[FaultCode, ...]:
        """The codes that are this failure mode by themselves."""
        return tuple(code for code in self.codes.values() if code.failure_mode == failure_mode)


_ENTRAPMENT, _DOOR, _LEVELLING = "elevator.entrapment", "elevator.door", "elevator.levelling"
_BRAKE, _VIBRATION, _EBIKE = "elevator.brake", "elevator.vibration", "building.ebike"
_ALARM, _ATTENDED = frozenset({Tells.ALARM}), frozenset({Tells.ATTENDED})
_TRAPPED, _OUTSIDE = frozenset({Tells.ENTRAPMENT}), frozenset({Tells.OUTSIDE_ZONE})

# What a number means is the table's; which mode and how urgent is chosen: a door that does not work is level II
# (DESIGN, "Levels and deadlines"), a car that moves when it must not, or faster than it may, or past its last floor is
# level I, as its brake may not hold the next time. The safety circuit goes with the doors, whose locks are most of it.
# 101 is entrapment on the city platforms and nothing anywhere else, so it holds in every table. Nobody is sent for lost
# power, a fire or a device that is offline: those are not the elevator's faults, or have a mode of their own.
_ANYWHERE = (FaultCode(101, "code_entrapment", _ENTRAPMENT, tells=_TRAPPED),)
_GBT24476 = (
    FaultCode(0, "code_none"),
    FaultCode(1, "code_safety_circuit", _DOOR, 1),
    FaultCode(2, "code_door_not_closing", _DOOR, 1),
    FaultCode(3, "code_door_not_opening", _DOOR, 1),
    FaultCode(4, "code_stopped_outside_zone", _LEVELLING, 1, _OUTSIDE),
    FaultCode(5, "code_unintended_movement", _BRAKE, 2),
    FaultCode(6, "code_motor_run_time", _BRAKE, 1),
    FaultCode(7, "code_floor_lost", _LEVELLING, 1),
    FaultCode(8, "code_no_restart"),
    FaultCode(40, "code_automatic_again"),
    FaultCode(41, "code_power_lost"),
    FaultCode(42, "code_out_of_service"),
    FaultCode(43, "code_inspection", tells=_ATTENDED),
    FaultCode(44, "code_fire_return", tells=_ATTENDED),
    FaultCode(45, "code_fireman", tells=_ATTENDED),
    FaultCode(46, "code_emergency_power"),
    FaultCode(47, "code_earthquake", tells=_ATTENDED),
    FaultCode(90, "code_alarm_button", tells=_ALARM),
)
_VENDOR = (
    FaultCode(0, "code_none"),
    FaultCode(1, "code_over_travel", _LEVELLING, 2),
    FaultCode(2, "code_over_travel", _LEVELLING, 2),
    FaultCode(3, "code_overspeed", _BRAKE, 2),
    FaultCode(4, "code_door_open_running", _DOOR, 2),
    FaultCode(5, "code_unintended_movement", _BRAKE, 2),
    FaultCode(6, "code_stopped_outside_zone", _LEVELLING, 1, _OUTSIDE),
    FaultCode(7, "code_entrapment", _ENTRAPMENT, tells=_TRAPPED),
    FaultCode(8, "code_entrapment", _ENTRAPMENT, tells=_TRAPPED | _OUTSIDE),
    FaultCode(9, "code_power_lost"),
    FaultCode(10, "code_safety_circuit", _DOOR, 1),
    FaultCode(11, "code_door_not_opening", _DOOR, 1),
    FaultCode(12, "code_door_not_closing", _DOOR, 1),
    FaultCode(13, "code_door_lock", _DOOR, 1),
    FaultCode(14, "code_button_stuck"),
    FaultCode(15, "code_abnormal_speed", _BRAKE, 1),
    FaultCode(16, "code_brake", _BRAKE, 1),
    FaultCode(17, "code_motor_run_time", _BRAKE, 1),
    FaultCode(18, "code_temperature_sensor"),
    FaultCode(19, "code_floor_lost", _LEVELLING, 1),
    FaultCode(20, "code_door_blocked", _DOOR, 1),
    FaultCode(21, "code_alarm_button", tells=_ALARM),
    FaultCode(22, "code_battery"),
    FaultCode(37, "code_ebike", _EBIKE),
    FaultCode(38, "code_vibration", _VIBRATION, 1),
    FaultCode(40, "code_door_motor_blocked", _DOOR, 1),
)
_CITY = (
    FaultCode(0, "code_none"),
    FaultCode(201, "code_door", _DOOR, 1),
    FaultCode(202, "code_safety_circuit", _DOOR, 1),
    FaultCode(203, "code_stopped_outside_zone", _LEVELLING, 1, _OUTSIDE),
    FaultCode(204, "code_over_travel", _LEVELLING, 2),
    FaultCode(205, "code_over_travel", _LEVELLING, 2),
    FaultCode(207, "code_unintended_movement", _BRAKE, 2),
    FaultCode(313, "code_device_offline"),
    FaultCode(314, "code_long_stay"),
    FaultCode(315, "code_suspected_stopped"),
    FaultCode(317, "code_ebike", _EBIKE),
    FaultCode(401, "code_out_of_service"),
    FaultCode(402, "code_inspection", tells=_ATTENDED),
)

FAULT_CODE_TABLES: Mapping[str, FaultCodeTable] = {
    name: FaultCodeTable((*codes, *_ANYWHERE))
    for name, codes in (("gbt24476", _GBT24476), ("vendor", _VENDOR), ("city", _CITY))
}
"""By the value of the asset's limit `fault_code_table`: the same numbers mean different things, 7 is entrapment in a
vendor's table and "floor position lost" in the standard's. Source: DOMAIN 2.1: GB/T 24476-2017, the deployed vendor
extension, the city platforms."""


class UnknownFaultCodeTableError(ModelError):
    """An elevator's limit `fault_code_table` names no table."""

    def __init__(self, asset: str, table: str) -> None:
        self.asset = asset
        self.table = table
        known = ", ".join(sorted(FAULT_CODE_TABLES))
        super().__init__(f"fault_code_table of {asset} is {table!r}; known are {known}")


def fault_codes(asset: Asset) -> FaultCodeTable:
    """The table an elevator's controller speaks: its limit `fault_code_table`, else that of GB/T 24476.

    Raises:
        UnknownFaultCodeTableError: The limit names no table.
    """
    table = str(asset.limits.get("fault_code_table", "gbt24476"))
    try:
        return FAULT_CODE_TABLES[table]
    except KeyError as error:
        raise UnknownFaultCodeTableError(asset.id, table) from error
