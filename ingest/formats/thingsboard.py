"""ThingsBoard: telemetry as devices and gateways publish it to a ThingsBoard server.

Topics:

- `v1/devices/me/telemetry`, `v2/t`, `v2/t/j` and every other topic that the source's own filters bring: one
  device's telemetry. It is named by the topic's level at the last `+` of the source's filter, else by the source's
  `address`; ThingsBoard itself knows it by its login, which a broker tells nobody.
- `v1/gateway/telemetry`: several devices, each named in the message.
- `v2/t/p`: refused; Protocol Buffers after a schema of the device's own profile, which only ThingsBoard has.
- what else ThingsBoard has below `v1/devices/me`, `v1/gateway` and `v2` (attributes, connect, rpc, ...): passed over.

Telemetry is `{"k": v}` (dated by its arrival), `{"ts": ms, "values": {"k": v}}`, or a list of these. Names are the
keys; in nested values dotted, with the index in lists (`jsonKey.someArray.0`). It has no events and no options.

Source: thingsboard.io/docs/reference/mqtt-api and gateway-mqtt-api.
"""

import re
from functools import partial
from typing import Any

from pydantic import TypeAdapter

from ingest.formats.addresses import address_of
from ingest.formats.json_payload import read
from ingest.formats.options import refuse_options
from ingest.formats.parts import Parts
from ingest.formats.wire_format import Message, Route
from ingest.quarantine import Passed, Reason, Rejection
from ingest.sources import Source
from ingest.translation import Translation

_FILTERS = ("v1/devices/me/telemetry", "v1/gateway/telemetry", "v2/t", "v2/t/j", "v2/t/p")
# Behind any prefix, because a bridge usually puts one before them.
_DEVICE = re.compile(r"(?:^|/)(?:v1/devices/me/telemetry|v2/t(?:/j)?)$")
_GATEWAY = re.compile(r"(?:^|/)v1/gateway/telemetry$")
_PROTOBUF = re.compile(r"(?:^|/)v2/t/p$")
_OTHER = re.compile(r"(?:^|/)(?:v1/(?:devices/me|gateway)/|v2/[a-z]+(?:/|$))")

_ONE: TypeAdapter[Any] = TypeAdapter(dict[str, Any] | list[dict[str, Any]])
_SEVERAL: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


class ThingsboardFormat:
    """Decodes ThingsBoard's telemetry.

    Args:
        source: Who publishes it.

    Raises:
        SourceOptionError: The source has an option.
    """

    def __init__(self, source: Source) -> None:
        refuse_options(source)
        self.filters = source.filters or _FILTERS
        self._source = source
        self._translation = Translation(source)

    def route(self, topic: str) -> Route | None:
        """See `WireFormat.route`."""
        if _GATEWAY.search(topic):
            return Route(self._gateway)
        if _PROTOBUF.search(topic):
            return Route(lambda _payload, _received_us: _protobuf())
        if not _DEVICE.search(topic):
            if _OTHER.search(topic):
                return Route(lambda _payload, _received_us: Passed.NOT_EVIDENCE)
            if not self._source.filters:
                return None
        return Route(partial(self._device, address_of(self._source, self.filters, topic)))

    def _device(self, address: str, payload: bytes, received_us: int) -> Message | Rejection | Passed:
        telemetry = read(_ONE, payload)
        if isinstance(telemetry, Rejection):
            return telemetry
        parts = Parts(self._translation, payload, received_us)
        _say(parts, address, telemetry)
        return parts.message()

    def _gateway(self, payload: bytes, received_us: int) -> Message | Rejection | Passed:
        devices = read(_SEVERAL, payload)
        if isinstance(devices, Rejection):
            return devices
        parts = Parts(self._translation, payload, received_us)
        for address, telemetry in devices.items():
            _say(parts, address, telemetry)
        return parts.message()


def _protobuf() -> Rejection:
    return Rejection(Reason.NO_CODEC, "Protocol Buffers (v2/t/p): let the device send JSON, on v2/t/j")


def _say(parts: Parts, address: str, telemetry: Any) -> None:
    for sample in telemetry if isinstance(telemetry, list) else [telemetry]:
        match sample:
            case {"ts": at, "values": dict() as values}:
                parts.say(address, at, values)
            case dict():
                parts.say(address, None, sample)
            case _:
                found = type(sample).__name__
                parts.refuse(address, Rejection(Reason.WRONG_TYPE, f"telemetry is an object of values, not a {found}"))
