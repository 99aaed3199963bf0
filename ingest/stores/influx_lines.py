"""Influx lines: what we store as line protocol, and ranges of time as InfluxQL."""

from collections.abc import Mapping

from influxdb_client.client.write.point import Point as LinePoint

_NS_RANGE = (-(2**63) + 2, 2**63 - 2)
"""The times InfluxDB can hold."""


def line(series: str, at_ns: int, tags: Mapping[str, str], fields: Mapping[str, float | str]) -> str:
    """One point."""
    whole = {"measurement": series, "time": at_ns, "tags": tags, "fields": fields}
    return str(LinePoint.from_dict(whole).to_line_protocol())


def prefix(series: str, tags: Mapping[str, str]) -> str:
    """The part of a line before its fields; made once a series, because making a whole `Point` a reading is slow."""
    return line(series, 0, tags, {"value": 0.0}).rsplit(" ", 2)[0]


def within(start_us: int, end_us: int) -> str:
    """The condition start_us <= time < end_us, as far as InfluxDB can tell time."""
    low, high = (min(max(at_us * 1_000, _NS_RANGE[0]), _NS_RANGE[1]) for at_us in (start_us, end_us))
    return f"time >= {low} AND time < {high}"
