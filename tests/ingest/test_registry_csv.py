"""Registry CSV: what Excel and WPS write is read, each mistake is named with its line, and what goes out comes back."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings

from ingest.asset_types import LIMIT_NAMES
from ingest.errors import BadTopicLevelError, RegistryRefusedError
from ingest.registry import AssetClass, Registry
from ingest.registry_check import Check
from ingest.registry_csv import CsvFile, Table, csv_of, read_csv
from ingest.registry_file import parse_toml, toml_of
from ingest.registry_sheet import Sheet
from tests.ingest.registries import registries, sample

HEADER = "id,site,class,place_zh,place_en,neighbours,power_kw"
CLASSES = [str(one) for one in AssetClass]
PUMP = 'pump-2,west,pump,"二号泵\n地下室",Pump 2,pump-1,11'


def onto(sheet: Sheet, registry: Registry | None = None) -> Registry:
    """What becomes of a registry, the sample if no other."""
    return sheet.onto(registry or sample(), lambda made, doubtful: Check(doubtful=doubtful).faults(made))


def read(registry: Registry | None = None, *, replace: bool = False, **tables: str | bytes) -> Registry:
    """What becomes of a registry by tables, each named by its kind."""
    files = [
        CsvFile(f"{name}.csv", content if isinstance(content, bytes) else content.encode())
        for name, content in tables.items()
    ]
    sheet = read_csv(files)
    return onto(sheet if replace else sheet.adding(), registry)


def refused(**tables: str | bytes) -> Sequence[str]:
    """The lines that say what is wrong with tables."""
    with pytest.raises(RegistryRefusedError) as error:
        read(**tables)
    return str(error.value).splitlines()


@settings(max_examples=60)
@given(registry=registries())
def test_tables_out_and_in_change_nothing(registry: Registry) -> None:
    """All tables of any registry, read onto it or onto nothing, give that registry."""
    files = [CsvFile(f"{table}.csv", csv_of(registry, table)) for table in Table]

    assert onto(read_csv(files), registry) == registry
    assert onto(read_csv(files), Registry({}, {}, {}, {})) == registry


@settings(max_examples=60)
@given(registry=registries())
def test_a_registry_file_out_and_in_changes_nothing(registry: Registry) -> None:
    """The same for TOML."""
    sheet = parse_toml("registry.toml", toml_of(registry).encode())

    assert onto(sheet, registry) == registry
    assert onto(sheet, Registry({}, {}, {}, {})) == registry


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("before", ["", "sep={}\n"])
def test_every_dialect_of_excel_and_wps_is_read(encoding: str, delimiter: str, end: str, before: str) -> None:
    """Encoding, delimiter, line ends, a line break inside a cell and trailing empty rows make no difference."""
    rows = f"{HEADER}\n{PUMP}\n,,,,,,\n".replace("\n", end).replace(",", delimiter)
    found = read(assets=(before.format(delimiter) + rows).encode(encoding)).assets["pump-2"]

    assert (found.place.zh, found.neighbours, dict(found.limits)) == ("二号泵 地下室", ("pump-1",), {"power_kw": 11.0})


def test_all_mistakes_of_all_files_come_at_once_with_their_lines() -> None:
    """A record is named by its first line, a cell by its column; what only follows from a mistake is not said."""
    assets = (
        f"{HEADER},rope_nominal_diameter_mm\n"
        'pump-2,west,pump,"二号泵\n地下室",Pump 2,,"7,5",\n'
        "pump-3,west,pumb,三号泵,Pump 3,,1,\n"
        "lift-1,west,elevator,电梯,Lift,,,99\n"
        "pump-2,west,pump,又,again,,,\n"
        "pump-4,wset,pump,,,pump-3,,\n"
    )
    devices = "id,site,assets,reports_every_s\nd1,west,pump-3; riser-9,soon\nd2,west,pump-2;pump-3,\na/b,west,,0\n"

    assert refused(assets=assets, devices=devices) == [
        "assets.csv:2: column power_kw: is '7,5'; it must be a number of kW; the decimal point is a dot",
        f"assets.csv:4: column class: 'pumb' is none of {', '.join(map(repr, CLASSES))}; did you mean 'pump'?",
        "assets.csv:5: column rope_nominal_diameter_mm: is 99; it must be from 4 to 32 mm",
        "assets.csv:6: column id: 'pump-2' is there already, at assets.csv:2",
        "assets.csv:7: place_zh or place_en is missing",
        "devices.csv:2: column reports_every_s: 'soon' is not a number",
        f"devices.csv:4: column id: {BadTopicLevelError('a/b')}",
        "devices.csv:4: column assets: is missing",
    ]


def test_a_reference_to_nothing_names_what_was_probably_meant() -> None:
    """Line, column, value and suggestion, as a person can act on."""
    devices = "id,site,assets,source\nd1,west,riser-9,gatway\n"
    names = "source,name,metric,unit,scale\ngateway,P,presure_kpa,,\ngw,P,pressure_kpa,,\ngateway,Q,pressure_kpa,C,0\n"

    assert refused(devices=devices, names=names) == [
        "devices.csv:2: column source: there is no source 'gatway'; did you mean 'gateway'?",
        "devices.csv:2: column assets: there is no asset 'riser-9'; did you mean 'riser-2'?",
        "names.csv:2: column metric: 'P': there is no metric 'presure_kpa'; did you mean 'pressure_kpa'?",
        "names.csv:3: column source: there is no source 'gw'",
        refused(names=names)[2],
        "names.csv:4: column scale: 'Q': a scale of 0 says the same of every value",
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("assets", b"PK\x03\x04rest", "assets.csv: is an Excel workbook; save it as CSV (UTF-8)"),
        ("assets", b"\x81\xff\xff", "assets.csv: is no text in UTF-8 or GB18030"),
        ("assets", b"", "assets.csv: is empty"),
        ("assets", b'id,site,class\n"open', "assets.csv:2: is not CSV: unexpected end of data"),
        ("assets", b"id,site,class\na,b\n", "assets.csv:2: has 2 cells, the header has 3"),
        ("devices", b"id,site,assets\na,west,b,c\n", "devices.csv:2: has 4 cells, the header has 3; is a separator"),
        ("assets", b"id,site,class,place,power_kv\n", "assets.csv:1: column 'place' is none of a table of assets"),
        ("assets", b"id,power_kv\n", "did you mean 'power_kw'?"),
        ("assets", b"id,site,id\n", "assets.csv:1: column 'id' is there twice"),
        ("sheet", b"id,site\na,b\n", "sheet.csv:1: this can be a table of assets or devices or sources; call the file"),
        ("sheet", b"name_zh,name_en\nx,y\n", "sheet.csv:1: a table of sites needs the column 'id'"),
    ],
)
def test_what_is_no_table_is_named(name: str, content: bytes, said: str) -> None:
    """Each says which file, where it can the line, and what to do."""
    assert any(said in line for line in refused(**{name: content}))


def test_a_column_that_is_absent_leaves_what_it_says() -> None:
    """A sheet of two columns changes one limit; an empty cell takes a value away."""
    found = read(assets="id,power_kw,duty\npump-1,11,\n").assets["pump-1"]

    assert dict(found.limits) == {"power_kw": 11.0}
    assert found.place == sample().assets["pump-1"].place


def test_replacing_removes_what_is_absent_and_only_of_these_kinds() -> None:
    """A table of devices that names one of two removes the other; assets, sources and names stay."""
    found = read(devices="id,site,assets\nriser-1-pressure,west,riser-1\n", replace=True)
    without_names = read(names="source,name,metric\n", replace=True)

    assert list(found.devices) == ["riser-1-pressure"]
    assert (found.assets, found.sources) == (sample().assets, sample().sources)
    assert without_names.sources["gateway"].names == ()


def test_removing_what_others_name_is_refused() -> None:
    """What is not in the files and would point at nothing is named by what it is."""
    with pytest.raises(RegistryRefusedError) as error:
        read(assets="id,site,class,place_zh,place_en\npump-1,west,pump,泵,P\n", replace=True)

    assert str(error.value) == "device 'riser-1-pressure', assets: there is no asset 'riser-1'"


def test_names_of_sources_are_a_table_of_their_own() -> None:
    """Rows of names go into their sources, an empty metric means "not wanted", and those not named stay."""
    made = read(names="source,address,name,metric,unit\ngateway,,Temp,pipe_temperature_c,F\ngateway,,Pressure,,\n")
    names = {(n.address, n.name): (n.metric, n.unit) for n in made.sources["gateway"].names}

    assert names == {
        ("", "Pressure"): ("", ""),
        ("", "RSSI"): ("", ""),
        ("PUMP/1", "Pressure"): ("pressure_kpa", "bar"),
        ("", "Temp"): ("pipe_temperature_c", "F"),
    }


def test_a_device_that_calls_itself_a_formula_is_only_text() -> None:
    """What a spreadsheet would run is written with an apostrophe in front, and read without."""
    registry = read(devices='id,site,assets,address\nd,west,riser-1,"=HYPERLINK(""x"")"\n')
    table = csv_of(registry, Table.DEVICES).decode("utf-8-sig")

    assert registry.devices["d"].address == '=HYPERLINK("x")'
    assert '"\'=HYPERLINK(""x"")"' in table
    assert read(devices=table).devices["d"] == registry.devices["d"]


def test_limits_are_columns_of_their_own_name() -> None:
    """The table of assets has those that are in use; every limit there is can be one."""
    header = csv_of(sample(), Table.ASSETS).decode("utf-8-sig").splitlines()[0]
    everything = "id," + ",".join(sorted(LIMIT_NAMES))

    assert header == "id,site,class,place_zh,place_en,neighbours,duty,rated_pressure_kpa,power_kw"
    assert read(assets=f"{everything}\n").assets == sample().assets


def test_a_sheet_that_is_all_chinese_is_read() -> None:
    """Headings and classes in Chinese, a unit in brackets, no English text: the Chinese one stands for both."""
    sheet = "编号,小区,类别,位置,额定功率(kW),工作规律\npump-7,west,水泵,地下室七号泵,7.5,steady\n".encode("gb18030")
    found = read(assets=sheet).assets["pump-7"]

    assert found.asset_class is AssetClass.PUMP
    assert (found.place.zh, found.place.en) == ("地下室七号泵", "地下室七号泵")
    assert dict(found.limits) == {"power_kw": 7.5, "duty": "steady"}
