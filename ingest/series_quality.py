"""Series quality: whether a sensor jumps, keeps still for too long, is back after a gap or repeats itself.

One rule, two callers: `judge` flags readings in the order of their arrival, for people; `sensor.fault` in `models`
looks at the same readings in event time, and acts.
"""

import math
from dataclasses import dataclass
from typing import Final

from ingest.metrics import METRICS, Metric
from ingest.readings import Quality

# Plain integers: flags as enum members cost 2 us a reading.
JUMP, STUCK, AFTER_GAP, REPEATED = (
    int(flag) for flag in (Quality.JUMP, Quality.STUCK, Quality.AFTER_GAP, Quality.REPEATED)
)

RUN: Final = 5
"""So many equal raw values in a row are a flat line. Source: DOMAIN 6.2, L0."""
GAPS: Final = 10
"""Silence is a gap from so many usual intervals on. Chosen by: who loses every other message never gets there."""
GAP_AT_LEAST_US: Final = 15 * 60_000_000
"""And never a shorter one. Chosen by: a gateway that restarts is back by then."""

ALL_SAME: Final = 65_536
"""Shares of runs are counted in so many parts: whole numbers, short where they are stored, the same in arrays."""
FINE: Final = round(0.05 * ALL_SAME)
"""Series of which a smaller share of readings repeats the one before are fine: theirs do so by chance only.

Chosen by: 0.05 ** 4 is 6e-6, so five equal ones in a row come by chance less than once in a hundred thousand."""
RUNS_OF: Final = 64
"""A run counts for about so many."""
LEARNT_LONGEST_US: Final = 2 * 86_400_000_000
FIRST_DAY_US: Final = 86_400_000_000
LONGER_THAN_HABIT: Final = 3
DRIVERS: Final = ("speed_rpm", "current_a", "velocity_rms_mm_s")
"""What tells whether a machine stands, the best sign first."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A metric's limits as `take` needs them, times in microseconds; see `Metric`.

    `sampled` is false for codes, switches and counters, which many devices report only when they change.
    """

    step: float
    rate_us: float
    still_us: float
    rests_at: float
    rest_us: float
    driven: bool
    sampled: bool

    @classmethod
    def of(cls, metric: Metric) -> "Rule":
        """That of a metric."""
        return cls(
            step=metric.step,
            rate_us=metric.rate / 1e6,
            still_us=metric.still_s * 1e6,
            rests_at=metric.rests_at,
            rest_us=metric.rest_s * 1e6,
            driven=metric.driven,
            sampled=metric.rests_at >= 0.0 or min(metric.step, metric.still_s) < math.inf,
        )


RULES: Final[dict[str, Rule]] = {name: Rule.of(metric) for name, metric in METRICS.items()}


@dataclass(slots=True)
class Track:
    """What is remembered of one series: eight numbers.

    Attributes:
        at_us: Device time of its newest reading.
        value: The newest reading's.
        born_us: Device time of its first reading.
        since_us: When the run of equal values began that the newest one belongs to.
        run: How many readings that run has.
        pace_us: Its usual interval; 0 before the second reading.
        longest_us: The longest run that ended by itself.
        same: The share of runs that are longer than one reading, of late, in parts of `ALL_SAME`; all at first, so that
            being fine is learnt. A run counts when it has ended: what sticks does not become a habit by it.
    """

    at_us: int
    value: float
    born_us: int
    since_us: int
    run: int = 1
    pace_us: int = 0
    longest_us: int = 0
    same: int = ALL_SAME

    @classmethod
    def begun(cls, at_us: int, value: float) -> "Track":
        """That of a series whose first reading this is."""
        return cls(at_us, value, at_us, at_us)

    @property
    def fine(self) -> bool:
        """Whether equal values in a row are no habit of it."""
        return self.same < FINE


def take(track: Track, rule: Rule, at_us: int, value: float, *, standing: bool = False) -> int:
    """The flags of the next reading of a series, which is remembered.

    Args:
        track: Of the series, changed.
        rule: Of its metric.
        at_us: Device time.
        value: In the metric's unit, believed.
        standing: The machine it belongs to stands still.

    Returns:
        JUMP, STUCK, AFTER_GAP or REPEATED, or 0. What comes after its time leaves no trace and gets no flag.
    """
    gap_us = at_us - track.at_us
    if gap_us <= 0:
        return REPEATED if gap_us == 0 else 0
    flags = 0
    pace_us = track.pace_us
    if gap_us <= 3 * pace_us:
        track.pace_us = pace_us + (gap_us - pace_us) // 8
    elif pace_us:
        track.pace_us = pace_us + pace_us // 4
        if rule.sampled and gap_us > GAP_AT_LEAST_US and gap_us > GAPS * pace_us:
            flags = AFTER_GAP
    else:
        track.pace_us = gap_us
    change = value - track.value
    if flags or (standing and rule.driven):
        track.since_us, track.run = at_us, 1
    elif change == 0.0:
        flags = _goes_on(track, rule, at_us)
    else:
        if track.run > 1:
            _ends(track, rule)
        track.same -= track.same // RUNS_OF
        track.since_us, track.run = at_us, 1
        if (change > rule.step or -change > rule.step) and abs(change) > rule.rate_us * gap_us:
            flags = JUMP
    track.at_us = at_us
    track.value = value
    return flags


