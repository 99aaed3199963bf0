"""Recording: a recorded table becomes messages, and what is wrong with it is said by line and column."""

import json
from pathlib import Path
from typing import Any

import pytest

from device_simulators.calendar import SECOND_US
from device_simulators.errors import RecordingError
from device_simulators.mapping import (
    ColumnMapping,
    TimeColumn,
    load_mapping,
    quick_mapping,
    shipped_mapping,
)
from device_simulators.mapping_toml import registry_toml
from device_simulators.recording import Problem, Recording
from device_simulators.table import read_header, time_reader
from ingest.formats.precomplaint import decode_telemetry
from ingest.formats.wire_format import Decoded
from ingest.registry_file import load_registry

NOON = 1_764_072_000_000_000  # 2025-11-25 12:00:00 UTC
SKAB_HEADER = (
    "datetime;Accelerometer1RMS;Accelerometer2RMS;Current;Pressure;Temperature;Thermocouple;Voltage;"
    "Volume Flow RateRMS;anomaly;changepoint"
)


def _table(folder: Path, *rows: str, header: str = "when;p;t") -> Path:
    path = folder / "Pump 7.csv"
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def _mapping(folder: Path, **more: Any) -> ColumnMapping:
    time = TimeColumn(column="when", format="%Y-%m-%d %H:%M:%S", zone="Asia/Shanghai")
    columns = ["p=pressure_kpa:bar", "t=bearing_temperature_c"]
    return quick_mapping(folder / "Pump 7.csv", columns, time, "pump").model_copy(update=more)


def _samples(recording: Recording) -> list[dict[str, Any]]:
    return [sample for message in recording for sample in json.loads(message.payload)["samples"]]


def test_a_table_becomes_readings_in_their_own_units(tmp_path: Path) -> None:
    """Each row is published at its time, local times are of the zone given, and ingest reads bar as kPa."""
    path = _table(tmp_path, "2025-11-25 20:00:00;3.5;41", "2025-11-25 20:00:01;3.6;41.5")
    recording = Recording(path, _mapping(tmp_path))
    messages = list(recording)
    decoded = decode_telemetry("recorded-pump-7-logger", messages[1].payload)

    assert [message.at_us for message in messages] == [NOON, NOON + SECOND_US]
    assert messages[0].topic == "precomplaint/v1/recorded/recorded-pump-7-logger/telemetry"
    assert isinstance(decoded, Decoded)
    assert {r.metric: r.value for r in decoded.readings} == {"pressure_kpa": 360.0, "bearing_temperature_c": 41.5}
    assert (recording.counts.rows, recording.counts.values, recording.counts.problems) == (2, 4, 0)


def test_bad_cells_and_rows_are_told_and_nothing_else_is_lost(tmp_path: Path) -> None:
    """A bad number costs its cell, a bad time its row; each is told with line, column and value."""
    path = _table(
        tmp_path,
        "2025-11-25 20:00:00;3.5;41",
        "2025-11-25 20:00:01;n/a;42",
        "yesterday;3.5;43",
        "2025-11-25 20:00:03;nan;44",
        "2025-11-25 20:00:04;3.5",
        "",
        "2025-11-25 20:00:06;;46",
    )
    problems: list[Problem] = []
    recording = Recording(path, _mapping(tmp_path), on_problem=problems.append)
    temperatures = [sample["values"].get("bearing_temperature_c") for sample in _samples(recording)]

    assert [str(problem) for problem in problems] == [
        "line 3, column p: 'n/a' is not a number",
        "line 4, column when: 'yesterday' is not a time of the form '%Y-%m-%d %H:%M:%S'",
        "line 5, column p: 'nan' is not a finite number",
        "line 6, column t: '' is missing: the row has only 2 cells",
    ]
    assert temperatures == [41, 42, 44, None, 46]
    assert (recording.counts.problems, recording.counts.empty, recording.counts.rows) == (4, 1, 5)


@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
def test_any_usual_delimiter_is_found(tmp_path: Path, mark: str) -> None:
    """Semicolon, comma, tab and bar are told from the header; a byte order mark and spaces do not matter."""
    path = tmp_path / "Pump 7.csv"
    rows = ["when; p; t".replace(";", mark), "2025-11-25 20:00:00;3.5;41".replace(";", mark)]
    path.write_text("\n".join(rows), encoding="utf-8-sig")

    assert _samples(Recording(path, _mapping(tmp_path))) == [
        {"at": NOON, "values": {"pressure_kpa": 3.5, "bearing_temperature_c": 41.0}}
    ]


