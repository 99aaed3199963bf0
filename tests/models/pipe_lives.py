"""Pipe lives: simulated risers as detectors see them, reading after reading or message after message."""

import json
from collections.abc import Iterator

from device_simulators.calendar import local_days, local_midnight
from device_simulators.riser import Riser
from ingest.readings import Batch, Reading
from ingest.registry import Asset, AssetClass, Text

MIDNIGHT = local_midnight(1_764_000_000_000_000)


def riser_asset(name: str, *neighbours: str) -> Asset:
    return Asset(name, "s", AssetClass.RISER, Text("立管", "riser"), neighbours=neighbours)


def batches(riser: Riser, start_us: int, end_us: int) -> list[Batch]:
    """What the riser's two loggers publish, in the order in which it arrives."""
    messages = [*riser.pressure_messages(start_us, end_us), *riser.vibration_messages(start_us, end_us)]
    made = []
    for message in sorted(messages, key=lambda m: m.at_us):
        device = message.topic.split("/")[-2]
        readings = tuple(
            Reading(device, name, sample["at"], float(value))
            for sample in json.loads(message.payload)["samples"]
            for name, value in sample["values"].items()
        )
        made.append(Batch("s", device, message.at_us, readings=readings))
    return made


def readings(riser: Riser, asset: Asset, start_us: int, end_us: int) -> Iterator[tuple[Asset, Reading]]:
    """The same, reading after reading."""
    for batch in batches(riser, start_us, end_us):
        for reading in batch.readings:
            yield asset, reading


def nightly(riser: Riser, asset: Asset, start_us: int, end_us: int) -> Iterator[tuple[Asset, Reading]]:
    """What is measured in the small hours, 01:00 to 05:00, every three minutes: enough for what judges nights."""
    for midnight_us in local_days(start_us, end_us):
        times, pressure = riser.pressure_kpa(midnight_us)
        flow = riser.flow_m3_h(midnight_us, times, pressure)
        for index in range(60, 300, 3):
            at_us = int(times[index])
            yield asset, Reading(f"{asset.id}-pressure", "flow_m3_h", at_us, round(float(flow[index]), 3))
            yield asset, Reading(f"{asset.id}-pressure", "pressure_kpa", at_us, round(float(pressure[index]), 2))
