"""Influx wire of 2.x: what influxdb-client sends reaches a real server that takes it, VictoriaMetrics.

It keeps neither texts nor InfluxQL, and to the millisecond; so numbers are written by us and read by its own export.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest.history import StoreUnavailableError
from ingest.stores.influx_lines import line
from ingest.stores.influx_wire import Server, WireV2
from ingest.stores.influx_writer import InfluxWriter
from ingest.stores.refused_points import RefusedPoints
from tests.ingest.influx_stores import HandClock
from tests.servers import VictoriaMetrics

pytestmark = pytest.mark.needs("victoria-metrics")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[VictoriaMetrics]:
    """A real VictoriaMetrics, gone after the test."""
    server = VictoriaMetrics(tmp_path / "victoria")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def writer(server: VictoriaMetrics) -> Iterator[InfluxWriter]:
    """A writer to it by the wire of 2.x."""
    there = Server(server.url, "precomplaint", "v2", org="garden", token=SecretStr("secret"))
    refused = RefusedPoints(":memory:", HandClock())
    writer = InfluxWriter(there, refused)
    yield writer
    writer.close()
    refused.close()


def test_every_point_arrives(server: VictoriaMetrics, writer: InfluxWriter) -> None:
    """Twelve thousand points, which take three requests, are there with their tags, times and values."""
    first_ms = time.time_ns() // 1_000_000 - 86_400_000  # it takes no points of the future
    lines = [
        line("reading", (first_ms + 1_000 * i) * 1_000_000, {"device": f"3号 立管-{d}"}, {"value": i / 7, "quality": 0})
        for i in range(3_000)
        for d in range(4)
    ]
    writer.write(lines)
    series = {one["metric"]["device"]: one for one in server.exported('{__name__="reading_value"}')}

    assert sorted(series) == [f"3号 立管-{d}" for d in range(4)]
    for one in series.values():
        assert one["timestamps"] == [first_ms + 1_000 * i for i in range(3_000)]
        assert one["values"] == pytest.approx([i / 7 for i in range(3_000)], rel=1e-9)


def test_server_that_goes_is_unavailable_and_comes_back(server: VictoriaMetrics, writer: InfluxWriter) -> None:
    """A server that is stopped is told as unavailable, and takes the same lines when it is back."""
    at_ns = time.time_ns() - 60_000_000_000
    one = line("reading", at_ns, {"device": "riser-3"}, {"value": 1.5})
    writer.write([one])
    server.stop()
    with pytest.raises(StoreUnavailableError, match="refused"):
        writer.write([one])
    server.start()
    writer.write([line("reading", at_ns + 1_000_000, {"device": "riser-3"}, {"value": 2.5})])
    (found,) = server.exported('{__name__="reading_value"}')

    assert found["values"] == [1.5, 2.5]


def test_server_without_that_api_is_quoted(server: VictoriaMetrics) -> None:
    """What a server says to an API that it lacks comes back in its words, with its status."""
    wire = WireV2(Server(f"{server.url}/nowhere", "precomplaint", "v2"))
    answer = wire.send(b"reading value=1", "")
    wire.close()

    assert (answer.status, bool(answer.said)) == (400, True)
