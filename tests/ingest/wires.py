"""Wires: a message handed to a wire format, for tests that look at what it says before it is judged."""

import json
from typing import Any

from ingest.formats.wire_format import Message, WireFormat
from ingest.quarantine import Passed, Rejection
from tests.ingest.community import NOW_US


def heard(by: WireFormat, topic: str, payload: Any, received_us: int = NOW_US) -> Message | Rejection | Passed:
    """What a format makes of a message; a payload that is no bytes is sent as JSON."""
    route = by.route(topic)
    assert route is not None
    message = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    outcome = route.decode(message, received_us)
    assert isinstance(outcome, Message | Rejection | Passed)
    return outcome


def said(by: WireFormat, topic: str, payload: Any, received_us: int = NOW_US) -> Message:
    """The content of a message that is taken, at least in part."""
    outcome = heard(by, topic, payload, received_us)
    assert isinstance(outcome, Message), outcome
    assert outcome.parts, outcome
    return outcome


def readings(message: Message) -> list[tuple[str, str, int, float]]:
    """Device, metric, time and value of every reading."""
    return [(r.device, r.metric, r.at_us, r.value) for part in message.parts for r in part.readings]


def refusal(by: WireFormat, topic: str, payload: Any) -> Rejection:
    """Why nothing of a message is taken."""
    outcome = heard(by, topic, payload)
    if isinstance(outcome, Message) and not outcome.parts:
        outcome = outcome.refused or outcome
    assert isinstance(outcome, Rejection), outcome
    return outcome
