"""Topics: where devices publish, built for them and parsed for us."""

from dataclasses import dataclass
from enum import StrEnum

from ingest.errors import BadTopicLevelError

_ROOT = "precomplaint"
_VERSION = "v1"
_FORBIDDEN = frozenset("/+#\0")


class Channel(StrEnum):
    """The last level of our own topics: what kind of message comes there."""

    TELEMETRY = "telemetry"
    EVENT = "event"


class FrigateChannel(StrEnum):
    """The topics of Frigate that we understand.

    `SNAPSHOT` is `{prefix}/{camera}/{label}/snapshot`, `STATUS` is `{prefix}/{camera}/status/detect`.
    """

    EVENTS = "events"
    TRACKED_OBJECT_UPDATE = "tracked_object_update"
    REVIEWS = "reviews"
    TRIGGERS = "triggers"
    AVAILABLE = "available"
    SNAPSHOT = "snapshot"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class DeviceTopic:
    """One of our own topics, taken apart."""

    site: str
    device: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class FrigateTopic:
    """One of Frigate's topics, taken apart; `camera` and `label` are empty where the topic names none."""

    channel: FrigateChannel
    camera: str = ""
    label: str = ""


_CHANNELS = {channel.value: channel for channel in Channel}
_OF_CAMERAS = {FrigateChannel.SNAPSHOT, FrigateChannel.STATUS}
_WHOLE_SITE = {channel.value: channel for channel in FrigateChannel if channel not in _OF_CAMERAS}
_DETECT = "detect"
"""The one of a camera's roles without which nothing is seen; the others record pictures and sound."""

DEVICE_FILTERS = tuple(f"{_ROOT}/{_VERSION}/+/+/{channel}" for channel in Channel)
"""What ingest subscribes to for our own format."""


def telemetry_topic(site: str, device: str) -> str:
    """Where a device publishes its readings.

    Raises:
        BadTopicLevelError: An id holds a character with a meaning in topics.

    Example:
        >>> telemetry_topic("west-lake", "riser-1-pressure")
        'precomplaint/v1/west-lake/riser-1-pressure/telemetry'
    """
    return f"{_ROOT}/{_VERSION}/{_level(site)}/{_level(device)}/{Channel.TELEMETRY}"


def event_topic(site: str, device: str) -> str:
    """Where a device publishes what happened.

    Raises:
        BadTopicLevelError: An id holds a character with a meaning in topics.
    """
    return f"{_ROOT}/{_VERSION}/{_level(site)}/{_level(device)}/{Channel.EVENT}"


def parse_device_topic(topic: str) -> DeviceTopic | None:
    """The parts of one of our own topics, or None if it is not one.

    Example:
        >>> parse_device_topic("precomplaint/v1/west-lake/pump-1/event").device
        'pump-1'
        >>> parse_device_topic("precomplaint/v2/west-lake/pump-1/event")
    """
    match topic.split("/"):
        case [root, version, site, device, channel] if (
            root == _ROOT and version == _VERSION and site and device and channel in _CHANNELS
        ):
            return DeviceTopic(site, device, _CHANNELS[channel])
    return None


def frigate_events_topic(prefix: str) -> str:
    """Where Frigate publishes the life of every object it tracks; its own default prefix is `frigate`."""
    return f"{prefix}/{FrigateChannel.EVENTS}"


def frigate_snapshot_topic(prefix: str, camera: str, label: str) -> str:
    """Where Frigate publishes the JPEG of an object.

    Raises:
        BadTopicLevelError: An id holds a character with a meaning in topics.
    """
    return f"{prefix}/{_level(camera)}/{_level(label)}/{FrigateChannel.SNAPSHOT}"


def frigate_filters(prefix: str) -> tuple[str, ...]:
    """What ingest subscribes to for cameras."""
    whole = (channel for channel in _WHOLE_SITE if channel != FrigateChannel.TRIGGERS)
    of_cameras = (f"+/+/{FrigateChannel.SNAPSHOT}", f"+/{FrigateChannel.STATUS}/{_DETECT}")
    return tuple(f"{prefix}/{one}" for one in (*whole, *of_cameras))


def parse_frigate_topic(prefix: str, topic: str) -> FrigateTopic | None:
    """The parts of one of Frigate's topics, or None if it is none that we understand.

    Example:
        >>> parse_frigate_topic("frigate", "frigate/gate_east/car/snapshot").camera
        'gate_east'
    """
    if not topic.startswith(f"{prefix}/"):
        return None
    match topic[len(prefix) + 1 :].split("/"):
        case [channel] if channel in _WHOLE_SITE:
            return FrigateTopic(_WHOLE_SITE[channel])
        case [camera, label, FrigateChannel.SNAPSHOT] if camera and label:
            return FrigateTopic(FrigateChannel.SNAPSHOT, camera, label)
        case [camera, FrigateChannel.STATUS, role] if camera and role == _DETECT:
            return FrigateTopic(FrigateChannel.STATUS, camera)
    return None


def matches(topic_filter: str, topic: str) -> bool:
    """Whether a subscription to the filter brings messages of the topic.

    Source:
        MQTT 5.0 (OASIS, 2019), 4.7: `+` is one level, `#` what is left, neither matches a first `$`.

    Example:
        >>> matches("application/+/device/+/event/up", "application/a/device/b/event/up")
        True
        >>> matches("v1/#", "v1"), matches("#", "$SYS/uptime")
        (True, False)
    """
    wanted, levels = topic_filter.split("/"), topic.split("/")
    if topic.startswith("$") and wanted[0] in {"+", "#"}:
        return False
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index == len(levels) or level not in {"+", levels[index]}:
            return False
    return len(wanted) == len(levels)


def _level(text: str) -> str:
    if not text or not _FORBIDDEN.isdisjoint(text):
        raise BadTopicLevelError(text)
    return text
