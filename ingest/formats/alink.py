"""Alink: properties and events as devices and gateways post them to Alibaba Cloud's IoT Platform.

Topics, behind any prefix; the device is `{productKey}/{deviceName}`:

- `/sys/{productKey}/{deviceName}/thing/event/property/post`: its properties
- `.../thing/event/{identifier}/post`: one event
- `.../thing/event/property/batch/post`: properties and events of several moments
- `.../thing/event/property/pack/post`: a gateway's own, and those of its `subDevices`
- `.../thing/event/property/history/post`: what was kept while there was no connection
- `.../thing/model/up_raw`: refused, as only the product's own script could read it
- what else there is below `/sys/{productKey}/{deviceName}/thing/`: passed over

Names are the identifiers of properties, those of a structure dotted (`Position.latitude`). A value is `{"value": v,
"time": ms}` or bare; a bare one is dated by its arrival.

Event `alink.{identifier}`, in lower case with underscores (`alarmEvent` is `alink.alarm_event`): its attributes are
the event's own parameters, under `value` if they are no object. The option `event.{identifier}` names another kind
(`{"event.Fault": "elevator.fault"}`).

A message that asks for it (`"sys": {"ack": 1}`) is answered with code 200 on `{topic}_reply` once it is stored;
without `ack` nobody is answered, as devices that need no answer say nothing.

Source: help.aliyun.com/document_detail/89301.html.
"""

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, NotRequired

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from ingest.errors import SourceOptionError
from ingest.formats.json_payload import MAX_METRICS, read
from ingest.formats.parts import Parts
from ingest.formats.wire_format import Message, Publication, Route
from ingest.quarantine import Passed, Reason, Rejection
from ingest.sources import Source
from ingest.translation import Translation

_FILTERS = ("/sys/+/+/thing/event/+/post", "/sys/+/+/thing/event/property/+/post", "/sys/+/+/thing/model/up_raw")
_TOPIC = re.compile(r"(?:^|/)sys/([^/]+)/([^/]+)/thing/(.+)$", re.DOTALL)
_EVENT = re.compile(r"event/([^/]+)/post", re.DOTALL)
_POSTS = {f"event/property/{kind}/post" for kind in ("batch", "pack", "history")}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_KIND = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_NOT_IN_KIND = re.compile(r"[^a-z0-9_.]")


class _Sys(TypedDict):
    ack: NotRequired[Any]


class _Post(TypedDict):
    id: NotRequired[str | int]
    method: NotRequired[str]
    sys: NotRequired[_Sys | None]
    params: dict[str, Any] | list[dict[str, Any]]


_POST = TypeAdapter(_Post)


class AlinkFormat:
    """Decodes posts.

    Args:
        source: Who posts them.

    Raises:
        SourceOptionError: The source has another option than those above, or one that is no kind of event.
    """

    def __init__(self, source: Source) -> None:
        self.filters = source.filters or _FILTERS
        self._kinds = _kinds(source)
        self._translation = Translation(source)

    def route(self, topic: str) -> Route | None:
        """See `WireFormat.route`."""
        parsed = _TOPIC.search(topic)
        if parsed is None:
            return None
        what = parsed[3]
        event = _EVENT.fullmatch(what)
        if event is None and what not in _POSTS:
            return Route(lambda _payload, _received_us: _raw() if what == "model/up_raw" else Passed.NOT_EVIDENCE)
        return Route(partial(self._post, topic, f"{parsed[1]}/{parsed[2]}", event[1] if event else ""))

    def _post(
        self, topic: str, address: str, event: str, payload: bytes, received_us: int
    ) -> Message | Rejection | Passed:
        post = read(_POST, payload)
        if isinstance(post, Rejection):
            return post
        parts, params = Parts(self._translation, payload, received_us), post["params"]
        if event == "property":
            _properties(parts, address, params)
        elif event:
            self._events(parts, address, {event: params})
        else:
            for said in params if isinstance(params, list) else [params]:
                self._of_gateway(parts, address, said)
        return parts.message(asks=_reply(topic, post))

    def _of_gateway(self, parts: Parts, gateway: str, said: dict[str, Any]) -> None:
        self._of_device(parts, _address(said["identity"]) if "identity" in said else gateway, said)
        below = said.get("subDevices", [])
        for device in below if isinstance(below, list) else [below]:
            if isinstance(device, dict):
                self._of_device(parts, _address(device.get("identity")), device)
            else:
                found = type(device).__name__
                parts.refuse(gateway, Rejection(Reason.WRONG_TYPE, f"{found} where a sub-device is due"))

    def _of_device(self, parts: Parts, address: str, said: dict[str, Any]) -> None:
        _properties(parts, address, said.get("properties", {}))
        self._events(parts, address, said.get("events", {}))

    def _events(self, parts: Parts, address: str, events: Any) -> None:
        for identifier, value, at in _timed(parts, address, events):
            kind = self._kinds.get(identifier) or _kind(identifier)
            parts.happen(address, at, kind, value if isinstance(value, dict) else {"value": value})


