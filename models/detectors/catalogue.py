"""Catalogue: the detectors that run, one import and one line each."""

from models.detector import Detector
from models.detectors.asset_deviation import AssetDeviation
from models.detectors.asset_multivariate import AssetMultivariate
from models.detectors.building_ebike import BuildingEbike
from models.detectors.building_falling_object import BuildingFallingObject
from models.detectors.building_flood import BuildingFlood
from models.detectors.building_storm import BuildingStorm
from models.detectors.elevator_brake import ElevatorBrake
from models.detectors.elevator_door import ElevatorDoor
from models.detectors.elevator_ebike import ElevatorEbike
from models.detectors.elevator_entrapment import ElevatorEntrapment
from models.detectors.elevator_levelling import ElevatorLevelling
from models.detectors.elevator_rope_wear import ElevatorRopeWear
from models.detectors.elevator_vibration import ElevatorVibration
from models.detectors.network_leak import NetworkLeak
from models.detectors.parking_fire_lane import ParkingFireLane
from models.detectors.parking_illegal import ParkingIllegal
from models.detectors.pipe_burst import PipeBurst
from models.detectors.pipe_burst_edge import PipeBurstEdge
from models.detectors.pipe_freeze import PipeFreeze
from models.detectors.pipe_leak import PipeLeak
from models.detectors.pump_bearing import PumpBearing
from models.detectors.pump_cavitation import PumpCavitation
from models.detectors.pump_cycling import PumpCycling
from models.detectors.pump_dry_run import PumpDryRun
from models.detectors.pump_motor import PumpMotor
from models.detectors.sensor_fault import SensorFault

DETECTORS: tuple[Detector, ...] = (
    ElevatorEntrapment(),
    ElevatorBrake(),
    ElevatorDoor(),
    ElevatorLevelling(),
    ElevatorRopeWear(),
    ElevatorVibration(),
    ParkingFireLane(),
    ParkingIllegal(),
    BuildingEbike(),
    ElevatorEbike(),
    BuildingFallingObject(),
    PipeBurst(),
    PipeBurstEdge(),
    PipeLeak(),
    NetworkLeak(),
    BuildingFlood(),
    PumpDryRun(),
    PumpCavitation(),
    PumpBearing(),
    PumpCycling(),
    PumpMotor(),
    PipeFreeze(),
    BuildingStorm(),
    SensorFault(),
    AssetDeviation(),
    AssetMultivariate(),
)
"""In the order the engine asks them; names are unique. What is general comes last: of two findings of one moment the
specific one is heard first, and the general one makes no second order."""
