"""Catalogue: the detectors that run, one import and one line each."""

from models.detector import Detector
from models.detectors.elevator_entrapment import ElevatorEntrapment
from models.detectors.parking_fire_lane import ParkingFireLane
from models.detectors.parking_illegal import ParkingIllegal
from models.detectors.pipe_burst import PipeBurst

DETECTORS: tuple[Detector, ...] = (
    ElevatorEntrapment(),
    ParkingFireLane(),
    ParkingIllegal(),
    PipeBurst(),
)
"""In the order the engine asks them; names are unique."""
