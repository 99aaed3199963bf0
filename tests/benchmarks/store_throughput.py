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

from ingest.history import HOUR_US, Keeping, ReadingStore
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


def say_reading(store: ReadingStore, whose: str, days: int) -> None:
    """Print how long reading one series takes, reading by reading and by the hour."""
    end_us = T0_US + days * DAY_US
    for last in (last for last in (7, 30, 400) if last <= days):
        start_us = end_us - last * DAY_US
        n = len(store.series("riser-7", "flow_m3_h", start_us, end_us).at_us)
        ms = median_ms(lambda start=start_us: store.series("riser-7", "flow_m3_h", start, end_us))
        hours_ms = median_ms(lambda start=start_us: store.summary("riser-7", "flow_m3_h", start, end_us, HOUR_US))
        say(f"{whose}, {last:3} days of a series: {n:,} readings {ms:7.1f} ms; by the hour {hours_ms:7.1f} ms")


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
        embedded(folder / "long.duckdb", days)
        if binary("influxdb"):
            influx(stack, folder)


def embedded(path: Path, days: int) -> None:
    """DuckDB with so many days of readings: writing, reading, size, opening, copying."""
    n = days * DAY_US // EVERY_US * SERIES
    store = DuckdbReadingStore(path, Keeping(readings_us=0))
    rate = written(store, batches(n, 2_000))
    late = records(0, 1, np.random.default_rng(2))
    late_ms = 1_000 * len(late) * len(METRICS) / written(store, iter([renumbered(late, n + 1)]))
    say(f"{n:,} readings at {rate:,.0f} rows/s; 100 old duplicates looked up in {late_ms:.1f} ms")
    store.close()
    say(f"DuckDB, after its checkpoint, hours included   {path.stat().st_size / n:.2f} bytes/point")
    started = time.perf_counter()
    store = DuckdbReadingStore(path, Keeping(readings_us=0))
    say(f"DuckDB, opened again in   {1_000 * (time.perf_counter() - started):.0f} ms")
    say_reading(store, "DuckDB", days)
    started = time.perf_counter()
    store.snapshot(path.with_name("copy.duckdb"))
    say(f"DuckDB, copied while open in   {1_000 * (time.perf_counter() - started):.0f} ms")
    store.close()


def influx(stack: ExitStack, folder: Path) -> None:
    """The same for a real InfluxDB on the same machine, seven days of it."""
    server = Influx(folder / "influx")
    server.start()
    stack.callback(server.stop)
    store = influx_store(server.url, server.database())
    stack.callback(store.close)
    n = 7 * DAY_US // EVERY_US * SERIES
    say(f"InfluxDB, 2,000 readings a write   {written(store, batches(n, 2_000)):12,.0f} rows/s")
    started, hours = time.perf_counter(), 0
    while store.tend():
        hours += 1
    say(f"InfluxDB, {hours} hours summarised in   {time.perf_counter() - started:.1f} s")
    say_reading(store, "InfluxDB", 7)
    server.stop()  # it writes its tables when it stops
    size = sum(file.stat().st_size for file in (server.folder / "data").rglob("*") if file.is_file())
    wal = sum(file.stat().st_size for file in (server.folder / "wal").rglob("*") if file.is_file())
    say(f"InfluxDB, minutes and hours included   {size / n:.1f} bytes/point, and {wal / n:.1f} in its log")
    server.start()


def renumbered(made: list[Record], first: int) -> list[Record]:
    """The same batches at new positions of the log."""
    return [Record(first + i, record.watermark_us, record.batch) for i, record in enumerate(made)]


def say(line: str) -> None:
    """Print one figure."""
    print(line, flush=True)  # noqa: T201 -- a benchmark's output


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
