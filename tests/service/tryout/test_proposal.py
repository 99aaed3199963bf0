"""Proposal: a stranger's table is taken for what it is, and what is only guessed is said to be."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from device_simulators.mapping import ColumnMapping, load_mapping
from device_simulators.mapping_toml import mapping_toml
from service.tryout.column_names import Sureness
from service.tryout.errors import NothingUsableError
from service.tryout.proposal import ColumnSaidWronglyError, Proposal, Wishes, propose
from service.tryout.table import Table
from tests.service.tryout.recorded import START_US, noise, write, written

MINUTE_US = 60_000_000
_ZONE = ZoneInfo("Asia/Shanghai")


def proposed(path: Path, header: str, rows: list[str], **wishes: object) -> Proposal:
    return propose(Table(write(path, header, rows)), Wishes(**wishes))  # type: ignore[arg-type]


def metrics(mapping: ColumnMapping) -> dict[str, tuple[str, str]]:
    return {column.name: (column.metric, column.unit) for column in mapping.column}


def test_names_and_units_are_understood_in_both_languages(tmp_path: Path) -> None:
    """Brackets, underscores, spaces and Chinese: the metric and the unit are found."""
    header = "采集时间,供水压力(MPa),Motor_Current_A,flow [L/min],vib_rms_mm_s,轴承温度"
    rows = [f"{written(START_US + n * MINUTE_US)},0.3{n},4,55,1.2,4{n}" for n in range(9)]
    found = proposed(tmp_path / "pump room.csv", header, rows)

    assert metrics(found.mapping) == {
        "供水压力(MPa)": ("pressure_kpa", "MPa"),
        "Motor_Current_A": ("current_a", ""),
        "flow [L/min]": ("flow_m3_h", "L/min"),
        "vib_rms_mm_s": ("velocity_rms_mm_s", ""),
        "轴承温度": ("bearing_temperature_c", ""),
    }
    assert found.mapping.asset[0]["class"] == "pump"
    assert [g.column for g in found.guesses if g.sureness is Sureness.LIKELY] == ["轴承温度"]


@pytest.mark.parametrize(("level", "unit"), [(0.32, "MPa"), (3.2, "bar"), (320.0, "")])
def test_a_unit_nobody_says_is_guessed_by_size_and_doubted(tmp_path: Path, level: float, unit: str) -> None:
    """A pressure of 0.3, 3 or 300 is in MPa, bar or kPa; the person is asked to look."""
    rows = [f"{written(START_US + n * MINUTE_US)},{v}" for n, v in enumerate(noise(50, level, 0.01 * level))]
    found = proposed(tmp_path / "riser.csv", "time,pressure", rows)

    assert metrics(found.mapping) == {"pressure": ("pressure_kpa", unit)}
    assert found.guesses[0].sureness is Sureness.LIKELY
    assert found.notes[0].startswith("look at the units of pressure")


@pytest.mark.parametrize(
    "pattern",
    ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M", "%Y年%m月%d日 %H:%M"],
)
def test_times_are_found_however_they_are_written(tmp_path: Path, pattern: str) -> None:
    """Day before month or after it: time goes forward in one of them only."""
    day_us = 1_440 * MINUTE_US
    rows = [f"{written(START_US + n * day_us, pattern)},3.1" for n in range(40)]
    found = proposed(tmp_path / "riser.csv", "date,pressure (bar)", rows)
    times, bad = Table(tmp_path / "riser.csv").times("date", found.mapping.time.format, _ZONE)

    assert bad.count == 0
    assert times.tolist() == [START_US + n * day_us for n in range(40)]


@pytest.mark.parametrize(("scale", "name"), [(1_000_000, "epoch_s"), (1_000, "epoch_ms"), (1, "epoch_us")])
def test_numbers_that_count_from_1970_are_times(tmp_path: Path, scale: int, name: str) -> None:
    """Seconds, milliseconds and microseconds are told apart by what year they would be."""
    rows = [f"{(START_US + n * MINUTE_US) // scale},3.1" for n in range(20)]

    assert proposed(tmp_path / "riser.csv", "ts,pressure (bar)", rows).mapping.time.format == name


def test_marks_for_no_value_are_found_only_far_from_the_rest(tmp_path: Path) -> None:
    """-999 among pressures is none; -1 among temperatures around 0 is one."""
    values = [-999 if n % 10 == 0 else 3.1 + n / 1e3 for n in range(60)]
    rows = [f"{written(START_US + n * MINUTE_US)},{v},{(n % 7) - 3}" for n, v in enumerate(values)]
    found = proposed(tmp_path / "riser.csv", "time,pressure (bar),air temperature (C)", rows)

    assert found.mapping.missing == (-999.0,)


def test_a_table_of_many_assets_is_seen_to_be_one(tmp_path: Path) -> None:
    """The same moments again for each machine: each is an asset of its own."""
    rows = [f"{written(START_US + n * MINUTE_US)},{m},{2 + m}" for m in (1, 2, 3) for n in range(20)]

    assert proposed(tmp_path / "pumps.csv", "time,machineID,vibration mm/s", rows).mapping.by == "machineID"


def test_a_table_with_one_reading_a_row_is_seen_to_be_one(tmp_path: Path) -> None:
    """A name and a value in each row: the names are the signals."""
    rows = [
        f"{written(START_US + n * MINUTE_US)},{name},{v}"
        for n in range(20)
        for name, v in (("压力(bar)", 3), ("水温", 12))
    ]
    mapping = proposed(tmp_path / "riser.csv", "time,tag,value", rows).mapping

    assert mapping.long is not None
    assert metrics(mapping) == {"压力(bar)": ("pressure_kpa", "bar"), "水温": ("fluid_temperature_c", "")}


def test_what_a_person_says_counts(tmp_path: Path) -> None:
    """A pattern names many columns at once, each on a device of its own."""
    rows = [f"{written(START_US + n * MINUTE_US)},30,31" for n in range(20)]
    found = proposed(tmp_path / "net.csv", "time,n1,n2", rows, columns=("n*=pressure_kpa:mH2O",), asset_class="riser")

    assert metrics(found.mapping) == dict.fromkeys(("n1", "n2"), ("pressure_kpa", "mH2O"))
    assert [device["id"] for device in found.mapping.device] == ["n1", "n2"]


@pytest.mark.parametrize(
    ("said", "problem"), [("n1", "has no ="), ("n1=presure_kpa", "no metric"), ("x=current_a", "no column")]
)
def test_what_a_person_says_wrongly_is_answered(tmp_path: Path, said: str, problem: str) -> None:
    """A wish that cannot be met says what is wrong with it."""
    rows = [f"{written(START_US + n * MINUTE_US)},30" for n in range(20)]

    with pytest.raises(ColumnSaidWronglyError, match=problem):
        proposed(tmp_path / "net.csv", "time,n1", rows, columns=(said,))


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [("a,b", "x,1", "no column holds times"), ("time,zzz", "2025-11-25 00:00:00,1", "none of its columns")],
)
def test_a_table_nothing_is_made_of_says_what_to_do(tmp_path: Path, header: str, row: str, said: str) -> None:
    """The error names the option that helps."""
    with pytest.raises(NothingUsableError, match=rf"{said}.*--"):
        proposed(tmp_path / "odd.csv", header, [row] * 5)


def test_a_proposal_is_the_same_after_it_was_written_and_read(tmp_path: Path) -> None:
    """The file a person mends says all that was proposed."""
    rows = [
        f"{written(START_US + n * MINUTE_US)},{m},{-999 if n < 4 else 300 + n},{n % 2}"
        for m in (1, 2)
        for n in range(30)
    ]
    mapping = proposed(tmp_path / "rohr.csv", "time,device,水压 (kPa),fault", rows).mapping
    (tmp_path / "mapping.toml").write_text(mapping_toml(mapping), encoding="utf-8")

    assert (mapping.by, mapping.labels, mapping.missing) == ("device", "fault", (-999.0,))
    assert load_mapping(tmp_path / "mapping.toml") == mapping


def test_a_fault_code_is_what_the_device_said_and_no_label(tmp_path: Path) -> None:
    """An elevator's log has a column of fault codes, nearly always empty or 0: a metric, though its name says fault."""
    header = "Timestamp,Floor,Direction,Door close time (s),Leveling error (mm),Fault code"
    rows = [
        f"{written(START_US + n * MINUTE_US)},{n % 9},{('Up', 'Down')[n % 2]},2.{n % 7},-1,{2 if n == 90 else ''}"
        for n in range(200)
    ]
    found = proposed(tmp_path / "lift 2.csv", header, rows)

    assert found.mapping.labels == ""
    assert {c.name: c.metric for c in found.mapping.column} == {
        "Floor": "floor",
        "Direction": "trip_direction",
        "Door close time (s)": "door_close_time_s",
        "Leveling error (mm)": "levelling_error_mm",
        "Fault code": "fault_code",
    }
    assert not any("units" in note for note in found.notes)


