"""Parts: what the devices of one foreign message say, gathered device by device."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.formats.json_payload import MAX_NAME, bad_number, leaves
from ingest.formats.times import microseconds
from ingest.formats.wire_format import Decoded, Message, Publication
from ingest.quarantine import Passed, Reason, Rejection
from ingest.readings import Event
from ingest.translation import Translation, Value

MAX_DEVICES = 256  # chosen by: Huawei's gateways send 100, Alink's 20; each one may cost a refusal with the payload
_SHOWN = 64


@dataclass(slots=True)
class _Part:
    values: list[Value] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    refused: Rejection | None = None


class Parts:
    """Gathers a message. What one device says is taken whole or refused whole; the others' words are not touched.

    Args:
        translation: What the names of the source mean.
        payload: As published.
        received_us: Arrival, microseconds since the epoch: the time of what has none of its own.
    """

    def __init__(self, translation: Translation, payload: bytes, received_us: int) -> None:
        self._translation = translation
        self._payload = payload
        self._received_us = received_us
        self._dated = True
        self._parts: dict[str, _Part] = {}

    def say(self, address: str, at: object, values: Mapping[str, Any], prefix: str = "") -> None:
        """Values of one device at one moment.

        Args:
            address: The device.
            at: The device's time as it stands in the message; None: it has none.
            values: By name, nested or not.
            prefix: Goes before every name, with a dot.
        """
        at_us = self._moment(address, at)
        named = leaves(values, prefix)
        if isinstance(named, Rejection):
            self.refuse(address, named)
            return
        self._part(address).values += [Value(name, at_us, value) for name, value in named.items()]

    def measure(self, address: str, at: object, name: str, value: object, unit: str = "") -> None:
        """One value, whose unit the message may say."""
        self._part(address).values.append(Value(name, self._moment(address, at), value, unit))

    def since_arrival(self, offset_s: float) -> float:
        """The time so many seconds after the arrival, negative for before; the message is then one of its arrival."""
        self._dated = False
        return self._received_us + offset_s * 1e6

    def happen(self, address: str, at: object, kind: str, attributes: dict[str, Any]) -> None:
        """An event of one device."""
        bad = bad_number(attributes)
        if bad is not None:
            self.refuse(address, Rejection(bad, f"a number in {kind} is not finite or needs over 64 bits"))
        self._part(address).events.append(Event(address, kind, self._moment(address, at), attributes))

    def refuse(self, address: str, rejection: Rejection) -> None:
        """Refuse all that one device says in this message; the first reason stays."""
        part = self._part(address)
        part.refused = part.refused or rejection

    def message(self, identity: bytes = b"", asks: tuple[Publication, ...] = ()) -> Message | Rejection | Passed:
        """The whole message, why it is refused, or why nobody needs it.

        Args:
            identity: What makes it the same message when it comes again; empty: its payload, and its arrival too if
                anything in it had no time of its own.
            asks: What to publish in answer if it is taken.
        """
        if len(self._parts) > MAX_DEVICES:
            return Rejection(Reason.TOO_MANY_DEVICES, f"one message speaks for more than {MAX_DEVICES} devices")
        decoded: list[Decoded] = []
        refused: Rejection | None = None
        for address, part in self._parts.items():
            outcome = self._decoded(address, part)
            if isinstance(outcome, Rejection):
                refused = refused or outcome
            elif outcome is not None:
                decoded.append(outcome)
        if not decoded and refused is None:
            return self._empty()
        if not identity and not self._dated:
            # Also of what is refused: each arrival waits for itself, or only the first would ever be replayed.
            identity = b"%d\0%b" % (self._received_us, self._payload)
        return Message(tuple(decoded), identity, () if refused else asks, refused=refused)

    def _decoded(self, address: str, part: _Part) -> Decoded | Rejection | None:
        if not address:
            return Rejection(Reason.NO_DEVICE, "neither topic, message nor source says which device speaks")
        if len(address) > MAX_NAME:
            return _of(address, Rejection(Reason.TOO_LARGE, f"its name is longer than {MAX_NAME} characters"))
        if part.refused is not None:
            return _of(address, part.refused)
        translated = self._translation.readings(address, part.values)
        if isinstance(translated, Rejection):
            return _of(address, translated)
        if not (translated.readings or translated.unmapped or part.events):
            return None
        return Decoded(address, translated.readings, tuple(part.events), unmapped=translated.unmapped)

    def _empty(self) -> Rejection | Passed:
        if any(part.values for part in self._parts.values()):
            return Passed.NOT_WANTED
        return Rejection(Reason.EMPTY, "the message holds no value and no event")

    def _part(self, address: str) -> _Part:
        return self._parts.setdefault(address, _Part())

    def _moment(self, address: str, at: object) -> int:
        if at is None:
            self._dated = False
            return self._received_us
        at_us = microseconds(at)
        if at_us is None:
            # Not str(at): a message may put a number of thousands of digits here, or an object of any size.
            shown = repr(at)[:_SHOWN] if isinstance(at, str | float) else type(at).__name__
            self.refuse(address, Rejection(Reason.BAD_TIME, f"{shown} is not a time since 1970 with a zone"))
            return 0
        return at_us


def _of(address: str, rejection: Rejection) -> Rejection:
    return Rejection(rejection.reason, f"{address[:_SHOWN]}: {rejection.detail}")
