"""Frigate: camera events and stills as Frigate (frigate.video) publishes them over MQTT.

Event `camera.object`, from `{prefix}/events`; one tracked object as it is after the change:

- `type`: `new`, `update` or `end`; `id`: Frigate's id of the tracked object; `label`: `car`, `person`, ...
- `score`, `top_score`: of the detection, 0 to 1; `false_positive`
- `zones`: those it is in now; `entered_zones`: those it has been in
- `box`: [x1, y1, x2, y2] in pixels of the camera's detect resolution; `area`: in pixels
- `stationary`, `active`, `motionless_count` (frames), `position_changes`
- `start_us`, `seen_us` (last seen), `end_us` (null until it ended): microseconds since the epoch
- `has_snapshot`, `has_clip`
- `sub_label`, `sub_label_score`: a model's finer word for a thing (null if none); never kept of a person
- only if a plate was read: `plate_hash`, `plate_masked`, `plate_near` (see `ingest.plates`), `plate_score` (0 to 1)

Event `camera.plate`, from `{prefix}/tracked_object_update` of type `lpr`: `id`, `plate_*` as above, `box` of the plate.
Event `camera.classification`, from the type `classification`: `id`, `model`, `sub_label` or `attribute`, `score`.
Event `camera.review`, from `{prefix}/reviews`: `type`, `id`, `severity`, `zones`, `objects`, `detections`, `start_us`,
`end_us`. Faces, descriptions and triggers are passed over.

Events `device.online` and `device.offline` of a camera: `by` `status` (`{prefix}/{camera}/status/detect`; `status` is
`online`, `offline` or `disabled`), when it changes and every five minutes while it is said; or `by` `available`
(`{prefix}/available`; `online`, `stopped`, `offline`), which holds for every camera heard of so far.
"""

from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from ingest.errors import SourceOptionError
from ingest.formats.frigate_cameras import STATES, FrigateCameras
from ingest.formats.json_payload import bad_number, read
from ingest.formats.options import refuse_options
from ingest.formats.wire_format import Decoded, Message, Route
from ingest.plates import PlateSeal
from ingest.quarantine import Passed, Reason, Rejection
from ingest.readings import Event, Still
from ingest.sources import Source
from ingest.topics import FrigateChannel, FrigateTopic, frigate_filters, parse_frigate_topic

MAX_JPEG_BYTES = 4 * 1024 * 1024  # chosen by: a 4K frame at JPEG quality 70, Frigate's default, is about 1.5 MB
_JPEG_START = b"\xff\xd8\xff"  # ISO/IEC 10918-1, B.1.1.3: SOI, then another marker
_PERSON = "person"


def _scored(value: Any) -> Any:
    # Depending on release and model Frigate writes null, "amazon" or ["amazon", 0.79].
    return (value, None) if isinstance(value, str) else value


_Seconds = Annotated[float, Field(ge=0.0, le=4e9)]
_Scored = Annotated[tuple[str, float | None], BeforeValidator(_scored)]
_Box = Annotated[list[int], Field(min_length=4, max_length=4)]


