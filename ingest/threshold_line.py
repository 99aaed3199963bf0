"""Threshold line: the thresholds in force, repeated along event time, so that a chart of any range has a line."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ingest.history import DAY_US, Point
from ingest.log import Record

IN_FORCE = "threshold_in_force"
EVERY_US = DAY_US
"""How far apart the repeats are, in event time. Chosen by: a thousand assets with forty thresholds each make 0.5 points
a second so (11 if it were an hour); a chart looks a day further back than it shows, which at Grafana's shortest step of
10 s is 8,640 values a line."""
_AT_MOST_US = 30 * EVERY_US
"""After a longer silence of the site only its last month is filled."""

_Key = tuple[tuple[str, str], ...]


class ThresholdLine:
    """Repeats every threshold at midnight UTC of event time, as points of the series `threshold_in_force`.

    A threshold changes once in months and InfluxQL does not look before the range of a chart, so the changes alone
    (series `threshold`) would leave most charts without a line. The repeats follow from the records and the changes
    alone: written again they are the same points.
    """

    def __init__(self, changes: Iterable[Point]) -> None:
        """Start from what is known.

        Args:
            changes: All points of the series `threshold` so far, in any order.
        """
        self._changes: dict[_Key, list[Point]] = {}
        self._repeated_us: int | None = None
        self.change(changes)

    def change(self, points: Iterable[Point]) -> list[Point]:
        """Take note of threshold changes among points; the same changes as points of the line."""
        changes = [p for p in points if p.series == "threshold" and "value" in p.fields]
        for point in changes:
            insort(self._changes.setdefault(tuple(sorted(point.tags.items())), []), point, key=_when)
        return [_on_line(point, point.at_us) for point in changes]

    def follow(self, records: Sequence[Record]) -> list[Point]:
        """The repeats that became due while the sites' event time went on to that of `records`."""
        due_us: list[int] = []
        for day_us in sorted({record.watermark_us // EVERY_US * EVERY_US for record in records}):
            if self._repeated_us is None:
                self._repeated_us = day_us - EVERY_US
            due_us += range(max(self._repeated_us, day_us - _AT_MOST_US) + EVERY_US, day_us + 1, EVERY_US)
            self._repeated_us = max(self._repeated_us, day_us)
        return [_on_line(point, at_us) for at_us in due_us for point in self._in_force_before(at_us)]

    def _in_force_before(self, at_us: int) -> Iterator[Point]:
        for changes in self._changes.values():
            before = bisect_left(changes, at_us, key=_when)
            if before:
                yield changes[before - 1]
                del changes[: before - 1]  # time only goes on


def _when(point: Point) -> int:
    return point.at_us


def _on_line(point: Point, at_us: int) -> Point:
    return replace(point, series=IN_FORCE, at_us=at_us, fields={"value": point.fields["value"]})
