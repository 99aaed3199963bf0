"""Fault codes: every number of every table has a meaning, a phrase and, where it is a fault, a mode with a policy."""

import pytest

from alerts.policy.modes import MODES
from alerts.words.contributions import PHRASES
from models.elevators.fault_codes import FAULT_CODE_TABLES, FaultCodeTable, Tells

TABLES = pytest.mark.parametrize("table", FAULT_CODE_TABLES.values(), ids=FAULT_CODE_TABLES.keys())


@TABLES
def test_every_code_can_be_said(table: FaultCodeTable) -> None:
    """A crew reads what a number means, in both languages."""
    assert {code.name for code in table.codes.values() if code.failure_mode} <= PHRASES.keys()


@TABLES
def test_every_elevator_fault_leads_to_a_work_order(table: FaultCodeTable) -> None:
    """A mode that a code names has a row in the policy; the e-bike belongs to another family."""
    named = {code.failure_mode for code in table.codes.values() if code.failure_mode.startswith("elevator.")}

    assert named <= MODES.keys()


@TABLES
def test_nobody_is_sent_while_somebody_has_the_car_in_hand(table: FaultCodeTable) -> None:
    """Inspection and fire operation are states, not faults."""
    assert all(not table.codes[number].failure_mode for number in table.telling(Tells.ATTENDED))


def test_the_same_number_means_what_its_own_table_says() -> None:
    """7 is a lost floor in the standard, and somebody trapped in a vendor's table; 101 is that everywhere."""
    standard, vendor = FAULT_CODE_TABLES["gbt24476"], FAULT_CODE_TABLES["vendor"]

    assert standard.codes[7].failure_mode == "elevator.levelling"
    assert vendor.codes[7].failure_mode == "elevator.entrapment"
    assert all(101 in table.telling(Tells.ENTRAPMENT) for table in FAULT_CODE_TABLES.values())
    assert [c.number for c in vendor.of_mode("elevator.vibration")] == [38]
