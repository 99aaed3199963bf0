"""Dwell: how long a vehicle has stood in a zone, from the events of the cameras that watch it.

Source: DOMAIN 4.1 (enter, dwell, violation, clear; two photos; the same car again) and 4.2 (what Frigate publishes).
"""

from collections.abc import Sequence

from models.cameras.dwell_rule import DwellRule
from models.cameras.vehicles import readable
from models.cameras.zone_watch import ZoneWatch
from models.detector import Memory
from models.findings import Finding
from models.thresholds import ThresholdBook
from models.windows import Window

_ORDER = {"new": 0, "update": 1, "end": 2}


def dwell(rule: DwellRule, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
    """The findings of windows of zones; the body of `Detector.observe` of every dwell rule.

    A finding is said when a vehicle has stood too long (score 1, with its two stills), when it has gone (score 0), and
    when nobody can tell any more because its camera is silent (unknown). Its subject is the vehicle: a hash of its
    plate if that was read well, else of its track.
    """
    found: list[Finding] = []
    for window in windows:
        asset = window.asset
        if asset.limits.get("zone_kind") not in rule.limits:
            continue
        zone = ZoneWatch(rule, asset, memory.states.setdefault(asset.id, {}), thresholds, window.start_us)
        for still in window.stills:
            zone.see(still)
        events = [e for e in window.events if readable(e)]
        for event in sorted(events, key=lambda e: (e.at_us, _ORDER.get(e.attributes.get("type", "update"), 1))):
            zone.let_pass(event.at_us)
            zone.hear(event)
        zone.let_pass(window.end_us)
        found += zone.said
        next_us = zone.next_us()
        if next_us is not None:
            memory.wake_us[asset.id] = next_us
    return sorted(found, key=lambda f: (f.at_us, f.asset, f.failure_mode, f.subject))
