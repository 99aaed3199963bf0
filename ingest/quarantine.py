"""Quarantine: why a message was refused, or passed over, and the Protocol of what is done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Reason(StrEnum):
    """Why a message is in quarantine. The names are stored: they change only by adding."""

    TOO_LARGE = "too_large"
    """The payload is longer than the limit for its topic."""
    TOO_DEEP = "too_deep"
    """The JSON is nested deeper than 16 levels."""
    NOT_JSON = "not_json"
    """The payload is not JSON in UTF-8."""
    NOT_JPEG = "not_jpeg"
    """The payload of a snapshot topic does not start as a JPEG does."""
    UNKNOWN_TOPIC = "unknown_topic"
    """No wire format is registered for this topic."""
    UNKNOWN_VERSION = "unknown_version"
    """The field `v` names a version of the format that this service does not know."""
    UNKNOWN_FIELD = "unknown_field"
    """A field is not part of the format; a misspelt one would change the meaning silently."""
    MISSING_FIELD = "missing_field"
    """A field that the format requires is absent."""
    WRONG_TYPE = "wrong_type"
    """A field has another JSON type than the format says."""
    TEXT_FOR_NUMBER = "text_for_number"
    """A value is a string where a number is due ("312.4")."""
    TEXT_FOR_BOOLEAN = "text_for_boolean"
    """A value is a string where true or false is due ("true")."""
    COMMA_DECIMAL = "comma_decimal"
    """A value is a string with a decimal comma ("312,4")."""
    NOT_FINITE = "not_finite"
    """A number is NaN or infinite."""
    NUMBER_TOO_LARGE = "number_too_large"
    """An integer does not fit in 64 bits."""
    BAD_TIME = "bad_time"
    """A time is negative, or not ISO 8601 with a zone."""
    EMPTY = "empty"
    """The message holds no sample, no value or no event."""
    TOO_MANY_METRICS = "too_many_metrics"
    """One sample holds more than 512 metrics."""
    DEVICE_MISMATCH = "device_mismatch"
    """The device in the payload is not the device in the topic."""
    UNKNOWN_METRIC = "unknown_metric"
    """A metric is not one of `ingest.metrics`."""
    UNKNOWN_UNIT = "unknown_unit"
    """A unit cannot be converted to the metric's own."""
    UNKNOWN_DEVICE = "unknown_device"
    """The registry has no such device."""
    WRONG_SITE = "wrong_site"
    """The registry has the device at another site than the topic says."""
    TOO_FAR_IN_FUTURE = "too_far_in_future"
    """A time is more than ten minutes after the message arrived."""
    NO_DEVICE = "no_device"
    """Neither topic, message nor source says which device speaks."""
    NOTHING_MAPPED = "nothing_mapped"
    """None of the names in the message has a meaning yet; map them, then replay."""
    UNMAPPED_NAME = "unmapped_name"
    """Some names have no meaning yet; the others were taken. Map or ignore them, then replay."""
    TOO_MANY_DEVICES = "too_many_devices"
    """A gateway puts more than 256 devices into one message, or a source more than we keep track of."""
    NO_CODEC = "no_codec"
    """The message holds a device's raw bytes; the platform it comes from must be told how to read them."""
    NOT_PROTOBUF = "not_protobuf"
    """The payload of a Sparkplug topic is no Sparkplug B message in Protocol Buffers."""
    NO_BIRTH = "no_birth"
    """Data of a Sparkplug edge or device before its birth, or under an alias no birth gave; once it is born, replay."""
    WRONG_LAYOUT = "wrong_layout"
    """A controller's packed bytes are not as the layout of its source says."""
    DECODER_FAILED = "decoder_failed"
    """Our decoder has a mistake that this message brought to light."""
    UNSTORABLE = "unstorable"
    """The log cannot write what the message decoded to."""


