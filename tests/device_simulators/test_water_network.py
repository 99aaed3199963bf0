"""Water network: it obeys its own hydraulics, its leaks grow as BattLeDIM's, its fleet stands alone."""

import numpy as np

from device_simulators.calendar import DAY_US, local_midnight
from device_simulators.fleet import Group
from device_simulators.hydraulics import circle_area_m2
from device_simulators.labels import Truth
from device_simulators.network_faults import NetworkLeak
from device_simulators.network_fleet import network_groups
from device_simulators.water_network import BRANCHES, SOURCE, WaterNetwork
from ingest.formats.precomplaint import decode_telemetry
from ingest.formats.wire_format import Decoded

START = local_midnight(1_764_000_000_000_000)
END = START + 300 * DAY_US


def _fleet(assets: int, seed: int = 1) -> list[Group]:
    return list(network_groups(np.random.default_rng(seed), assets, START, END))


def test_pressure_falls_downstream_and_most_in_the_rush() -> None:
    """No node has more pressure than the one before it but for noise, and the rush costs more than the night."""
    day = WaterNetwork("s", "w", 1).day(START)
    lost = {n: float(np.mean(day[b.upstream] - day[n])) for n, b in BRANCHES.items() if b.upstream != SOURCE}
    night, rush = slice(18, 22), slice(30, 34)

    assert min(lost.values()) > 0.0
    assert np.mean(day["north_end"][rush]) < np.mean(day["north_end"][night]) - 3.0


def test_a_leak_flows_through_the_meter_and_lowers_its_own_node_most() -> None:
    """What leaves the hole is metered at the inlet, as the orifice law says, and its branch falls more than others."""
    leak = NetworkLeak("garden", START, START, START + DAY_US, 0.016)
    sound, leaking = (WaterNetwork("s", "w", 1, leaks).day(START) for leaks in ((), (leak,)))
    flow = float(np.mean(leaking["inflow"] - sound["inflow"]))
    fall = {name: float(np.mean(sound[name] - leaking[name])) for name in BRANCHES}
    pressure = float(np.mean(leaking["garden"])) * 1e3

    assert abs(flow / (0.62 * circle_area_m2(0.016) * np.sqrt(2 * pressure / 1000) * 3600) - 1) < 0.02
    assert max(fall, key=lambda name: fall[name]) == "garden"
    assert min(fall.values()) > 0.0


def test_a_leak_grows_with_the_square_of_time_until_it_is_repaired() -> None:
    """Half-way to its peak it has a quarter of its area; before and after its life it has none."""
    leak = NetworkLeak("gate", START, START + 60 * DAY_US, START + 70 * DAY_US, 0.012)
    area = leak.area_m2(np.array([-1.0, 30.0, 60.0, 69.0, 70.0]) * DAY_US + START)

    np.testing.assert_allclose(area / circle_area_m2(0.012), [0.0, 0.25, 1.0, 1.0, 0.0])


def test_devices_speak_in_order_and_seldom() -> None:
    """A day is at most 300 messages, ascending, the same each time, and every one can be read."""
    network = WaterNetwork("s", "w", 1)
    messages = list(network.messages(START, START + DAY_US))
    times = [message.at_us for message in messages]

    assert len(messages) <= 300
    assert times == sorted(times)
    assert messages == list(network.messages(START, START + DAY_US))
    assert all(isinstance(decode_telemetry(m.topic.split("/")[-2], m.payload), Decoded) for m in messages)


def test_a_fleet_has_leaks_of_both_kinds_and_what_resembles_them() -> None:
    """Of 60 networks three in four leak, a third or more of them at once, and each sees look-alikes."""
    labels = [label for group in _fleet(60) for label in group.labels]
    leaks = [label for label in labels if label.truth is Truth.FAULT]
    abrupt = [label for label in leaks if label.failure_us is None]

    assert len(leaks) == 45
    assert 0.25 <= len(abrupt) / len(leaks) <= 0.55
    assert sum(label.truth is Truth.LOOKALIKE for label in labels) >= 120
    assert all(START + 30 * DAY_US <= label.onset_us < END for label in leaks)
