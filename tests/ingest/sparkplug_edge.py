"""Sparkplug edge: payloads as Google's own Protocol Buffers write them, and an edge that numbers what it sends."""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # type: ignore[import-untyped]

_TYPES = {"u32": 13, "u64": 4, "float": 2, "double": 1, "bool": 8, "string": 9, "bytes": 12, "message": 11}
_OPTIONAL, _REPEATED = 1, 3
_FIELDS: dict[str, list[tuple[str, int, str]]] = {
    "PropertyValue": [
        ("type", 1, "u32"),
        ("is_null", 2, "bool"),
        ("int_value", 3, "u32"),
        ("long_value", 4, "u64"),
        ("float_value", 5, "float"),
        ("double_value", 6, "double"),
        ("boolean_value", 7, "bool"),
        ("string_value", 8, "string"),
    ],
    "PropertySet": [("keys", 1, "*string"), ("values", 2, "*PropertyValue")],
    "MetaData": [("size", 3, "u64"), ("description", 8, "string")],
    "Metric": [
        ("name", 1, "string"),
        ("alias", 2, "u64"),
        ("timestamp", 3, "u64"),
        ("datatype", 4, "u32"),
        ("is_historical", 5, "bool"),
        ("is_transient", 6, "bool"),
        ("is_null", 7, "bool"),
        ("metadata", 8, "MetaData"),
        ("properties", 9, "PropertySet"),
        ("int_value", 10, "u32"),
        ("long_value", 11, "u64"),
        ("float_value", 12, "float"),
        ("double_value", 13, "double"),
        ("boolean_value", 14, "bool"),
        ("string_value", 15, "string"),
        ("bytes_value", 16, "bytes"),
    ],
    "Payload": [
        ("timestamp", 1, "u64"),
        ("metrics", 2, "*Metric"),
        ("seq", 3, "u64"),
        ("uuid", 4, "string"),
        ("body", 5, "bytes"),
    ],
}
"""DOMAIN 5.3, and the property set from the specification, 6.4.1; what a oneof holds is the last of its fields."""


def _payload_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="sparkplug_b.proto", syntax="proto2")
    for message, fields in _FIELDS.items():
        described = file.message_type.add(name=message)
        described.oneof_decl.add(name="value")
        for name, number, type_name in fields:
            label = _REPEATED if type_name.startswith("*") else _OPTIONAL
            kind = type_name.removeprefix("*")
            field = described.field.add(name=name, number=number, label=label, type=_TYPES.get(kind, _TYPES["message"]))
            if kind not in _TYPES:
                field.type_name = kind
            if name.endswith("_value"):
                field.oneof_index = 0
        if not any(name.endswith("_value") for name, _, _ in fields):
            del described.oneof_decl[:]
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("Payload"))


Payload: Any = _payload_class()
"""The message class, made at run time by google.protobuf: an oracle that shares no line with our decoder."""


def metric(name: str = "", *, unit: str = "", quality: int | None = None, **fields: Any) -> dict[str, Any]:
    """One metric; other fields by their protocol names (`alias`, `datatype`, `double_value`)."""
    if name:
        fields["name"] = name
    keys, values = [], []
    if unit:
        keys.append("engUnit")
        values.append({"type": 12, "string_value": unit})
    if quality is not None:
        keys.append("Quality")
        values.append({"type": 3, "int_value": quality})
    if keys:
        fields["properties"] = {"keys": keys, "values": values}
    return fields


def payload(*metrics: dict[str, Any], timestamp: int | None = None, seq: int | None = None) -> bytes:
    """The bytes of a message."""
    written = Payload(metrics=list(metrics), timestamp=timestamp, seq=seq).SerializeToString()
    assert isinstance(written, bytes)
    return written


class Edge:
    """An edge that numbers what it sends, as the specification wants it.

    Args:
        now_ms: When it sends; moved on by a second with each message.
        address: `group/edge`.
    """

    def __init__(self, now_ms: int, address: str = "lake/panel") -> None:
        self.now_ms = now_ms
        self.group, self.name = address.split("/")
        self.bd_seq = 0
        self.seq = 0

    def topic(self, kind: str, device: str = "") -> str:
        """Where it publishes."""
        return f"spBv1.0/{self.group}/{kind}/{self.name}" + (f"/{device}" if device else "")

    def message(self, kind: str, device: str, *metrics: dict[str, Any]) -> tuple[str, bytes]:
        """Topic and payload of its next message; every metric is as old as the message, if it says nothing else."""
        self.now_ms += 1_000
        self.seq = 0 if kind == "NBIRTH" else (self.seq + 1) % 256
        dated = ({"timestamp": self.now_ms, **one} for one in metrics)
        return self.topic(kind, device), payload(*dated, timestamp=self.now_ms, seq=self.seq)

    def nbirth(self, *metrics: dict[str, Any]) -> tuple[str, bytes]:
        """Its birth."""
        always = (
            metric("bdSeq", datatype=4, long_value=self.bd_seq),
            metric("Node Control/Rebirth", datatype=11, boolean_value=False),
        )
        return self.message("NBIRTH", "", *always, *metrics)

    def ndeath(self) -> tuple[str, bytes]:
        """What its broker says when it is gone: it was written at the connection, so it tells no time and no number."""
        return self.topic("NDEATH"), payload(metric("bdSeq", datatype=4, long_value=self.bd_seq))
