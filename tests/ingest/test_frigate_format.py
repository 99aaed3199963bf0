"""Frigate's format: documented messages become events and stills, and a plate never leaves the decoder in the open."""

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import SourceOptionError
from ingest.formats.frigate import MAX_JPEG_BYTES, FrigateFormat
from ingest.formats.wire_format import Decoded, KeepingFormat, Message, SessionFormat
from ingest.plates import PlateSeal
from ingest.quarantine import Passed, Reason, Rejection
from ingest.sources import Source
from ingest.topics import FrigateTopic, frigate_snapshot_topic, parse_frigate_topic

KEY = b"sixteen bytes or more"
FORMAT = FrigateFormat(Source("frigate", "frigate"), PlateSeal(KEY))
DATASETS = os.environ.get("PRECOMPLAINT_DATASETS", "")
SAMPLES = sorted(Path(DATASETS, "frigate").glob("*.json")) if DATASETS else []
CAR: dict[str, Any] = {
    "id": "1764000000.475377-mxklsc",
    "camera": "gate_east",
    "frame_time": 1764000062.082975,
    "label": "car",
    "start_time": 1764000000.475377,
    "end_time": None,
    "box": [432, 496, 544, 854],
    "current_zones": ["fire_lane"],
    "entered_zones": ["drive", "fire_lane"],
    "stationary": True,
    "a_field_of_a_later_release": 1,
}


def topic(name: str) -> FrigateTopic:
    parsed = parse_frigate_topic("frigate", f"frigate/{name}")
    assert parsed is not None
    return parsed


def car(kind: str = "update", **changes: Any) -> Decoded | Rejection | Passed:
    payload = json.dumps({"type": kind, "before": {}, "after": {**CAR, **changes}}).encode()
    return FORMAT.decode(topic("events"), payload, 0)


def attributes(decoded: Decoded | Rejection | Passed) -> dict[str, Any]:
    assert isinstance(decoded, Decoded)
    return decoded.events[0].attributes


def test_a_tracked_object_becomes_an_event() -> None:
    """Camera, time and everything a detector needs arrive under the documented names."""
    decoded = car()

    assert isinstance(decoded, Decoded)
    (event,) = decoded.events
    assert (event.device, event.kind, event.at_us) == ("gate_east", "camera.object", 1764000062082975)
    assert event.attributes["zones"] == ["fire_lane"]
    assert event.attributes["entered_zones"] == ["drive", "fire_lane"]
    assert event.attributes["box"] == [432, 496, 544, 854]
    assert event.attributes["start_us"] == 1764000000475377
    assert (event.attributes["type"], event.attributes["stationary"], event.attributes["end_us"]) == (
        "update",
        True,
        None,
    )
    assert "plate_hash" not in event.attributes


def test_an_end_is_dated_when_it_ended() -> None:
    """The last frame that showed the object lies further back than its end; dated by it the end would be late."""
    decoded = car("end", end_time=1764000092.5)

    assert isinstance(decoded, Decoded)
    assert decoded.events[0].at_us == 1764000092500000
    assert attributes(decoded)["seen_us"] == 1764000062082975


@pytest.mark.parametrize(
    ("sub_label", "kept"), [(None, (None, None)), ("amazon", ("amazon", None)), (["amazon", 0.79], ("amazon", 0.79))]
)
def test_every_form_of_sub_label_is_read(sub_label: Any, kept: tuple[Any, Any]) -> None:
    """Frigate writes null, a string, or a pair."""
    found = attributes(car(sub_label=sub_label))

    assert (found["sub_label"], found["sub_label_score"]) == kept


def test_nobody_is_named() -> None:
    """The name of a recognised person is not kept."""
    assert "John" not in str(car(label="person", sub_label=["John Smith", 0.79]))


@pytest.mark.parametrize("plate", ["沪A·12345", ["沪A·12345", 0.93]])
def test_a_plate_is_sealed(plate: Any) -> None:
    """Hash, mask, near patterns and score are there; the plate is not."""
    found = attributes(car(recognized_license_plate=plate, recognized_license_plate_score=0.93))
    sealed = PlateSeal(KEY).seal("沪A12345")

    assert sealed is not None
    assert (found["plate_hash"], found["plate_masked"], found["plate_score"]) == (sealed.hash, "沪A·12***", 0.93)
    assert found["plate_near"] == list(sealed.near)
    assert "345" not in str({key: found[key] for key in found if key not in {"plate_hash", "plate_near", "id"}})


def test_without_a_key_nothing_of_a_plate_is_kept() -> None:
    """A hash under no secret could be opened by trying every plate there is."""
    payload = json.dumps({"type": "new", "after": {**CAR, "recognized_license_plate": "ABC123"}}).encode()
    decoded = FrigateFormat(Source("frigate", "frigate"), None).decode(topic("events"), payload, 0)

    assert not [key for key in attributes(decoded) if key.startswith("plate")]


def test_a_plate_in_a_bad_message_is_not_repeated() -> None:
    """The sentence of a refusal is logged, so it holds no value of the message."""
    refused = car(recognized_license_plate=8812345)

    assert isinstance(refused, Rejection)
    assert refused.reason == Reason.WRONG_TYPE
    assert "8812345" not in refused.detail