def test_an_empty_column_is_no_label(tmp_path: Path) -> None:
    """Where nothing stands nobody says that nothing was wrong."""
    rows = [f"{written(START_US + n * MINUTE_US)},3.1," for n in range(20)]

    assert proposed(tmp_path / "riser.csv", "time,pressure (bar),anomaly", rows).mapping.labels == ""


def test_small_letters_are_units_too_and_a_pumps_motor_is_its_own(tmp_path: Path) -> None:
    """`_c` is degrees, `_mpa` megapascals; what an elevator's metric is called is a pump's current in its table."""
    rows = [f"{written(START_US + n * MINUTE_US)},45,0.3{n},14,true" for n in range(9)]
    found = proposed(tmp_path / "pump.csv", "time,bearing_temp_c,discharge_pressure_mpa,motor_current_a,running", rows)

    assert metrics(found.mapping) == {
        "bearing_temp_c": ("bearing_temperature_c", ""),
        "discharge_pressure_mpa": ("pressure_kpa", "MPa"),
        "motor_current_a": ("current_a", ""),
        "running": ("pump_running", ""),
    }
    assert [g for g in found.guesses if g.sureness is Sureness.LIKELY] == []


@pytest.mark.parametrize(("zone", "asked"), [("Z", 0), ("+01:00", 0), ("", 1)], ids=("UTC", "offset", "none"))
def test_the_zone_is_asked_only_where_the_table_does_not_say_it(tmp_path: Path, zone: str, asked: int) -> None:
    """Times that name their zone need no word about it."""
    rows = [f"2025-11-25T00:{n:02}:00{zone},3.1" for n in range(20)]
    found = proposed(tmp_path / "riser.csv", "time,pressure (bar)", rows)

    assert sum("--zone" in note for note in found.notes) == asked