class _Payload(BaseModel):
    """What Frigate adds in a later release is no mistake."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class _TrackedObject(_Payload):
    id: str
    camera: str
    frame_time: _Seconds
    label: str
    sub_label: _Scored | None = None
    score: float = 0.0
    top_score: float = 0.0
    false_positive: bool = False
    start_time: _Seconds
    end_time: _Seconds | None = None
    box: _Box
    area: float = 0
    current_zones: list[str] = []
    entered_zones: list[str] = []
    has_snapshot: bool = False
    has_clip: bool = False
    active: bool = True
    stationary: bool = False
    motionless_count: int = 0
    position_changes: int = 0
    recognized_license_plate: _Scored | None = None
    recognized_license_plate_score: float | None = None


class _Change(_Payload):
    type: Literal["new", "update", "end"]
    after: _TrackedObject


class _Review(_Payload):
    id: str
    camera: str
    start_time: _Seconds
    end_time: _Seconds | None = None
    severity: str
    data: dict[str, Any] = {}


class _ReviewChange(_Payload):
    type: Literal["new", "update", "end", "genai"]
    after: _Review


class _Update(_Payload):
    type: str
    id: str
    camera: str | None = None
    timestamp: _Seconds | None = None
    plate: str | None = None
    plate_box: _Box | None = None
    model: str | None = None
    sub_label: str | None = None
    attribute: str | None = None
    score: float | None = None


class _Trigger(_Payload):
    name: str
    camera: str


_CHANGE = TypeAdapter(_Change)
_REVIEW = TypeAdapter(_ReviewChange)
_UPDATE = TypeAdapter(_Update)
_TRIGGER = TypeAdapter(_Trigger)


class FrigateFormat:
    """Decodes Frigate's messages.

    Args:
        source: Which Frigate; its filter `{prefix}/#` names the first part of its topics, `frigate` by default.
        plates: Seals the plates it reads; None keeps nothing of a plate.

    Raises:
        SourceOptionError: The filters are not of one Frigate, or it has options.
    """

    def __init__(self, source: Source, plates: PlateSeal | None) -> None:
        refuse_options(source)
        prefixes = {_prefix(one) for one in source.filters} or {"frigate"}
        if len(prefixes) > 1 or "" in prefixes:
            filters = ", ".join(source.filters)
            raise SourceOptionError(source.id, "filters", filters, "of one Frigate, such as frigate/#")
        (self._prefix,) = prefixes
        whole = not source.filters or any(one.endswith("/#") for one in source.filters)
        self.filters = frigate_filters(self._prefix) if whole else source.filters
        self._plates = plates
        self._cameras = FrigateCameras()
        self._by_channel: dict[
            FrigateChannel, tuple[TypeAdapter[Any], Callable[[Any], Decoded | Rejection | Passed]]
        ] = {
            FrigateChannel.EVENTS: (_CHANGE, self._object),
            FrigateChannel.TRACKED_OBJECT_UPDATE: (_UPDATE, self._update),
            FrigateChannel.REVIEWS: (_REVIEW, _review),
            FrigateChannel.TRIGGERS: (_TRIGGER, lambda _: Passed.NO_TIME),
        }

    def route(self, topic: str) -> Route | None:
        """See `WireFormat.route`."""
        parts = parse_frigate_topic(self._prefix, topic)
        if parts is None:
            return None
        return Route(partial(self._heard, parts), again=partial(self.decode, parts))

    def restore(self, kept: Mapping[str, bytes]) -> None:
        """See `KeepingFormat.restore`."""
        self._cameras.restore(kept)

    def _heard(self, topic: FrigateTopic, payload: bytes, received_us: int) -> Decoded | Message | Rejection | Passed:
        if topic.channel in STATES:
            return self._cameras.state(topic, payload, received_us)
        decoded = self.decode(topic, payload, received_us)
        keeps = self._cameras.meet(decoded.device) if isinstance(decoded, Decoded) and decoded.events else {}
        return Message((decoded,), keeps=keeps) if keeps and isinstance(decoded, Decoded) else decoded

    def decode(self, topic: FrigateTopic, payload: bytes, received_us: int) -> Decoded | Rejection | Passed:
        """The event or still of a message, why it is refused, or why it is passed over.

        Args:
            topic: The topic, parsed.
            payload: As published.
            received_us: Arrival, microseconds since the epoch: the time of a still.
        """
        if topic.channel is FrigateChannel.SNAPSHOT:
            return _still(topic, payload, received_us)
        if topic.channel in STATES:
            return Passed.UNCHANGED  # a state of long ago, out of quarantine
        adapter, decode = self._by_channel[topic.channel]
        said = read(adapter, payload, show_value=False)  # the value could be a plate
        decoded = said if isinstance(said, Rejection) else decode(said)
        if isinstance(decoded, Decoded):
            bad = next(filter(None, (bad_number(event.attributes) for event in decoded.events)), None)
            if bad is not None:
                return Rejection(bad, f"a number of {decoded.device[:64]} is not finite or needs over 64 bits")
        return decoded

    def _object(self, change: _Change) -> Decoded:
        it = change.after
        name, name_score = it.sub_label or (None, None)
        plate, plate_score = it.recognized_license_plate or (None, None)
        attributes = {
            "type": change.type,
            **it.model_dump(include=_AS_THEY_ARE),
            "zones": it.current_zones,
            "start_us": _us(it.start_time),
            "seen_us": _us(it.frame_time),
            "end_us": None if it.end_time is None else _us(it.end_time),
            "sub_label": None if it.label == _PERSON else name,
            "sub_label_score": None if it.label == _PERSON else name_score,
            **self._plate(plate, it.recognized_license_plate_score or plate_score),
        }
        # When an object ends, frame_time is still the last frame that showed it, up to a minute ago (Frigate's
        # camera/state.py sets end_time from the current frame): dated by it, every end would come late.
        at = it.frame_time if it.end_time is None else max(it.end_time, it.frame_time)
        return Decoded(it.camera, events=(Event(it.camera, "camera.object", _us(at), attributes),))

    def _update(self, update: _Update) -> Decoded | Rejection | Passed:
        if update.camera is None:
            return Passed.NO_CAMERA
        if update.timestamp is None:
            return Passed.NO_TIME
        if update.type == "lpr" and update.plate:
            attributes = {"id": update.id, "box": update.plate_box, **self._plate(update.plate, update.score)}
            kind = "camera.plate"
        elif update.type == "classification":
            attributes = update.model_dump(include={"id", "model", "sub_label", "attribute", "score"})
            kind = "camera.classification"
        else:
            return Passed.NOT_EVIDENCE
        return Decoded(update.camera, events=(Event(update.camera, kind, _us(update.timestamp), attributes),))

    def _plate(self, plate: str | None, score: float | None) -> dict[str, Any]:
        sealed = self._plates.seal(plate) if plate and self._plates else None
        if sealed is None:
            return {}
        return {
            "plate_hash": sealed.hash,
            "plate_masked": sealed.masked,
            "plate_near": list(sealed.near),
            "plate_score": score or 0.0,
        }


_AS_THEY_ARE = {
    "id", "label", "score", "top_score", "false_positive", "entered_zones", "box", "area", "stationary", "active",
    "motionless_count", "position_changes", "has_snapshot", "has_clip",
}  # fmt: skip


def _prefix(topic_filter: str) -> str:
    """What stands before the first level that is Frigate's own."""
    levels = topic_filter.split("/")
    end = next((at for at, level in enumerate(levels) if level in {"+", "#", *FrigateChannel}), 0)
    return "/".join(levels[:end])


def _review(change: _ReviewChange) -> Decoded:
    it = change.after
    attributes = {
        "type": change.type,
        "id": it.id,
        "severity": it.severity,
        **{key: it.data.get(key, []) for key in ("zones", "objects", "detections")},
        "start_us": _us(it.start_time),
        "end_us": None if it.end_time is None else _us(it.end_time),
    }
    at = it.start_time if it.end_time is None else it.end_time
    return Decoded(it.camera, events=(Event(it.camera, "camera.review", _us(at), attributes),))


def _still(topic: FrigateTopic, payload: bytes, received_us: int) -> Decoded | Rejection:
    if len(payload) > MAX_JPEG_BYTES:
        return Rejection(Reason.TOO_LARGE, f"the still has {len(payload)} bytes; the limit is {MAX_JPEG_BYTES}")
    if not payload.startswith(_JPEG_START):
        return Rejection(Reason.NOT_JPEG, f"the still of {topic.camera} starts with {payload[:3].hex() or 'nothing'}")
    still = Still(topic.camera, topic.label, received_us, payload, sha256(payload).hexdigest())
    return Decoded(topic.camera, stills=(still,))


def _us(seconds: float) -> int:
    return round(seconds * 1_000_000)
