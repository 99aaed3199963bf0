"""Frigate cameras: which ones there are, and whether they see anything, as Frigate says it of them and of itself."""

from collections.abc import Mapping

from ingest.formats.wire_format import Decoded, Message
from ingest.quarantine import Passed, Reason, Rejection
from ingest.readings import Event
from ingest.topics import FrigateChannel, FrigateTopic

STATES = {
    FrigateChannel.STATUS: ("online", "offline", "disabled"),
    FrigateChannel.AVAILABLE: ("online", "offline", "stopped"),
}
"""What Frigate says on the topics that tell of a state."""

_AGAIN_US = 300_000_000  # chosen by: Frigate says it every 10 s; 12 times an hour is enough to know that it still does
_KEPT = 1_000  # more cameras than one Frigate can serve, and few enough that invented ones cost no memory
_ONLINE = "online"


class FrigateCameras:
    """The cameras of one Frigate, as far as they were heard of, and what was last said of each.

    Frigate's own end is the end of every camera it serves, and it does not name them: so they are kept by name. Of
    several processes that share the messages each comes to know all cameras, and says each camera's state for itself.
    """

    def __init__(self) -> None:
        self._said: dict[str, tuple[str, int]] = {}

    def restore(self, kept: Mapping[str, bytes]) -> None:
        """Take up what messages asked to keep."""
        for camera, value in kept.items():
            status, said_us = value.decode().split(" ")
            self._said[camera] = status, int(said_us)

    def meet(self, camera: str) -> dict[str, bytes | None]:
        """What is to be kept when a camera speaks; nothing if it was known."""
        if camera in self._said or len(self._said) >= _KEPT:
            return {}
        return self._note(camera, "", 0)

    def state(self, topic: FrigateTopic, payload: bytes, received_us: int) -> Message | Rejection | Passed:
        """What is said of one camera, or of all, why it is refused, or that it says nothing new."""
        status = payload.decode("ascii", "replace")
        if status not in STATES[topic.channel]:
            known = ", ".join(STATES[topic.channel])
            return Rejection(Reason.WRONG_TYPE, f"{topic.channel}: {status[:40]!r} is none of {known}")
        if topic.channel is FrigateChannel.STATUS:
            return self._of_one(topic.camera, status, received_us)
        return self._of_all(status, received_us)

    def _of_one(self, camera: str, status: str, received_us: int) -> Message | Passed:
        """What Frigate says of a camera's pictures: an event when it changes, and now and then while it does not."""
        before, said_us = self._said.get(camera, ("", 0))
        if status == before and 0 <= received_us - said_us < _AGAIN_US:
            return Passed.UNCHANGED
        keeps = self._note(camera, status, received_us) if camera in self._said or len(self._said) < _KEPT else {}
        return Message((_event(camera, status, "status", received_us),), b"%d" % received_us, keeps=keeps)

    def _of_all(self, status: str, received_us: int) -> Message | Passed:
        """What Frigate says of itself, or the broker in its stead: it holds for all of its cameras."""
        if not self._said:
            return Passed.NO_CAMERA
        keeps: dict[str, bytes | None] = {}
        for camera in tuple(self._said):
            keeps |= self._note(camera, status, received_us)
        parts = tuple(_event(camera, status, "available", received_us) for camera in self._said)
        return Message(parts, b"%s %d" % (status.encode(), received_us), keeps=keeps)

    def _note(self, camera: str, status: str, said_us: int) -> dict[str, bytes | None]:
        self._said[camera] = status, said_us
        return {camera: f"{status} {said_us}".encode()}


def _event(camera: str, status: str, by: str, received_us: int) -> Decoded:
    kind = "device.online" if status == _ONLINE else "device.offline"
    return Decoded(camera, events=(Event(camera, kind, received_us, {"by": by, "status": status}),))
