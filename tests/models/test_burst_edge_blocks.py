"""Burst edge in blocks: what is dropped of a riser counts no more, whoever has fallen silent meanwhile."""

import pytest

from ingest.readings import Batch
from ingest.registry import AssetClass
from models.detectors.pipe_burst_edge import PipeBurstEdge
from tests.models.test_blocks import OneByOne, lived, replayed
from tests.models.worlds import T0, S, asset, device, logged, registry, telemetry

MINUTE_US, RISERS, HOURS = 60 * S, 36, 6
END_US = T0 + (HOURS + 1) * 3_600 * S
WORLD = registry(
    [asset(f"r{n:02}", AssetClass.RISER) for n in range(RISERS)],
    [device(f"r{n:02}-x", f"r{n:02}") for n in range(RISERS)],
)


def said(minute: int, n: int, silent: str) -> Batch:
    """Pressure each minute; of every other riser one witness stops after an hour."""
    values = {"pressure_kpa": 350.0 + n / 10, "flow_m3_h": 1.0 + minute / 1_000, "pipe_vibration_um_s2": 900.0 + minute}
    if n % 2 and minute > 60:
        del values[silent]
    return telemetry(f"r{n:02}-x", T0 + minute * MINUTE_US, values)


@pytest.mark.parametrize("silent", ["flow_m3_h", "pipe_vibration_um_s2", "pressure_kpa"])
def test_what_fell_silent_is_remembered_as_it_was(silent: str) -> None:
    """The last flows, sounds and pressures are those of one look after the other, and so is what a tear then shows."""
    batches = [said(minute, n, silent) for minute in range(HOURS * 60) for n in range(RISERS)]
    whole = logged(batches, WORLD)
    torn_us = T0 + HOURS * 60 * MINUTE_US
    batches += [
        telemetry(
            f"r{n:02}-x", torn_us + s * S, {"pressure_kpa": 350.0 if s < 20 else 210.0, "flow_m3_h": 1.0 + s / 20}
        )
        for s in range(180)
        for n in range(RISERS)
    ]
    records = logged(batches, WORLD)
    found, remembered = lived(records, [OneByOne(PipeBurstEdge())], WORLD, END_US)

    assert lived(whole, [PipeBurstEdge()], WORLD, END_US) == lived(whole, [OneByOne(PipeBurstEdge())], WORLD, END_US)
    assert {f.asset for f in found} == set(WORLD.assets)
    assert lived(records, [PipeBurstEdge()], WORLD, END_US) == (found, remembered)
    assert replayed(records, PipeBurstEdge(), WORLD, END_US) == found
