"""Sensor fault: a device that sticks, jumps, drifts, falls silent or does not know the time; what not to believe."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from ingest.registry import AssetClass
from models.blocks import EVER, Block
from models.detector import DetectorSpec, Memory, State
from models.findings import Finding
from models.gate import Present
from models.sensors.calm_watch import CalmWatch
from models.sensors.rows import SensorRows
from models.sensors.series import held_in, is_held
from models.sensors.settings import FAILURE_MODE, HOUR_US, MINUTE_US, TUNABLES
from models.sensors.silence import Beside, beside, early_silences
from models.sensors.watch import DeviceWatch, word_on
from models.thresholds import ThresholdBook
from models.told import ToldReadings
from models.windows import Window


class SensorFault:
    """Watches the devices and not what they watch; a device belongs to the first asset it speaks for.

    One subject is one device: whatever is wrong with it, one person goes there once. It is also the gatekeeper: while a
    channel sticks, jumps or drifts, no other detector is shown what it says. In a fine series the second of two equal
    values is held back at once: it holds nothing that the first did not, and the detectors behind must not take a
    frozen value for a lasting one before it is clear that it is frozen. A clock that is wrong by a constant gates
    nothing: durations stay true.

    Works badly on a sensor that is wrong and lively, on one that was wrong from its first day on, and on a device that
    only ever tells events, of which only its gateway can say that it is gone. A leak that takes more than the drift
    limit off its riser's pressure within weeks looks like a drifting gauge: the crew is told to compare first.

    Source:
        DOMAIN 6.2 (L0: flat line, rate, gap, clock skew), 1.3 (compare a sensor with its neighbours, classify sensor
        faults separately), 7 (offline 600 s, 5 identical raw values).
    """

    spec = DetectorSpec(
        name="sensor_fault",
        version=6,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset(AssetClass),
        width_us=MINUTE_US,
        tunables=TUNABLES,
        delay_us=6 * HOUR_US,
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `Detector.observe`."""
        wake_us = memory.wake_us
        watches = [
            (w, w.asset.id not in wake_us, DeviceWatch(device, w, memory, thresholds))
            for w in windows
            for device in w.devices
            if device.assets[0] == w.asset.id
        ]
        found = [finding for _, _, watch in watches for finding in watch.hear()]
        sites: dict[str, Beside] = {}

        def seen(window: Window) -> Beside:
            # All that closes together sees a site as it was then.
            if window.asset.site not in sites:
                sites[window.asset.site] = beside(memory.states, window)
            return sites[window.asset.site]

        for window, due, watch in watches:
            found += watch.ask(seen, due=due)
            if watch.wake_us is not None:
                # Moving it with every word would open an empty window for each: it is asked again when it comes.
                asset = window.asset.id
                wake_us[asset] = min(wake_us.get(asset, watch.wake_us), max(watch.wake_us, window.end_us))
        return sorted(found, key=lambda f: (f.at_us, f.asset, f.failure_mode, f.subject))

    def new_states(self) -> SensorRows:
        """See `BlockDetector.new_states`."""
        return SensorRows()

    def observe_block(
        self, block: Block, memory: Memory, thresholds: ThresholdBook
    ) -> tuple[list[Finding], Mapping[str, int]]:
        """Hear all devices of which nothing is to be said but, once an hour, that they are well."""
        states = memory.states
        if not isinstance(states, SensorRows):
            return [], dict.fromkeys((asset.id for asset in block.assets), EVER)
        watch = CalmWatch(block, states, memory.wake_us, partial(thresholds.values, TUNABLES))
        for asset, wake_us in watch.keep().items():
            if wake_us is None:
                memory.wake_us.pop(asset, None)
            else:
                memory.wake_us[asset] = wake_us
        said = watch.speakers()
        found = [word_on(d, a, at_us, 0.0 if known else None, used) for a, d, at_us, known, used in said]
        return found, dict.fromkeys(watch.left, EVER)

    def believed(self, window: Window, memory: Memory) -> Window:
        """See `Gatekeeper.believed`."""
        homes = {device.id: _lasting(memory, device.assets[0]) for device in window.devices}
        held = {(device, metric) for device, home in homes.items() for metric in held_in(home, device, window)}
        if not held:
            return window
        if isinstance(window.readings, ToldReadings):
            stretches = [(d, m, homes[d]["devices"][d]["series"][m]["held"]) for d, m in sorted(held)]
            return replace(window, readings=window.readings.without(stretches) or ())
        kept = tuple(
            r
            for r in window.readings
            if (r.device, r.metric) not in held
            or not is_held(homes[r.device]["devices"][r.device]["series"][r.metric], r.at_us)
        )
        return replace(window, readings=kept)

    def believed_block(self, block: Block, memory: Memory) -> tuple[Block, set[str]]:
        """See `Gatekeeper.believed_block`."""
        values, doubted = dict(block.values), set[str]()
        first_us, last_us = block.at_us[0].tolist(), block.at_us[-1].tolist()
        for column, device in enumerate(block.devices):
            known = _lasting(memory, device.assets[0]).get("devices", {}).get(device.id)
            for metric, series in known["series"].items() if known else ():
                held = series.get("held")
                if not held or held[-1][1] <= first_us[column] or held[0][0] > last_us[column] or metric not in values:
                    continue
                if values[metric] is block.values[metric]:
                    values[metric] = block.values[metric].copy()
                at_us, words = block.at_us[:, column], block.words[column].item()
                for low, high in at_us.searchsorted([one for one in held if one[1] > first_us[column]]).tolist():
                    values[metric][low:high, column] = np.nan
                    spoke = range(low, min(high, words))
                    if any(all(math.isnan(one[row, column]) for one in values.values()) for row in spoke):
                        doubted.add(block.assets[column].id)
        return replace(block, values=values), doubted

    def silences(self, present: Present, memory: Memory) -> list[Finding]:
        """See `Gatekeeper.silences`."""
        return early_silences(present, memory.states)


def _lasting(memory: Memory, asset: str) -> State:
    """What does not move with every word, such as what is held back."""
    states = memory.states
    return states.lasting(asset) if isinstance(states, SensorRows) else states.get(asset, {})
