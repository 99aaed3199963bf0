"""Hydraulics held against EPANET, through WNTR: the same pipe, hole and friction by somebody else's solver."""

from pathlib import Path

import numpy as np
import pytest
import wntr

from device_simulators.hydraulics import (
    DISCHARGE_COEFFICIENT,
    circle_area_m2,
    friction_pa,
    leaking_pressure_pa,
    orifice_flow_m3_s,
)

_PA_PER_M = 9.81e3
_FEED_M = 35.0


def _epanet(folder: Path, demand_m3_s: float, hole_m: float, length_m: float, diameter_m: float) -> tuple[float, float]:
    """Pressure in Pa at the end of one pipe from a reservoir, and the flow through it in m3/s, as EPANET has them."""
    net = wntr.network.WaterNetworkModel()
    net.options.hydraulic.headloss = "H-W"
    net.options.time.duration = 0
    net.options.hydraulic.accuracy = 1e-6
    net.add_reservoir("feed", base_head=_FEED_M)
    net.add_junction("end", base_demand=demand_m3_s, elevation=0.0)
    net.add_pipe("riser", "feed", "end", length=length_m, diameter=diameter_m, roughness=120.0)
    # EPANET's emitter is Q = C sqrt(head): the orifice with sqrt(2 g) in its coefficient.
    net.get_node("end").emitter_coefficient = DISCHARGE_COEFFICIENT * circle_area_m2(hole_m) * np.sqrt(2 * 9.81)
    results = wntr.sim.EpanetSimulator(net).run_sim(file_prefix=str(folder / "riser"))
    return float(results.node["pressure"]["end"].iloc[0]) * _PA_PER_M, float(results.link["flowrate"]["riser"].iloc[0])


@pytest.mark.parametrize(
    ("length_m", "diameter_m", "flow_m3_h"),
    [(60.0, 0.068, 0.5), (60.0, 0.068, 2.0), (60.0, 0.068, 8.0), (20.0, 0.027, 0.5), (20.0, 0.027, 2.0)],
)
def test_friction_is_epanets(tmp_path: Path, length_m: float, diameter_m: float, flow_m3_h: float) -> None:
    """What a flow loses along a pipe is EPANET's, to a hundredth of it or a thousandth of the feed."""
    flow = flow_m3_h / 3_600.0
    lost = float(friction_pa(np.array([flow]), length_m, diameter_m)[0])
    pressure, _ = _epanet(tmp_path, flow, 1e-6, length_m, diameter_m)

    assert _FEED_M * _PA_PER_M - pressure == pytest.approx(lost, rel=0.01, abs=0.001 * _FEED_M * _PA_PER_M)


@pytest.mark.parametrize("hole_mm", [1.0, 3.0, 8.8, 20.3])
def test_what_leaves_a_hole_is_epanets(tmp_path: Path, hole_mm: float) -> None:
    """From 1 mm to BattLeDIM's widest hole: at EPANET's pressure our orifice lets out what its emitter does."""
    pressure, flow = _epanet(tmp_path, 0.0, hole_mm / 1e3, 60.0, 0.068)

    assert float(orifice_flow_m3_s(circle_area_m2(hole_mm / 1e3), pressure)) == pytest.approx(flow, rel=0.01)


@pytest.mark.parametrize("hole_mm", [2.0, 8.8, 20.3])
def test_a_leaking_pipe_settles_where_epanet_says(tmp_path: Path, hole_mm: float) -> None:
    """With friction made a droop at EPANET's flow, the pressure that is left while the hole draws is EPANET's."""
    pressure, flow = _epanet(tmp_path, 0.0, hole_mm / 1e3, 60.0, 0.068)
    feed_pa = _FEED_M * _PA_PER_M
    droop = (feed_pa - pressure) / flow
    left = leaking_pressure_pa(np.array([feed_pa]), np.array([circle_area_m2(hole_mm / 1e3)]), droop)

    assert float(left[0]) == pytest.approx(pressure, rel=0.01)