def _kinds(source: Source) -> dict[str, str]:
    """By an event's identifier, the kind it is given."""
    for option, kind in source.options.items():
        if not option.startswith("event."):
            raise SourceOptionError(source.id, option, kind, "left out: Alink's options begin with 'event.'")
        if _KIND.fullmatch(kind) is None:
            raise SourceOptionError(source.id, option, kind, "a kind of event, such as elevator.fault")
    return {option.removeprefix("event."): kind for option, kind in source.options.items()}


def _properties(parts: Parts, address: str, properties: Any) -> None:
    for identifier, value, at in _timed(parts, address, properties):
        parts.say(address, at, {identifier: value})


def _timed(parts: Parts, address: str, entries: Any) -> Iterator[tuple[str, Any, Any]]:
    """Identifier, value and time (None if it has none) of `{id: entry}`, `{id: [entry, ...]}` or a list of these."""
    for group in entries if isinstance(entries, list) else [entries]:
        if not isinstance(group, dict):
            parts.refuse(address, Rejection(Reason.WRONG_TYPE, f"{type(group).__name__} where identifiers are due"))
            continue
        if len(group) > MAX_METRICS:
            parts.refuse(
                address, Rejection(Reason.TOO_MANY_METRICS, f"one sample holds more than {MAX_METRICS} identifiers")
            )
            continue
        for identifier, entry in group.items():
            several = isinstance(entry, list) and bool(entry) and all(map(_has_value, entry))
            for one in entry if several else [entry]:
                yield (identifier, one["value"], one.get("time")) if _has_value(one) else (identifier, one, None)


def _has_value(entry: Any) -> bool:
    return isinstance(entry, dict) and "value" in entry and entry.keys() <= {"value", "time"}


def _address(identity: Any) -> str:
    match identity:
        case {"productKey": str() as product, "deviceName": str() as device}:
            return f"{product}/{device}"
    return ""


def _kind(identifier: str) -> str:
    words = _HUMP.sub("_", identifier[:64]).lower().replace(":", ".")
    return f"alink.{_NOT_IN_KIND.sub('_', words)}"[:64]


def _raw() -> Rejection:
    return Rejection(
        Reason.NO_CODEC,
        "raw bytes (up_raw): let the device post Alink JSON, or a gateway that has the product's script",
    )


def _reply(topic: str, post: _Post) -> tuple[Publication, ...]:
    if (post.get("sys") or {}).get("ack") != 1:
        return ()
    answer: dict[str, Any] = {
        "id": post.get("id", ""),
        "code": 200,
        "data": {},
        "message": "success",
        "method": post.get("method", ""),
        "version": "1.0",
    }
    return (Publication(f"{topic}_reply", json.dumps(answer, ensure_ascii=False).encode()),)