def test_a_decimal_comma_is_read_when_it_is_said(tmp_path: Path) -> None:
    """With decimal = "," 3,5 is three and a half; without, it is no number."""
    path = _table(tmp_path, "2025-11-25 20:00:00;3,5;41")
    problems: list[Problem] = []

    assert _samples(Recording(path, _mapping(tmp_path, decimal=",")))[0]["values"]["pressure_kpa"] == 3.5
    list(Recording(path, _mapping(tmp_path), on_problem=problems.append))
    assert problems == [Problem(2, "p", "3,5", "is not a number")]


def test_a_gathering_device_publishes_several_rows_at_once(tmp_path: Path) -> None:
    """A device that reports every 2 s holds rows back so long, and the rest goes out at the end."""
    path = _table(tmp_path, *(f"2025-11-25 20:00:0{second};3.5;41" for second in range(5)))
    mapping = _mapping(tmp_path)
    gathering = tuple({**table, "reports_every_s": 2} for table in mapping.device)
    messages = list(Recording(path, mapping.model_copy(update={"device": gathering})))

    assert [len(json.loads(message.payload)["samples"]) for message in messages] == [3, 2]
    assert [message.at_us - NOON for message in messages] == [2 * SECOND_US, 4 * SECOND_US]


def test_an_old_recording_can_be_shifted(tmp_path: Path) -> None:
    """The span tells its first and last time and rows, and a shift moves every time by the same amount."""
    path = _table(tmp_path, "2025-11-25 20:00:00;3.5;41", "no;1;1", "2025-11-25 20:01:00;3.6;41.5")
    span = Recording(path, _mapping(tmp_path)).span()
    shifted = Recording(path, _mapping(tmp_path), shift_us=NOON - span.last_us)

    assert (span.first_us, span.last_us, span.rows) == (NOON, NOON + 60 * SECOND_US, 2)
    assert [message.at_us for message in shifted] == [NOON - 60 * SECOND_US, NOON]
    assert shifted.span().last_us == NOON


def test_rows_out_of_order_keep_their_time(tmp_path: Path) -> None:
    """A row that goes back is published when it stands in the file, with its own time in the payload."""
    path = _table(tmp_path, "2025-11-25 20:00:05;3.5;41", "2025-11-25 20:00:00;3.6;41")
    recording = Recording(path, _mapping(tmp_path))

    assert [message.at_us for message in recording] == [NOON + 5 * SECOND_US, NOON + 5 * SECOND_US]
    assert [sample["at"] for sample in _samples(recording)] == [NOON + 5 * SECOND_US, NOON]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("iso", "2025-11-25T12:00:00Z"),
        ("iso", "2025-11-25 12:00"),
        ("epoch_s", "1764072000.0"),
        ("epoch_ms", "1764072000000"),
        ("epoch_us", "1764072000000000"),
        ("%d.%m.%Y %H:%M", "25.11.2025 12:00"),
    ],
)
def test_times_are_read_as_their_form_says(form: str, text: str) -> None:
    """ISO 8601, epochs and patterns all give the same moment; something else gives none."""
    read = time_reader(TimeColumn(column="when", format=form))

    assert read(f" {text} ") == NOON
    assert read("soon") is None


def test_a_missing_column_names_what_there_is(tmp_path: Path) -> None:
    """A column that the header lacks is an error before anything is published, with the header in it."""
    path = _table(tmp_path, "2025-11-25 20:00:00;3.5", header="when;pressure")

    with pytest.raises(
        RecordingError, match=r"Pump 7\.csv, line 1: there is no column 'p'; the header has when, pressure"
    ):
        Recording(path, _mapping(tmp_path))


def test_unusable_files_say_why(tmp_path: Path) -> None:
    """A missing, an empty, a binary and a timeless file each give one sentence that names the file."""
    binary = tmp_path / "b.csv"
    binary.write_bytes(b"when;p;t\n2025-11-25 20:00:00;3;1\n\xff\xfe\n")
    empty = tmp_path / "e.csv"
    empty.write_bytes(b"")

    with pytest.raises(RecordingError, match="cannot be read: No such file"):
        read_header(tmp_path / "nothing.csv")
    with pytest.raises(RecordingError, match=r"e\.csv, line 1: is empty"):
        read_header(empty)
    with pytest.raises(RecordingError, match=r"is not UTF-8 text"):
        list(Recording(binary, _mapping(tmp_path)))
    with pytest.raises(RecordingError, match="no row has a time in column 'when'"):
        Recording(_table(tmp_path, "x;1;1"), _mapping(tmp_path)).span()


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        ("p", r"--column 'p' is not name=metric or name=metric:unit"),
        ("p=pressure", r"column 'p': there is no metric 'pressure' \(pressure_kpa\)"),
        ("p=pressure_kpa:furlong", r"column 'p': pressure_kpa is in kPa; it cannot be sent in 'furlong'"),
    ],
)
def test_a_bad_column_option_says_what_would_be_right(tmp_path: Path, column: str, problem: str) -> None:
    """A column without a metric, with an unknown one or in an impossible unit is refused with a hint."""
    with pytest.raises(RecordingError, match=problem):
        quick_mapping(tmp_path / "x.csv", [column], TimeColumn(column="when"), "pump")


