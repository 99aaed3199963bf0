"""Elevator samples: messages in which each detector of elevators has something to say."""

from ingest.readings import Batch
from tests.contracts.detector import Sample
from tests.models.elevator_lives import day_us, known, rides, said
from tests.models.stream import DAY_US, SECOND_US

_LIFE = 6
_NORMAL = {"service_mode": 1.0, "door_closed": 1.0, "door_zone": 1.0, "car_running": 0.0, "person_present": 0.0}


def _with(*told: Batch) -> list[Batch]:
    return [*rides(_LIFE), *told]


def door() -> Sample:
    """Six days of trips, a door that stands open for four minutes, a code, inspection."""
    at_us = day_us(_LIFE)
    story = [
        said(at_us, **_NORMAL, fault_code=0.0),
        *(said(at_us + n * 60 * SECOND_US, **{**_NORMAL, "door_closed": 0.0}) for n in range(1, 5)),
        said(at_us + 300 * SECOND_US, **_NORMAL, fault_code=12.0),
        said(at_us + 400 * SECOND_US, **{**_NORMAL, "service_mode": 2.0}, fault_code=12.0),
        said(at_us + 500 * SECOND_US, **_NORMAL, fault_code=0.0),
    ]
    return Sample(known(), _with(*story), learns_us=DAY_US, valid_us=600 * SECOND_US)


def brake() -> Sample:
    """Six days of trips, unintended movement, a ride that is too fast, and three that stop between floors."""
    at_us = day_us(_LIFE)
    story = [
        said(at_us, **_NORMAL, fault_code=5.0),
        said(at_us + 60 * SECOND_US, **_NORMAL, fault_code=0.0),
        *(said(at_us + (70 + n) * SECOND_US, car_running=1.0, car_speed_m_s=2.3) for n in range(6)),
        said(at_us + 80 * SECOND_US, **_NORMAL, car_speed_m_s=0.0),
        *(
            said(at_us + (1_000 * n + after) * SECOND_US, door_zone=0.0, door_closed=1.0, car_speed_m_s=speed)
            for n in range(1, 4)
            for after, speed in ((0, 1.75), (5, 0.0), (15, 1.0))
        ),
    ]
    return Sample(known(), _with(*story), learns_us=DAY_US // 2, valid_us=600 * SECOND_US)


def levelling() -> Sample:
    """Six days of trips, one stop over which people trip, an empty car between floors, and one that runs on."""
    at_us = day_us(_LIFE)
    between = {**_NORMAL, "door_zone": 0.0}
    story = [
        said(at_us, floor=3.0, levelling_error_mm=24.0, car_load_percent=10.0),
        *(said(at_us + (1 + n) * 60 * SECOND_US, **between) for n in range(5)),
        said(at_us + 400 * SECOND_US, **_NORMAL),
        *(said(at_us + (420 + 50 * n) * SECOND_US, **{**_NORMAL, "car_running": 1.0 - n % 2}) for n in range(22)),
    ]
    return Sample(known(), _with(*story), learns_us=DAY_US // 8, valid_us=600 * SECOND_US)


def rope_wear() -> Sample:
    """Six days of trips on ropes that have lost five per cent and lose much."""
    return Sample(known(), rides(_LIFE, rope=(5.0, 0.4)))


def vibration() -> Sample:
    """Eight days of trips."""
    return Sample(known(), rides(8), learns_us=DAY_US)
