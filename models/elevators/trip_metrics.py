"""Trip metrics: what detectors of elevators judge by themselves, so that nothing general does it a second time."""

from models.elevators.brake_rule import BrakeRule
from models.elevators.door_rule import DoorRule
from models.elevators.levelling_rule import LevellingRule
from models.elevators.rope_rule import RopeRule
from models.elevators.vibration_rule import VibrationRule

_RULES = (BrakeRule, DoorRule, LevellingRule, RopeRule, VibrationRule)

TRIP_METRICS = frozenset({"car_speed_m_s"}).union(*(rule.heeds for rule in _RULES))
"""By name; of the status what has a level: how fast a car is, how long and where it stops is `elevator.brake`'s."""
