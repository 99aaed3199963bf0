"""Agenda: a site's lanes of windows, and which of them close when."""

import heapq
from collections.abc import Iterator

from models.buffers import BEGINNING_US, Bucket, Lane

Close = tuple[int, int, int]
"""When a window closes, its width, its start: windows alike in these close together, and others in this order."""


class Agenda:
    """A site's watermark, and its open windows by when they close.

    Attributes:
        watermark_us: Of the site; `BEGINNING_US` before anybody spoke.
        lanes: By width, of every asset that is looked at in windows so wide.
    """

    def __init__(self) -> None:
        self.watermark_us = BEGINNING_US
        self.lanes: dict[int, list[Lane]] = {}
        self._lane_of: dict[tuple[str, int], Lane] = {}
        self._due: list[tuple[int, int, int, str]] = []

    def add(self, lane: Lane) -> None:
        """Take a lane of the site in; none of its windows is open yet."""
        self.lanes.setdefault(lane.width_us, []).append(lane)
        self._lane_of[lane.asset.id, lane.width_us] = lane

    def put(self, lane: Lane, start_us: int) -> None:
        """Note a window that was opened."""
        heapq.heappush(self._due, (lane.closes_at_us(start_us), lane.width_us, start_us, lane.asset.id))

    def wake(self, lane: Lane, wake_us: int, earliest_us: int) -> None:
        """Open the window that holds a wake-up; one asked for in the past is served by the next window."""
        at_us = max(wake_us, earliest_us)
        self.open(lane, at_us - at_us % lane.width_us)

    def open(self, lane: Lane, start_us: int) -> None:
        """Open a window, unless it is."""
        if start_us not in lane.open:
            lane.open[start_us] = Bucket()
            self.put(lane, start_us)

    def closing(self) -> Iterator[tuple[Close, list[Lane]]]:
        """The windows that are over at the watermark, those that close together at once, in the order they close."""
        due = self._due
        while due and due[0][0] <= self.watermark_us:
            close = due[0][:3]
            lanes: list[Lane] = []
            while due and due[0][:3] == close:
                lanes.append(self._lane_of[heapq.heappop(due)[3], close[1]])
            yield close, lanes
