"""Trip metrics: what detectors of elevators judge by themselves, so that nothing general does it a second time."""

from models.elevators.brake_rule import BrakeRule
from models.elevators.door_rule import DoorRule
from models.elevators.levelling_rule import LevellingRule
from models.elevators.rope_rule import RopeRule
from models.elevators.vibration_rule import VibrationRule

TRIP_METRICS = frozenset().union(*(r.heeds for r in (BrakeRule, DoorRule, LevellingRule, RopeRule, VibrationRule)))
"""By name."""
