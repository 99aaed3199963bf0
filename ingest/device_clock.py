"""Device clock: whose clock is wrong, judged from when messages arrive and what time they bear.

Only here is it known when a message arrived. What comes of it goes on as an event of the device, so that everything
behind the log sees it in event time, and a replay sees the same.
"""

from dataclasses import dataclass
from typing import Final

from ingest.readings import Event

CLOCK_EVENT: Final = "device.clock"
"""Kind of the event: `off_s` is how many seconds the clock is ahead, negative if behind; `sure` is false while it may
only deliver late; `at_us` is the arrival."""

_SURE_AFTER_US = 30 * 60_000_000
_SURE_MESSAGES = 3
_AGAIN_US = 10 * 60_000_000
_STEADY_US = 60_000_000
_BEHIND_US = 60_000_000


@dataclass(slots=True)
class ClockWatch:
    """What is remembered of a device whose time was not that of its messages' arrival.

    Attributes:
        off_us: How far the first such message was ahead.
        since_us: When it arrived.
        messages: How many there were.
        told_us: When this was last said; 0 if it was not.
        sure: Whether it was said for sure.
    """

    off_us: int
    since_us: int
    messages: int = 0
    told_us: int = 0
    sure: bool = False


class DeviceClocks:
    """Follows every device's clock; remembers only the wrong ones.

    A clock is surely wrong when half an hour of messages have been off by the same amount: what was held back while
    the network was away catches up, and its lag melts. It is said every ten minutes for as long as it is so, from the
    first message on: even one that is too late for everything else shows that its device is not silent.
    """

    def __init__(self, ahead_us: int) -> None:
        self._ahead_us = ahead_us
        self._wrong: dict[str, ClockWatch] = {}

    @property
    def any_wrong(self) -> bool:
        """Whether there is one that may have been set right meanwhile."""
        return bool(self._wrong)

    def hear(self, device: str, newest_us: int, received_us: int, bound_us: int) -> Event | None:
        """What is to be said of a device's clock with this message, or None.

        Args:
            device: Its id.
            newest_us: The newest time in the message.
            received_us: Its arrival.
            bound_us: How long the message may have taken, with the time the device may hold samples back.
        """
        off_us = newest_us - received_us
        if -bound_us - _BEHIND_US <= off_us <= self._ahead_us:
            self._wrong.pop(device, None)
            return None
        watch = self._wrong.get(device)
        if watch is None or abs(off_us - watch.off_us) > _STEADY_US + bound_us:
            told_us = 0 if watch is None else watch.told_us
            watch = self._wrong[device] = ClockWatch(off_us, received_us, told_us=told_us)
        watch.messages += 1
        sure = watch.messages > _SURE_MESSAGES and received_us - watch.since_us >= _SURE_AFTER_US
        if received_us - watch.told_us < _AGAIN_US and sure == watch.sure:
            return None
        watch.told_us, watch.sure = received_us, sure
        return Event(device, CLOCK_EVENT, received_us, {"off_s": round(off_us / 1e6), "sure": sure})

    def forget(self, devices: set[str]) -> None:
        """Keep only what is known of these devices."""
        self._wrong = {device: watch for device, watch in self._wrong.items() if device in devices}
