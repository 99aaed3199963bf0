"""Sensor fault: a device that sticks, jumps, drifts, falls silent or does not know the time; what not to believe."""

from collections.abc import Sequence
from dataclasses import replace

from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from models.detector import DetectorSpec, Memory
from models.findings import Finding
from models.gate import Present
from models.sensor_series import is_held
from models.sensor_settings import FAILURE_MODE, HOUR_US, MINUTE_US, TUNABLES
from models.sensor_silence import early_silences
from models.sensor_watch import DeviceWatch, home_state
from models.thresholds import ThresholdBook
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
        version=1,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset(AssetClass),
        width_us=MINUTE_US,
        tunables=TUNABLES,
        delay_us=6 * HOUR_US,
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `Detector.observe`."""
        found: list[Finding] = []
        for window in windows:
            asset = window.asset
            at_home = [device for device in window.devices if device.assets[0] == asset.id]
            if not at_home:
                continue
            state = home_state(memory, asset)
            limits = {t.name: thresholds.value(t.name, asset, window.start_us) for t in TUNABLES}
            wakes = []
            for device in at_home:
                watch = DeviceWatch(device, window, state, memory.states, limits)
                found += watch.look()
                wakes.append(watch.wake_us)
            due = min((us for us in wakes if us is not None), default=None)
            if due is not None:
                # One that comes too early only finds that it must ask again; one a minute would be a window each.
                memory.wake_us.setdefault(asset.id, max(due, window.end_us))
        return sorted(found, key=lambda f: (f.at_us, f.asset, f.failure_mode, f.subject))

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:  # noqa: ARG002 -- the contract's arguments
        """Nothing: one message proves nothing about a sensor."""
        return []

    def believed(self, window: Window, memory: Memory) -> Window:
        """See `Gatekeeper.believed`."""
        held = {
            device.id: state["devices"][device.id]["series"]
            for device in window.devices
            if (state := memory.states.get(device.assets[0])) is not None and device.id in state["devices"]
            if any(series["held"] for series in state["devices"][device.id]["series"].values())
        }
        if not held:
            return window
        kept = tuple(r for r in window.readings if r.device not in held or not is_held(held[r.device], r))
        return window if len(kept) == len(window.readings) else replace(window, readings=kept)

    def silences(self, present: Present, memory: Memory) -> list[Finding]:
        """See `Gatekeeper.silences`."""
        return early_silences(present, memory.states)