def test_a_mapping_file_is_checked(tmp_path: Path) -> None:
    """An unknown key, a device without a table and a metric given twice are each named."""
    text = '[time]\ncolumn = "w"\n[[column]]\nname = "p"\ndevice = "d"\nmetric = "pressure_kpa"\n'
    device = '[[device]]\nid = "d"\nsite = "s"\nassets = ["a"]\n'
    twice = text + text[text.index("[[column]]") :].replace('"p"', '"q"') + device
    faults = {
        text + "[extra]\n": "extra: Extra inputs",
        text: r"column 'p': there is no \[\[device\]\] 'd'",
        twice: "column 'q': 'd' already has a pressure_kpa",
        text.replace("[time]", "[time"): "is not TOML",
        text.replace('"w"', '"w"\nzone = "Mars"') + device: "time.zone: 'Mars' is not a time zone",
    }
    for number, (content, problem) in enumerate(faults.items()):
        path = tmp_path / f"{number}.toml"
        path.write_text(content, encoding="utf-8")

        with pytest.raises(RecordingError, match=problem):
            load_mapping(path)


def test_a_mapping_may_use_a_registry_that_is_there(tmp_path: Path) -> None:
    """With a registry file the mapping holds columns only, and topics carry the registry's site."""
    mapping, registry = tmp_path / "m.toml", tmp_path / "r.toml"
    mapping.write_text(
        '[time]\ncolumn = "when"\n[[column]]\nname = "p"\ndevice = "gauge"\nmetric = "pressure_kpa"\n', encoding="utf-8"
    )
    registry.write_text('[[device]]\nid = "gauge"\nsite = "home"\nassets = ["riser"]\n', encoding="utf-8")
    table = _table(tmp_path, "2025-11-25T20:00:00Z;350;1")

    assert next(iter(Recording(table, load_mapping(mapping, registry)))).topic == "precomplaint/v1/home/gauge/telemetry"


def test_the_registry_it_writes_is_one_that_ingest_loads(tmp_path: Path) -> None:
    """What a service needs to know of a recording comes out as a registry file, quotes and all."""
    path = tmp_path / "registry.toml"
    path.write_text(registry_toml(_mapping(tmp_path)), encoding="utf-8")
    registry = load_registry(path)

    assert list(registry.devices) == ["recorded-pump-7-logger"]
    assert registry.assets["recorded-pump-7"].asset_class == "pump"
    assert registry.assets["recorded-pump-7"].limits == {"timezone": "Asia/Shanghai", "duty": "steady"}


def test_the_shipped_mapping_knows_the_skab_tables(tmp_path: Path) -> None:
    """A table with SKAB's header needs no mapping from the user: eight channels of three devices, in ingest's units."""
    path = tmp_path / "1.csv"
    row = "2020-03-09 10:34:33;0.0270797;0.039615;0.871339;0.054711;75.4955;25.8338;244.091;32.0;0.0;0.0"
    path.write_text(f"{SKAB_HEADER}\n{row}\n", encoding="utf-8")
    found = shipped_mapping(read_header(path))
    assert found is not None
    readings = {
        (reading.device, reading.metric): round(reading.value, 4)
        for message in Recording(path, load_mapping(found))
        for decoded in [decode_telemetry(message.topic.split("/")[3], message.payload)]
        if isinstance(decoded, Decoded)
        for reading in decoded.readings
    }

    assert readings == {
        ("skab-accelerometer-1", "acceleration_rms_m_s2"): 0.2656,
        ("skab-accelerometer-2", "acceleration_rms_m_s2"): 0.3885,
        ("skab-panel", "current_a"): 0.8713,
        ("skab-panel", "pressure_kpa"): 5.4711,
        ("skab-panel", "bearing_temperature_c"): 75.4955,
        ("skab-panel", "fluid_temperature_c"): 25.8338,
        ("skab-panel", "voltage_v"): 244.091,
        ("skab-panel", "flow_m3_h"): 1.92,
    }
    assert shipped_mapping(["time", "value"]) is None