def test_a_plate_update_becomes_an_event() -> None:
    """What is read of a plate between two object messages arrives as `camera.plate`."""
    payload = {"type": "lpr", "id": "x", "plate": "ABC123", "score": 0.95, "camera": "gate", "timestamp": 1764000000.25}
    decoded = FORMAT.decode(topic("tracked_object_update"), json.dumps(payload).encode(), 0)

    assert isinstance(decoded, Decoded)
    assert (decoded.device, decoded.events[0].kind) == ("gate", "camera.plate")
    assert decoded.events[0].at_us == 1764000000250000
    assert attributes(decoded)["plate_masked"] == "ABC***"


@pytest.mark.parametrize(
    ("name", "payload", "reason"),
    [
        ("tracked_object_update", {"type": "description", "id": "x", "description": "A red car."}, Passed.NO_CAMERA),
        ("tracked_object_update", {"type": "lpr", "id": "x", "camera": "gate", "plate": "A"}, Passed.NO_TIME),
        (
            "tracked_object_update",
            {"type": "face", "id": "x", "camera": "gate", "timestamp": 1.0, "name": "John"},
            Passed.NOT_EVIDENCE,
        ),
        ("triggers", {"name": "t", "camera": "gate", "event_id": "x", "score": 0.8}, Passed.NO_TIME),
    ],
)
def test_what_nobody_needs_is_passed_over_by_name(name: str, payload: dict[str, Any], reason: Passed) -> None:
    """A well-formed message that no detector uses is no mistake."""
    assert FORMAT.decode(topic(name), json.dumps(payload).encode(), 0) is reason


def test_a_snapshot_becomes_a_still() -> None:
    """The JPEG is kept byte by byte, dated by its arrival, named by its hash."""
    jpeg = b"\xff\xd8\xff\xe0 and so on"
    arrived = parse_frigate_topic("frigate", frigate_snapshot_topic("frigate", "gate", "car"))
    assert arrived is not None
    decoded = FORMAT.decode(arrived, jpeg, 77)

    assert isinstance(decoded, Decoded)
    (still,) = decoded.stills
    assert (still.device, still.label, still.at_us, still.jpeg) == ("gate", "car", 77, jpeg)
    assert still.sha256 == sha256(jpeg).hexdigest()


@pytest.mark.parametrize(
    ("name", "payload", "reason"),
    [
        ("gate/car/snapshot", b"", Reason.NOT_JPEG),
        ("gate/car/snapshot", b"\x89PNG", Reason.NOT_JPEG),
        ("gate/car/snapshot", b"\xff\xd8\xff" + bytes(MAX_JPEG_BYTES), Reason.TOO_LARGE),
        ("events", b"{", Reason.NOT_JSON),
        ("events", b"[" * 20, Reason.TOO_DEEP),
        ("events", b" " * 300_000, Reason.TOO_LARGE),
        ("events", b'{"type":"new","after":{}}', Reason.MISSING_FIELD),
        (
            "events",
            json.dumps({"type": "new", "after": {**CAR, "frame_time": float("nan")}}).encode(),
            Reason.NOT_FINITE,
        ),
        (
            "events",
            json.dumps({"type": "new", "after": {**CAR, "box": [0, 0, 0, 10**25]}}).encode(),
            Reason.NUMBER_TOO_LARGE,
        ),
        (
            "reviews",
            json.dumps(
                {
                    "type": "new",
                    "after": {
                        "id": "r",
                        "camera": "gate",
                        "start_time": 1.0,
                        "severity": "alert",
                        "data": {"zones": [1e999]},
                    },
                }
            ).encode(),
            Reason.NOT_FINITE,
        ),
    ],
)
def test_what_is_broken_is_refused_by_name(name: str, payload: bytes, reason: Reason) -> None:
    """A damaged message of a camera goes to quarantine with its reason."""
    refused = FORMAT.decode(topic(name), payload, 0)

    assert isinstance(refused, Rejection)
    assert refused.reason == reason


@pytest.mark.skipif(not SAMPLES, reason="PRECOMPLAINT_DATASETS does not name a folder with frigate/*.json")
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_documented_message_parses(sample: Path) -> None:
    """What Frigate documents is kept or passed over, never refused."""
    message = json.loads(sample.read_text(encoding="utf-8"))
    decoded = FORMAT.decode(
        topic(message["topic"].removeprefix("frigate/")), json.dumps(message["payload"]).encode(), 0
    )

    assert isinstance(decoded, Decoded | Passed)
    assert "ABC12" not in str(decoded)


