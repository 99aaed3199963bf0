"""Store throughput: rows a second, bytes a point and reading times of the stores, as ratios measured in one run.

Run it with `python -m tests.benchmarks.store_throughput [days]`: 30 days of 100 series, a reading a minute, by default.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import duckdb
import numpy as np

from ingest.history import ReadingStore
from ingest.log import Record
from ingest.readings import Batch, Reading
from ingest.stores.duckdb_store import DuckdbReadingStore
from tests.ingest.influx_stores import influx_store
from tests.servers import Influx, binary

DAY_US = 86_400_000_000
EVERY_US = 60_000_000
T0_US = 1_790_000_000_000_000
SERIES = 100
METRICS = ("pressure_kpa", "flow_m3_h", "pipe_vibration_um_s2", "pipe_temperature_c")


def records(start: int, rounds: int, chance: np.random.Generator) -> list[Record]:
    """A record a device and round, four readings each, with three decimals as sensors give them."""
    devices = [f"riser-{d}" for d in range(SERIES // len(METRICS))]
    values = np.round(300.0 + np.cumsum(chance.normal(0, 0.05, (rounds, SERIES)), axis=0), 3).tolist()
    made = []
    for i in range(rounds):
        at_us = T0_US + (start + i) * EVERY_US
        for d, device in enumerate(devices):
            row = values[i][d * len(METRICS) : (d + 1) * len(METRICS)]
            readings = tuple(Reading(device, metric, at_us, value) for metric, value in zip(METRICS, row, strict=True))
            made.append(Record((start + i) * len(devices) + d + 1, at_us, Batch("garden", device, at_us, readings)))
    return made


def written(store: ReadingStore, batches: Iterator[list[Record]]) -> float:
    """Readings a second into a store, without the time of making them."""
    spent_s, n = 0.0, 0
    for batch in batches:
        started = time.perf_counter()
        store.write(batch)
        spent_s += time.perf_counter() - started
        n += sum(len(record.batch.readings) for record in batch)
    return n / spent_s


def batches(readings: int, size: int) -> Iterator[list[Record]]:
    """Batches of `size` readings."""
    chance = np.random.default_rng(1)
    for start in range(0, readings // SERIES, size // SERIES):
        yield records(start, size // SERIES, chance)


def raw_duckdb(folder: Path, how: str, n: int, size: int) -> float:
    """Rows a second of DuckDB alone, from numpy arrays that are ready or by `executemany`, committed each `size`."""
    with duckdb.connect(str(folder / f"{how}.duckdb")) as connection:
        connection.execute("CREATE TABLE reading (series INTEGER, at_us BIGINT, value DOUBLE, quality UTINYINT)")
        columns = {
            "series": np.arange(size, dtype=np.int32) % SERIES,
            "at_us": T0_US + np.arange(size, dtype=np.int64),
            "value": np.random.default_rng(1).normal(size=size),
            "quality": np.zeros(size, np.uint8),
        }
        rows = [tuple(row) for row in zip(*(column.tolist() for column in columns.values()), strict=True)]
        started = time.perf_counter()
        for _ in range(n // size):
            connection.begin()
            if how == "executemany":
                connection.executemany("INSERT INTO reading VALUES (?, ?, ?, ?)", rows)
            else:
                connection.register("arrived", columns)
                connection.execute("INSERT INTO reading FROM arrived")
                connection.unregister("arrived")
            connection.commit()
        return n / (time.perf_counter() - started)


def median_ms(act: Callable[[], object], times: int = 7) -> float:
    """The median time of an act."""
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        spent.append(1_000 * (time.perf_counter() - started))
    return sorted(spent)[times // 2]


def read(store: ReadingStore, days: int, last: int) -> tuple[float, int]:
    """Median time in ms of reading the last `last` days of one series, and how many readings that is."""
    end_us = T0_US + days * DAY_US
    series = store.series("riser-7", "flow_m3_h", end_us - last * DAY_US, end_us)
    return median_ms(lambda: store.series("riser-7", "flow_m3_h", end_us - last * DAY_US, end_us)), len(series.at_us)


def main(days: int) -> None:
    """Print the figures of `ingest/stores/README.md`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for size in (1_000, 2_000, 10_000):
            ceiling = raw_duckdb(folder, f"arrays {size}", 1_000_000, size)
            store = DuckdbReadingStore(folder / f"{size}.duckdb")
            rate = written(store, batches(400_000, size))
            say(f"{size:6,} a write: raw DuckDB {ceiling:10,.0f} rows/s, the store {rate:10,.0f}: {rate / ceiling:.2f}")
            store.close()
        slow = raw_duckdb(folder, "executemany", 4_000, 2_000)
        say(f" 2,000 a write: raw DuckDB by executemany {slow:,.0f} rows/s")
        n = days * DAY_US // EVERY_US * SERIES
        path = folder / "long.duckdb"
        store = DuckdbReadingStore(path)
        rate = written(store, batches(n, 2_000))
        late = records(0, 1, np.random.default_rng(2))
        late_ms = 1_000 * len(late) * len(METRICS) / written(store, iter([renumbered(late, n + 1)]))
        say(f"{n:,} readings at {rate:,.0f} rows/s; 100 old duplicates looked up in {late_ms:.1f} ms")
        for last in (7, days):
            ms, rows = read(store, days, last)
            say(f"DuckDB, {last:3} days of a series ({rows:,} readings)   {ms:8.1f} ms")
        store.close()
        say(f"DuckDB, after its checkpoint   {path.stat().st_size / n:.2f} bytes/point")
        started = time.perf_counter()
        DuckdbReadingStore(path).close()
        say(f"DuckDB, opened again in   {1_000 * (time.perf_counter() - started):.0f} ms")
        if binary("influxdb"):
            influx(stack, folder)


def influx(stack: ExitStack, folder: Path) -> None:
    """The same for a real InfluxDB on the same machine, seven days of it."""
    server = Influx(folder / "influx")
    server.start()
    stack.callback(server.stop)
    store = influx_store(server.url, server.database())
    stack.callback(store.close)
    rate = written(store, batches(7 * DAY_US // EVERY_US * SERIES, 2_000))
    say(f"InfluxReadingStore, 2,000 readings a write   {rate:12,.0f} rows/s")
    ms, rows = read(store, 7, 7)
    say(f"InfluxDB,   7 days of a series ({rows:,} readings)   {ms:8.1f} ms")


def renumbered(made: list[Record], first: int) -> list[Record]:
    """The same batches at new positions of the log."""
    return [Record(first + i, record.watermark_us, record.batch) for i, record in enumerate(made)]


def say(line: str) -> None:
    """Print one figure."""
    print(line, flush=True)  # noqa: T201 -- a benchmark's output


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