def _goes_on(track: Track, rule: Rule, at_us: int) -> int:
    """STUCK if this reading goes on with a run for longer than this series may."""
    if rule.still_us == math.inf or (rule.rest_us == math.inf and abs(track.value) <= rule.rests_at):
        track.since_us, track.run = at_us, 1
        return 0
    track.run += 1
    track.at_us = at_us
    return STUCK if stuck(track, rule) else 0


def _ends(track: Track, rule: Rule) -> None:
    """Learn from a run that has ended that runs happen, and how long they may be; rest teaches nothing."""
    if abs(track.value) <= rule.rests_at:
        return
    if not stuck(track, rule):
        track.longest_us = max(track.longest_us, min(track.at_us - track.since_us, LEARNT_LONGEST_US))
    track.same += ALL_SAME // RUNS_OF


def stuck(track: Track, rule: Rule) -> bool:
    """Whether the run of the newest reading is too long."""
    if track.run < RUN or rule.still_us == math.inf:
        return False
    length_us = track.at_us - track.since_us
    if abs(track.value) <= rule.rests_at:
        return length_us >= rule.rest_us
    return track.fine or length_us >= allowed_us(track, rule)


def allowed_us(track: Track, rule: Rule) -> float:
    """How long a series may keep still that is not fine: its metric's time, or three times what was its habit.

    A run that began on its first day may last a day: its habits are not known yet.
    """
    allowed = max(rule.still_us, LONGER_THAN_HABIT * track.longest_us)
    return max(allowed, FIRST_DAY_US) if track.since_us - track.born_us < FIRST_DAY_US else allowed


def repeats(track: Track, rule: Rule) -> bool:
    """Whether the newest reading of a fine series only repeats the one before: most likely nothing was measured."""
    return track.run > 1 and track.fine and rule.still_us != math.inf and abs(track.value) > rule.rests_at


def stands(tracks: dict[str, Track]) -> bool:
    """Whether the machine that a device measures stands still, by the best sign the device gives.

    Args:
        tracks: Of one device, by metric.
    """
    for metric in DRIVERS:
        track = tracks.get(metric)
        if track is not None:
            return abs(track.value) <= RULES[metric].rests_at
    return False


class SeriesJudge:
    """Flags readings in the order in which they arrive. It remembers eight numbers a series, and nothing of strangers.

    Two ingest processes each flag what they hear. That is good enough for advice; nothing is decided by it.
    """

    def __init__(self) -> None:
        self._tracks: dict[str, dict[str, Track]] = {}
        self._received_us: dict[str, int] = {}

    def of(self, device: str, received_us: int) -> dict[str, Track]:
        """What is remembered of a device, by metric; to be asked once a message, of devices of the registry only.

        Args:
            device: Its id.
            received_us: The message's arrival. A message that is judged once more, because the log did not take it,
                must not look like one that repeats itself: it gets an empty memory.
        """
        if self._received_us.get(device) == received_us:
            return {}
        self._received_us[device] = received_us
        tracks = self._tracks.get(device)
        if tracks is None:
            tracks = self._tracks[device] = {}
        return tracks

    def forget(self, devices: set[str]) -> None:
        """Keep only what is known of these devices."""
        self._tracks = {device: tracks for device, tracks in self._tracks.items() if device in devices}
        self._received_us = {device: at_us for device, at_us in self._received_us.items() if device in devices}


def flags(tracks: dict[str, Track], metric: str, at_us: int, value: float) -> int:
    """The flags of the next reading of a device that has arrived.

    Args:
        tracks: Of the device, by metric; changed.
        metric: One of `METRICS`.
        at_us: Device time.
        value: In the metric's unit, believed and not late.
    """
    track = tracks.get(metric)
    if track is None:
        tracks[metric] = Track.begun(at_us, value)
        return 0
    rule = RULES[metric]
    return take(track, rule, at_us, value, standing=rule.driven and stands(tracks))