def test_a_long_table_of_several_devices_is_told_apart(tmp_path: Path) -> None:
    """Where the same signal is told of several devices each is an asset; where each tells another, all are one's."""
    rows = [f"{written(START_US + n * MINUTE_US)},{d},flow (m3/h),{d + 1}" for n in range(20) for d in (1, 2)]
    rows += [f"{written(START_US + n * MINUTE_US)},{d},pressure (bar),3" for n in range(20) for d in (1, 2)]
    several = proposed(tmp_path / "pumps.csv", "time,device,point,value", rows)
    parted = [row for row in rows if ("1,flow" in row) or ("2,pressure" in row)]
    one = proposed(tmp_path / "pump.csv", "time,device,point,value", parted)

    assert (several.mapping.by, one.mapping.by) == ("device", "")


def test_two_signals_of_a_kind_are_said_to_be_taken_for_one_assets(tmp_path: Path) -> None:
    """P1 and P2 may be two sensors or two pumps; the person is asked to look, and told what was left out."""
    rows = [f"{written(START_US + n * MINUTE_US)},1.{n},1.{n},calm" for n in range(9)]
    found = proposed(tmp_path / "pumps.csv", "time,P1 vibration (mm/s),P2 vibration (mm/s),state", rows)

    assert found.notes[0].startswith("P1 vibration (mm/s), P2 vibration (mm/s) are taken as several sensors of one")
    assert found.notes[-1] == "left out: state"
