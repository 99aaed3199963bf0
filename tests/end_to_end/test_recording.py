"""Recording: a recorded table, published over MQTT into real processes, raises an order where its fault is."""

import csv
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.database import Database
from device_simulators.mapping import load_mapping
from device_simulators.mapping_toml import registry_toml
from ingest.sqlite_log import SqliteLog
from service.folders import DataFolder
from tests.end_to_end.chain import Raised, raised
from tests.end_to_end.parts import environment, parts
from tests.end_to_end.run_process import running
from tests.end_to_end.test_killed import position
from tests.servers import Mosquitto, wait_until

DATASETS = os.environ.get("PRECOMPLAINT_DATASETS", "")
SKAB_METRICS = 8
START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
FAULT_FROM, FAULT_UNTIL, ROWS = 560, 700, 800
MAPPING = """
[time]
column = "when"
format = "%d.%m.%Y %H:%M:%S"
zone = "Asia/Shanghai"

[[column]]
name = "Flow"
device = "bench-panel"
metric = "flow_m3_h"
unit = "L/min"

[[column]]
name = "Motor"
device = "bench-panel"
metric = "current_a"

[[site]]
id = "bench"
name_zh = "试验台"
name_en = "Bench"
timezone = "Asia/Shanghai"

[[asset]]
id = "bench-pump"
site = "bench"
class = "pump"
place_zh = "试验泵"
place_en = "Test pump"
limits = { duty = "steady" }

[[device]]
id = "bench-panel"
site = "bench"
assets = ["bench-pump"]
"""


def table_lines() -> Iterator[str]:
    """A made-up bench: a row a second, a valve half shut for a while, and one cell that somebody spoilt."""
    dice = random.Random(5)  # noqa: S311 -- dice of a test
    yield "when;Flow;Motor"
    for row in range(ROWS):
        at = START + timedelta(hours=8, seconds=row)
        flow = dice.gauss(20.0 if FAULT_FROM <= row < FAULT_UNTIL else 30.0, 0.4)
        motor = "n/a" if row == 100 else f"{dice.gauss(1.2, 0.02):.3f}"
        yield f"{at:%d.%m.%Y %H:%M:%S};{flow:.2f};{motor}"


def started(one: Raised) -> datetime:
    """When an episode began."""
    return datetime.fromtimestamp(one.started_us / 1e6, UTC)


@pytest.mark.needs("mosquitto")
def test_a_recorded_fault_is_raised_where_it_is(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """Played at full speed, a table raises one order within its fault; the spoilt cell is told by line and column."""
    table, mapping, folder = tmp_path / "bench.csv", tmp_path / "mapping.toml", DataFolder(tmp_path / "service")
    table.write_text("\n".join([*table_lines(), ""]), encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    registry = tmp_path / "registry.toml"
    registry.write_text(registry_toml(load_mapping(mapping)), encoding="utf-8")
    told = {"REGISTRY": str(registry)}
    command = [sys.executable, "-m", "service.cli", "replay", str(table), "--mapping", str(mapping), "--speed", "max"]
    with parts(folder.root, mosquitto, "ingest", "score", **told):
        said = subprocess.run(
            command, env=environment(folder.root, mosquitto, **told), capture_output=True, text=True, check=True
        )
        last_us = round((START + timedelta(seconds=ROWS - 1)).timestamp() * 1e6)
        log = SqliteLog(folder.log)
        wait_until(lambda: log.watermarks().get("bench") == last_us, 60, "ingest to have all")
        wait_until(lambda: position(folder.database) == log.head(), 60, "the scorer to have read all")
        log.close()
    rows = Database(folder.database)
    found = raised(rows)
    rows.close()

    assert f"{ROWS} rows read, 1 cells or rows left out; {ROWS} messages published" in said.stdout
    assert "line 102" in said.stderr
    assert "Motor" in said.stderr
    assert [(one.asset, one.failure_mode) for one in found] == [("bench-pump", "asset.deviation")]
    assert START + timedelta(seconds=FAULT_FROM) <= started(found[0]) <= START + timedelta(seconds=FAULT_FROM + 120)


@pytest.mark.skipif(not DATASETS, reason="PRECOMPLAINT_DATASETS names no folder")
def test_the_recorded_pump_is_raised_in_its_anomalous_part(tmp_path: Path) -> None:
    """SKAB valve1/1 through `precomplaint run --replay`: every order lies in the labelled part, and there is one."""
    table = Path(DATASETS) / "skab" / "valve1" / "1.csv"
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    labelled = [row["datetime"] for row in rows if row["anomaly"] == "1.0"]
    first, last = (datetime.fromisoformat(at).replace(tzinfo=UTC) for at in (labelled[0], labelled[-1]))
    with running(tmp_path, "--replay", str(table), "--speed", "max") as run:
        screen = tmp_path / "screen.log"
        wait_until(lambda: "replay has ended" in screen.read_text(encoding="utf-8"), 120, f"the end, see {screen}")
        run.must_run()
        readings = SKAB_METRICS * len(rows)
        wait_until(lambda: run.get("/api/v1/status").json()["readings_total"] == readings, 60, f"{readings} readings")
        found, code = run.orders(), run.interrupt()
    began = [datetime.fromisoformat(order["started_at"]) for order in found]

    assert code == 0
    assert {(order["asset"], order["failure_mode"]) for order in found} == {("skab-pump", "asset.deviation")}
    assert [at for at in began if not first <= at <= last] == []
