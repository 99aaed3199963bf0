"""Sensor series: one channel of a device in event time: whether it sticks or jumps, and which readings to believe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.metrics import METRICS
from ingest.readings import Reading
from ingest.series_quality import FIRST_DAY_US, JUMP, RULES, RUN, Track, allowed_us, repeats, stands, stuck, take
from models.detector import State
from models.sensors.drift import DAY_US
from models.sensors.settings import JUMPS
from models.statistics.pictures import Picture, steps, with_row
from models.windows import Window

JUMPS_OF = 32
"""A jump counts for about so many readings. Chosen by: a burst makes one or two, a loose contact one in a few."""

POINTS, POINT_US = 24, 5 * 60_000_000
"""A picture's points, and how closely their time is kept: a half hour is one character, and a plot shows no less."""
POINT_EVERY_US = 30 * 60_000_000
_DECIMALS = {"C": 1, "Hz": 0, "V": 1, "kPa": 1, "rpm": 0, "um/s2": 0}
"""What of a value a plot of half a day shows, by unit; two of any other. Chosen by: under what such sensors resolve."""
_HELD = 32
MOST_HELD = 8
"""So few in an hour leave what was held in the two hours before among those that are kept."""
_HELD_US = 86_400_000_000
_CALM_SHARE = 0.2
CALM_JUMPS = _CALM_SHARE * JUMPS.low
"""Of so few jumps nothing follows, whatever is set."""

JUDGED = frozenset(name for name, rule in RULES.items() if rule.sampled)
"""Metrics of which a single series can be seen to be wrong, or to stand; codes, switches and counters are neither."""


