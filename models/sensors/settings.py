"""Sensor settings: what of the watch over sensors may be turned."""

from typing import Final

from models.thresholds import Tunable

FAILURE_MODE = "sensor.fault"
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US

STUCK = Tunable(
    "sensor.fault.stuck_s",
    "s",
    300,
    86_400,
    3_600,
    "DOMAIN 6.2: 5 identical raw values are flat; an hour of them is worth a walk (chosen by: a level III order)",
)
SILENT = Tunable(
    "sensor.fault.silent_s",
    "s",
    60,
    604_800,
    900,
    "chosen by: a gateway that restarts is back within minutes; no silence is shorter, most devices' is longer",
)
OFFLINE = Tunable("sensor.fault.offline_s", "s", 0, 86_400, 600, "DOMAIN 7: offline_s 600")
CLOCK = Tunable(
    "sensor.fault.clock_off_s", "s", 6, 86_400, 60, "chosen by: a minute moves no rule; NTP holds milliseconds"
)
JUMPS = Tunable(
    "sensor.fault.jump_share",
    "1",
    0.05,
    1.0,
    0.1,
    "chosen by: four jumps in some thirty readings; a burst with its repair makes two",
)
DRIFT = Tunable(
    "sensor.fault.drift_ratio", "1", 0.2, 10.0, 1.0, "chosen by: multiple of the metric's limit in ingest/metrics.py"
)
TUNABLES: Final = (STUCK, SILENT, OFFLINE, CLOCK, JUMPS, DRIFT)