class Passed(StrEnum):
    """Why a message is neither kept nor refused: it is well formed and says nothing we could use."""

    NO_CAMERA = "no_camera"
    """The message does not say which camera it is about."""
    NO_TIME = "no_time"
    """The message does not say when it happened."""
    RETAINED_STILL = "retained_still"
    """The broker kept this still from earlier, so nobody knows when it was taken."""
    OLD_DEATH = "old_death"
    """The death of a Sparkplug session that another one has succeeded."""
    UNCHANGED = "unchanged"
    """A state that was said a moment ago is said again."""
    NOT_EVIDENCE = "not_evidence"
    """A kind of message that no detector and no work order uses (faces, descriptions)."""
    NOT_WANTED = "not_wanted"
    """Every name in the message is mapped to nothing, or has no value."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A decoder's or the judge's no.

    Attributes:
        reason: For machines.
        detail: One sentence for a person: what, the value, the limit, where. Never a whole payload or a plate.
    """

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message on its way into quarantine.

    Attributes:
        topic: Where it came in.
        payload: The bytes, cut to the payload limit.
        reason: A name from `Reason`.
        detail: One sentence for a person: what, the value, the limit, where.
        received_us: Arrival by the service's clock.
        digest: 16 bytes over what makes the message itself; as in `ingest.log.Entry`.
        source: The id of the source it came through; empty if the topic is of none.
        device: What the device calls itself there, if that could be read.
        site: Where such a device would stand, if topic or source say it.
    """

    topic: str
    payload: bytes
    reason: str
    detail: str
    received_us: int
    digest: bytes
    source: str = ""
    device: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """Which quarantined messages; an empty attribute asks for nothing.

    Attributes:
        numbers: Exactly these.
        reason: A name of `Reason`.
        source: The id of the source.
        device: What the device calls itself.
        topic: Equal, or an MQTT filter.
        before: Only numbers below this one, for paging; 0: from the newest.
        limit: At most so many, newest first; 0: all.
    """

    numbers: Sequence[int] = ()
    reason: str = ""
    source: str = ""
    device: str = ""
    topic: str = ""
    before: int = 0
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A message in quarantine.

    Attributes:
        number: Grows with arrival; never given again.
        refusal: The message and why it is here.
        requested: Somebody asked to have it replayed, and ingest has not come to it yet.
    """

    number: int
    refusal: Refusal
    requested: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A device that publishes and that the registry does not know; it raises nothing until somebody approves it.

    Attributes:
        source: The id of the source it came through.
        address: What it calls itself there.
        site: Where it would stand, if topic or source say it.
        topic: Of its newest message.
        first_us: First heard, microseconds since the epoch.
        last_us: Last heard.
        messages: How many were refused.
    """

    source: str
    address: str
    site: str
    topic: str
    first_us: int
    last_us: int
    messages: int


class Quarantine(Protocol):
    """What people do with refused messages; every implementation passes `tests/contracts/quarantine.py`.

    It is bounded: in number, in bytes, in age, and for each device, source and reason, so that no device can push out
    what others left; what it has most of gives way first. Every method but `close` raises `LogUnavailableError` when it
    cannot be read or written.
    """

    def find(self, query: Query) -> list[Quarantined]:
        """The messages asked for, newest first."""
        ...

    def reasons(self, query: Query) -> dict[int, str]:
        """The reason of each message asked for, by number, newest first; no payload is read for it."""
        ...

    def held(self) -> Mapping[str, int]:
        """By reason, how many are held."""
        ...

    def refused_ever(self) -> Mapping[str, int]:
        """By reason, how many different messages were ever refused, those included that are gone."""
        ...

    def request_replay(self, query: Query) -> int:
        """Ask ingest to decode these once more, soon or when it runs again; how many."""
        ...

    def requested(self, limit: int) -> list[Quarantined]:
        """What is to be replayed, oldest first."""
        ...

    def discard(self, query: Query) -> int:
        """Throw messages away for good; how many."""
        ...

    def expire(self, now_us: int) -> int:
        """Forget what is older than its age may be, as of now; how many. Ingest does it each minute."""
        ...

    def waiting(self) -> list[Waiting]:
        """The devices on the waiting list, longest known first."""
        ...

    def dismiss(self, source: str, address: str) -> None:
        """Take a device off the waiting list, because it was approved or is unwanted; it comes back if it speaks on."""
        ...

    def close(self) -> None:
        """Release the file or connection; calling it twice does nothing."""
        ...