@dataclass(slots=True)
class Channel:
    """What is known of one series.

    Attributes:
        metric: Its name.
        track: What `series_quality` remembers.
        day: That of its newest reading (UTC) which was added to the means of days.
        jumps: The share of its readings that jump, of late.
        jumping: Whether that is too much; it ends well below where it began.
        drifting: Whether it has drifted away from its neighbours; `sensor_drift` says so.
        held: Stretches [from, until) of event time whose readings are not believed, at most a day old.
        days: Of what is compared with neighbours, what `drift` knows of its days; else None.
        points: Time in steps of `POINT_US` and value in those of `decimals_of` every half hour, for the evidence.
    """

    metric: str
    track: Track
    day: int
    jumps: float
    jumping: bool
    drifting: bool
    held: list[list[int]]
    points: Picture
    days: State | None = None

    @classmethod
    def begun(cls, first: Reading) -> "Channel":
        """That of a series that speaks for the first time."""
        points = with_point([], first.metric, first.at_us // POINT_US, first.value)
        track, day = Track.begun(first.at_us, first.value), first.at_us // DAY_US
        return cls(first.metric, track, day, 0.0, False, False, [], points)

    @classmethod
    def of(cls, metric: str, stored: State, habit: State) -> "Channel":
        """As it was stored with the habits of its device."""
        track = track_of(stored["track"], habit)
        jumps, jumping, drifting = stored.get("jumps", 0.0), "jumping" in stored, "drifting" in stored
        held, points, days = stored.get("held", []), stored["points"], stored.get("days")
        return cls(metric, track, track.at_us // DAY_US, jumps, jumping, drifting, held, points, days)

    def stored(self, habit: State) -> State:
        """As JSON, beside the habits of its device as they are now; what is not wrong or not there is left out."""
        wrong = {"jumps": self.jumps, "jumping": self.jumping, "drifting": self.drifting, "held": self.held}
        there = {name: one for name, one in (wrong | {"days": self.days}).items() if one}
        return {"track": track_stored(self.track, habit), "points": self.points, **there}

    def hear(self, reading: Reading, limit: float, *, standing: bool) -> None:
        """Take in its next reading.

        Args:
            reading: In event time.
            limit: Share of jumps from which on it is at fault.
            standing: The machine stands still.
        """
        rule, track, at_us = RULES[self.metric], self.track, reading.at_us
        before_us = track.at_us
        jumped = take(track, rule, at_us, reading.value, standing=standing) == JUMP
        if jumped or self.jumps:
            self.jumps = share_of_jumps(self.jumps, jumped=jumped)
        self.jumping = self.jumps >= (_CALM_SHARE * limit if self.jumping else limit)
        if stuck(track, rule):
            # The first of the run was measured; what came after it was not, and wide windows still hold it.
            self._hold(track.since_us + 1, before_us, at_us)
        elif self.jumping or self.drifting or repeats(track, rule):
            self._hold(at_us, before_us, at_us)
        if at_us >= self.points[0] * POINT_US + POINT_EVERY_US:
            self.points = with_point(self.points, self.metric, at_us // POINT_US, reading.value)

    @property
    def stuck(self) -> bool:
        """Whether it has kept still for too long."""
        return stuck(self.track, RULES[self.metric])

    @property
    def at_fault(self) -> bool:
        """Whether it is at fault now: what it said last is held back, and not only for one repetition."""
        wrong = self.jumping or self.drifting or self.track.run >= RUN
        return wrong and bool(self.held) and self.held[-1][1] > self.track.at_us

    def flat(self, least_us: float) -> tuple[float, float]:
        """How long it has kept still, and from when on a person should look, microseconds; meant while it sticks."""
        rule, track = RULES[self.metric], self.track
        allowed = max(least_us, 1.0 if track.fine else allowed_us(track, rule))
        resting = abs(track.value) <= rule.rests_at
        return track.at_us - track.since_us, rule.rest_us if resting else allowed

    def _hold(self, from_us: int, before_us: int, at_us: int) -> None:
        self.held = with_held(self.held, from_us, before_us, at_us)


def track_stored(track: Track, habit: State) -> list[float]:
    """A track as JSON: of a lively sensor two numbers, as zeros at the end are left out.

    They are its value, its share of runs that repeat, its pace over its device's, the longest run; how long before its
    device's newest word it spoke, for how long it has kept still, its readings after the first of the run; and while
    that run began on its first day, how long after its device it was born. All times are microseconds.

    Args:
        track: Of a series.
        habit: Of its device.
    """
    young = track.since_us - track.born_us < FIRST_DAY_US
    numbers = [
        *(track.value, track.same, track.pace_us - habit["pace_us"], track.longest_us),
        *(habit["at_us"] - track.at_us, track.at_us - track.since_us, track.run - 1),
        track.born_us - habit["born_us"] if young else 0,
    ]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return numbers


def track_of(stored: Sequence[float], habit: State) -> Track:
    """The track that was stored; one that is older than a day passes for as old as its device."""
    value, *rest = stored
    same, slower_us, longest_us, behind_us, still_us, more, later_us = map(int, (*rest, *(0,) * (7 - len(rest))))
    at_us, born_us, pace_us = habit["at_us"] - behind_us, habit["born_us"] + later_us, habit["pace_us"] + slower_us
    return Track(at_us, value, born_us, at_us - still_us, more + 1, pace_us, longest_us, same)


def share_of_jumps(share: float, *, jumped: bool) -> float:
    """The share of readings that jump, of late, after one more."""
    return round(share + (jumped - share) / JUMPS_OF, 4)


def with_held(held: list[list[int]], from_us: int, before_us: int, at_us: int) -> list[list[int]]:
    """Stretches of which nothing is believed, and one more; the last goes on if it held the reading before."""
    if held and held[-1][1] > before_us:
        held = [*held[:-1], [min(from_us, held[-1][0]), at_us + 1]]
    else:
        held = [*held, [from_us, at_us + 1]]
    return [one for one in held if one[1] > at_us - _HELD_US][-_HELD:]


def decimals_of(metric: str) -> int:
    """To how many decimals a metric's values are kept in pictures."""
    return _DECIMALS.get(METRICS[metric].unit, 2)


def with_point(points: Picture, metric: str, at: int, value: float) -> Picture:
    """The points of a metric's picture and one more, its time in steps of `POINT_US`; the oldest go."""
    return with_row(points, [at, steps(value, decimals_of(metric))], POINTS)


def hear_all(
    stored: Mapping[str, State], before: State, readings: Sequence[Reading], limit: float
) -> dict[str, Channel]:
    """The channels of one device after its readings, by metric.

    Args:
        stored: By metric, JSON.
        before: The habits of the device before them.
        readings: Of one device and of metrics in `JUDGED`, ascending.
        limit: As in `Channel.hear`.
    """
    channels = {metric: Channel.of(metric, one, before) for metric, one in stored.items()}
    tracks = {metric: channel.track for metric, channel in channels.items()}
    for reading in readings:
        channel = channels.get(reading.metric)
        if channel is None:
            channel = channels[reading.metric] = Channel.begun(reading)
            tracks[reading.metric] = channel.track
        else:
            channel.hear(reading, limit, standing=RULES[reading.metric].driven and stands(tracks))
    return channels


def said_by(known: State) -> set[str]:
    """The metrics and kinds of events that a device is known to say; those that are judged are not kept twice."""
    return {*known.get("says", ()), *known["series"]}


def held_in(home: State, device: str, window: Window) -> list[str]:
    """The metrics of a device of which some readings in a window are perhaps not to be believed.

    Args:
        home: What is remembered at the device's home; empty if nothing is.
        device: Its id.
        window: Of any asset of the device.
    """
    if device not in home.get("devices", ()):
        return []
    start_us, end_us = window.start_us, window.end_us
    return [
        metric
        for metric, series in home["devices"][device]["series"].items()
        if "held" in series and series["held"][-1][1] > start_us and series["held"][0][0] < end_us
    ]


def is_held(series: State, at_us: int) -> bool:
    """Whether the reading of a moment is not to be believed."""
    return any(start <= at_us < end for start, end in series.get("held", ()))
