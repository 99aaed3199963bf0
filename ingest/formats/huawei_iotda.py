"""Huawei IoTDA: properties as devices and gateways report them to Huawei Cloud's IoT Device Access.

Topics (`$` topics are met by no `#`; subscribe to them as they are here):

- `$oc/devices/{device_id}/sys/properties/report`, with or without `?request_id=...`: the device in the topic
- `$oc/devices/{device_id}/sys/gateway/sub_devices/properties/report`: each device in the message
- what else there is below `$oc/devices/{device_id}/`: passed over

Names are `{service_id}.{property}`, nested properties dotted further. A service without `event_time`, or with one that
is no time, is dated by its arrival, as IoTDA does. It has no events and no options. Nobody is answered.

Source: support.huaweicloud.com/api-iothub iot_06_v5_3010 (properties) and iot_06_v5_3006 (gateway).
"""

import re
from functools import partial
from typing import Annotated, Any, NotRequired

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from ingest.formats.json_payload import read
from ingest.formats.options import refuse_options
from ingest.formats.parts import Parts
from ingest.formats.times import microseconds
from ingest.formats.wire_format import Message, Route
from ingest.quarantine import Passed, Rejection
from ingest.sources import Source
from ingest.translation import Translation

_FILTERS = (
    "$oc/devices/+/sys/properties/+",
    "$oc/devices/+/sys/gateway/sub_devices/properties/+",
)
# Behind any prefix, because a bridge must put one before a `$` topic.
_TOPIC = re.compile(r"(?:^|/)\$oc/devices/([^/]+)/(.+)$", re.DOTALL)
_REPORT = re.compile(r"sys/(gateway/sub_devices/)?properties/report(?:[?/]request_id=[^/]*)?", re.DOTALL)


class _Service(TypedDict):
    service_id: str
    properties: dict[str, Any]
    event_time: NotRequired[Any]


class _Report(TypedDict):
    services: Annotated[list[_Service], Field(min_length=1)]


class _SubDevice(_Report):
    device_id: str


class _GatewayReport(TypedDict):
    devices: Annotated[list[_SubDevice], Field(min_length=1)]


_REPORTED = TypeAdapter(_Report)
_GATEWAY_REPORTED = TypeAdapter(_GatewayReport)


class HuaweiIotdaFormat:
    """Decodes reports of properties.

    Args:
        source: Who publishes them.

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
        report = _REPORT.fullmatch(parsed[2])
        if report is None:
            return Route(lambda _payload, _received_us: Passed.NOT_EVIDENCE)
        return Route(self._gateway if report[1] else partial(self._device, parsed[1]))

    def _device(self, address: str, payload: bytes, received_us: int) -> Message | Rejection | Passed:
        report = read(_REPORTED, payload)
        if isinstance(report, Rejection):
            return report
        parts = Parts(self._translation, payload, received_us)
        _say(parts, address, report)
        return parts.message()

    def _gateway(self, payload: bytes, received_us: int) -> Message | Rejection | Passed:
        report = read(_GATEWAY_REPORTED, payload)
        if isinstance(report, Rejection):
            return report
        parts = Parts(self._translation, payload, received_us)
        for device in report["devices"]:
            _say(parts, device["device_id"], device)
        return parts.message()


def _say(parts: Parts, address: str, report: _Report) -> None:
    for service in report["services"]:
        at = service.get("event_time")
        parts.say(address, None if microseconds(at) is None else at, service["properties"], service["service_id"])
