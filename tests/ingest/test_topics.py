"""Topics: what is built is parsed back, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import BadTopicLevelError
from ingest.topics import (
    Channel,
    DeviceTopic,
    FrigateChannel,
    FrigateTopic,
    event_topic,
    frigate_events_topic,
    frigate_snapshot_topic,
    parse_device_topic,
    parse_frigate_topic,
    telemetry_topic,
)

IDS = st.text(st.characters(exclude_characters="/+#\0", exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(IDS, IDS)
def test_our_topics_round_trip(site: str, device: str) -> None:
    """Site, device and channel survive the topic."""
    assert parse_device_topic(telemetry_topic(site, device)) == DeviceTopic(site, device, Channel.TELEMETRY)
    assert parse_device_topic(event_topic(site, device)) == DeviceTopic(site, device, Channel.EVENT)


@given(IDS, IDS, st.sampled_from(["frigate", "site-1/frigate"]))
def test_frigate_topics_round_trip(camera: str, label: str, prefix: str) -> None:
    """Camera and label survive the topic, also below a prefix with a slash."""
    snapshot = parse_frigate_topic(prefix, frigate_snapshot_topic(prefix, camera, label))

    assert snapshot == FrigateTopic(FrigateChannel.SNAPSHOT, camera, label)
    assert parse_frigate_topic(prefix, frigate_events_topic(prefix)) == FrigateTopic(FrigateChannel.EVENTS)


@pytest.mark.parametrize("level", ["", "a/b", "+", "a#", "\0"])
def test_an_id_that_breaks_a_topic_is_refused(level: str) -> None:
    """A wildcard or slash inside an id never reaches the broker."""
    with pytest.raises(BadTopicLevelError):
        telemetry_topic("site", level)


@pytest.mark.parametrize(
    "topic",
    [
        "precomplaint/v2/s/d/telemetry",
        "precomplaint/v1/s/d/state",
        "precomplaint/v1//d/event",
        "precomplaint/v1/s/d/event/x",
        "frigate/events",
        "",
    ],
)
def test_other_topics_are_not_ours(topic: str) -> None:
    """What is not exactly one of our topics is none."""
    assert parse_device_topic(topic) is None


@pytest.mark.parametrize("topic", ["frigate/stats", "frigate/gate/car", "other/events", "frigate//car/snapshot"])
def test_other_topics_are_not_frigates(topic: str) -> None:
    """Frigate publishes much that we do not read."""
    assert parse_frigate_topic("frigate", topic) is None