class Hearing:
    """A format that hears one message after another, a second apart, and what it asks to keep."""

    def __init__(self, *filters: str) -> None:
        self.format = FrigateFormat(Source("cameras", "frigate", filters), PlateSeal(KEY))
        self.now_us = 1_764_000_000_000_000
        self.kept: dict[str, bytes] = {}

    def hear(self, where: str, payload: bytes, after_s: float = 1.0) -> Decoded | Message | Rejection | Passed:
        """What becomes of a message."""
        self.now_us += round(after_s * 1e6)
        route = self.format.route(where)
        assert route is not None
        said = route.decode(payload, self.now_us)
        self.kept |= {key: value or b"" for key, value in said.keeps.items()} if isinstance(said, Message) else {}
        return said

    def see(self, camera: str) -> None:
        """A car passes a camera."""
        said = self.hear("frigate/events", json.dumps({"type": "new", "after": {**CAR, "camera": camera}}).encode())
        assert not isinstance(said, Rejection | Passed)


def states(said: Decoded | Message | Rejection | Passed) -> list[tuple[str, str, str]]:
    """Camera, kind and status of every event."""
    assert isinstance(said, Message)
    found = [event for part in said.parts for event in part.events]
    return [(event.device, event.kind, event.attributes["status"]) for event in found]


def test_frigates_end_is_every_cameras_end() -> None:
    """It names none of its cameras when it goes, so they are known from what they saw, also after a restart of ours."""
    hearing = Hearing()
    hearing.see("gate_east")
    hearing.see("gate_west")
    restarted = Hearing()
    restarted.format.restore(hearing.kept)

    for one in (hearing, restarted):
        assert states(one.hear("frigate/available", b"offline")) == [
            ("gate_east", "device.offline", "offline"),
            ("gate_west", "device.offline", "offline"),
        ]
        assert {kind for _, kind, _ in states(one.hear("frigate/available", b"stopped"))} == {"device.offline"}
        assert {kind for _, kind, _ in states(one.hear("frigate/available", b"online"))} == {"device.online"}


def test_the_same_state_said_later_is_another_message() -> None:
    """The payload is one word, so the arrival tells two outages apart; the same arrival told twice is the same."""
    hearing = Hearing()
    hearing.see("gate_east")
    first, second = (hearing.hear("frigate/available", b"offline") for _ in range(2))
    again = hearing.hear("frigate/available", b"offline", after_s=0.0)

    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert isinstance(again, Message)
    assert first.identity != second.identity
    assert second.identity == again.identity


def test_a_cameras_state_is_told_when_it_changes_and_now_and_then() -> None:
    """Frigate says it every ten seconds; what is new is kept at once, and a sign of life every five minutes."""
    hearing = Hearing()
    said = [hearing.hear("frigate/gate_east/status/detect", b"online", after_s=10.0) for _ in range(61)]
    offline = hearing.hear("frigate/gate_east/status/detect", b"offline", after_s=10.0)
    disabled = hearing.hear("frigate/gate_east/status/detect", b"disabled", after_s=10.0)

    assert [index for index, one in enumerate(said) if one is not Passed.UNCHANGED] == [0, 30, 60]
    assert states(said[0]) == [("gate_east", "device.online", "online")]
    assert states(offline) == [("gate_east", "device.offline", "offline")]
    assert states(disabled) == [("gate_east", "device.offline", "disabled")]


@pytest.mark.parametrize("where", ["frigate/available", "frigate/gate_east/status/detect"])
def test_a_state_that_is_none_is_refused(where: str) -> None:
    """A word that Frigate does not say is not taken for an end."""
    refused = Hearing().hear(where, b"gone")

    assert isinstance(refused, Rejection)
    assert refused.reason is Reason.WRONG_TYPE


def test_what_recording_and_sound_say_of_themselves_is_not_about_seeing() -> None:
    """Only the role that detects decides whether a parking zone is watched."""
    assert Hearing().format.route("frigate/gate_east/status/record") is None


def test_inventing_cameras_costs_no_memory() -> None:
    """More cameras than one Frigate can serve are heard and not kept."""
    hearing = Hearing()
    for number in range(1_100):
        hearing.hear(f"frigate/camera_{number}/status/detect", b"online")

    assert len(states(hearing.hear("frigate/available", b"offline"))) == 1_000


@pytest.mark.parametrize(
    ("filters", "prefix"),
    [((), "frigate"), (("site-a/nvr/#",), "site-a/nvr"), (("nvr/events", "nvr/+/+/snapshot"), "nvr")],
)
def test_the_filters_name_the_first_part_of_the_topics(filters: tuple[str, ...], prefix: str) -> None:
    """Several Frigates on one broker differ by it; a whole prefix is listened to where something is to be heard."""
    frigate = Hearing(*filters).format

    assert frigate.route(f"{prefix}/events") is not None
    assert frigate.route("other/events") is None
    assert all(one.startswith(f"{prefix}/") and not one.endswith("/#") for one in frigate.filters)


def test_processes_may_share_cameras() -> None:
    """Were one process alone to hear them, nobody would watch a fire lane while it is away."""
    frigate = Hearing().format

    assert isinstance(frigate, KeepingFormat)
    assert not isinstance(frigate, SessionFormat)


@pytest.mark.parametrize("filters", [("a/#", "b/#"), ("#",), ("events",)])
def test_filters_of_several_frigates_are_refused(filters: tuple[str, ...]) -> None:
    """One source is one Frigate, or nobody knew whose end an end is."""
    with pytest.raises(SourceOptionError, match="of one Frigate"):
        Hearing(*filters)
