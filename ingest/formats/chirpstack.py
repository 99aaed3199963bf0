"""ChirpStack: uplinks of LoRaWAN devices as ChirpStack v4 publishes them in JSON.

Topic `application/{application}/device/{devEui}/event/up`, behind any prefix; the device is the devEui. The other
events (`status`, `join`, `ack`, `txack`, `log`, `location`, `integration`) are passed over.

Names are those of `object`, which ChirpStack makes of the raw bytes if the device profile has a codec; nested ones are
dotted, with the index in lists. The time is `time`, the moment of reception. The same uplink through two gateways or
two servers is one message: it goes by its `deduplicationId`. It has no events and no options.

Source: github.com/chirpstack/chirpstack-docs, src/chirpstack/integrations/events.md.
"""

import re
from functools import partial
from typing import Any, NotRequired

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from ingest.formats.json_payload import read
from ingest.formats.options import refuse_options
from ingest.formats.parts import Parts
from ingest.formats.wire_format import Message, Route
from ingest.quarantine import Passed, Reason, Rejection
from ingest.sources import Source
from ingest.translation import Translation

_FILTERS = ("application/+/device/+/event/up",)
_TOPIC = re.compile(r"(?:^|/)application/[^/]+/device/([^/]+)/event/([^/]+)$", re.DOTALL)


class _DeviceInfo(TypedDict):
    devEui: str


class _Uplink(TypedDict):
    deviceInfo: _DeviceInfo
    deduplicationId: NotRequired[str]
    time: NotRequired[str | None]
    object: NotRequired[dict[str, Any] | None]
    data: NotRequired[str | None]


_UPLINK = TypeAdapter(_Uplink)


class ChirpstackFormat:
    """Decodes uplinks.

    Args:
        source: Which ChirpStack.

    Raises:
        SourceOptionError: The source has an option.
    """

    def __init__(self, source: Source) -> None:
        refuse_options(source)
        self.filters = source.filters or _FILTERS
        self._translation = Translation(source)

    def route(self, topic: str) -> Route | None:
        """See `WireFormat.route`."""
        parsed = _TOPIC.search(topic)
        if parsed is None:
            return None
        if parsed[2] != "up":
            return Route(lambda _payload, _received_us: Passed.NOT_EVIDENCE)
        return Route(partial(self._uplink, parsed[1].lower()))

    def _uplink(self, address: str, payload: bytes, received_us: int) -> Message | Rejection | Passed:
        uplink = read(_UPLINK, payload)
        if isinstance(uplink, Rejection):
            return uplink
        named = uplink["deviceInfo"]["devEui"]
        if named.lower() != address:
            return Rejection(Reason.DEVICE_MISMATCH, f"the topic names {address[:64]!r}, the payload {named[:64]!r}")
        decoded = uplink.get("object")
        if decoded is None:
            return _without_values(uplink)
        parts = Parts(self._translation, payload, received_us)
        parts.say(address, uplink.get("time"), decoded)
        return parts.message(identity=uplink.get("deduplicationId", "").encode())


def _without_values(uplink: _Uplink) -> Rejection | Passed:
    if uplink.get("data"):
        return Rejection(
            Reason.NO_CODEC,
            "only raw bytes (`data`), no `object`: set a codec in the device profile in ChirpStack",
        )
    return Passed.NOT_EVIDENCE  # a frame without application data: join follow-ups, MAC answers
