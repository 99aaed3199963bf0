"""Proposal: what a recorded table probably means, laid out so that a person can confirm it in one look."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from device_simulators.mapping import ColumnMapping, checked_mapping, load_mapping, shipped_mapping
from ingest.asset_types import CLASS_NAMES
from ingest.metrics import METRICS
from ingest.registry import AssetClass
from ingest.spelling import meant
from service.tryout.column_names import Guess, Sureness, guess, names_metric
from service.tryout.errors import NothingUsableError, TryoutError
from service.tryout.table import NO_TIME_US, Floats, Table, Times

_TIME_NAMES: Final = re.compile(r"time|date|\bts\b|时间|日期|时刻", re.IGNORECASE)
_PATTERNS: Final = (
    "iso",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%y %H:%M:%S",
    "%d.%m.%y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d/%m/%Y %I:%M:%S %p",
    "%d-%b-%Y %H:%M:%S",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y%m%d%H%M%S",
    "epoch_s",
    "epoch_ms",
    "epoch_us",
)
_EPOCHS_US: Final = (
    631_152_000_000_000,
    4_102_444_800_000_000,
)  # 1990 to 2100: a number outside is no date of a device
_LABEL_NAMES: Final = re.compile(r"anomal|label|fault|failure|outlier|异常|故障标|标签", re.IGNORECASE)
_CODE_NAMES: Final = re.compile(r"code|代码|编码", re.IGNORECASE)
_NAME_NAMES: Final = re.compile(r"metric|variable|point|tag|signal|^name$|测点|指标|参数", re.IGNORECASE)
_VALUE_NAMES: Final = re.compile(r"^val(ue)?$|reading|数值|读数|^值$", re.IGNORECASE)
_BY_NAMES: Final = re.compile(r"machine|device|asset|unit.?id|meter|sensor.?id|logger|设备|编号|机组", re.IGNORECASE)
# What loggers write for "no value": what stands in their manuals, and the ends of 16-bit registers, also in tenths.
_SENTINELS: Final = (-9999.0, -999.0, -99.0, -1.0, 999.0, 9999.0, 99999.0, 32767.0, -32768.0, 65535.0, 3276.7, 6553.5)
_FEWEST_SENTINELS: Final = 3
_FAR_SPREADS: Final = 8.0
_PARSED_SHARE: Final = 0.8
_MOST_ASSETS: Final = 500
_STEADY_UNDER_US: Final = 14 * 86_400_000_000
_COMMA_NUMBER: Final = re.compile(r"-?\d+,\d+")


class ColumnSaidWronglyError(TryoutError):
    """A `--column` that cannot be read."""

    def __init__(self, said: str, problem: str) -> None:
        super().__init__(f"--column {said!r} {problem}; write NAME=METRIC or NAME=METRIC:UNIT, NAME may hold * and ?")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person at the command line has said already; empty where nothing was.

    Attributes:
        columns: Each `name=metric` or `name=metric:unit`; the name may be a pattern with `*` and `?`.
        time_column: The column that holds the time.
        time_format: How it is written; see `TimeColumn`.
        zone: Of times that do not name theirs.
        asset_class: What was recorded.
        labels: The column that is not 0 where something was wrong.
    """

    columns: tuple[str, ...] = ()
    time_column: str = ""
    time_format: str = ""
    zone: str = ""
    asset_class: str = ""
    labels: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping to be confirmed.

    Attributes:
        mapping: What would be used.
        guesses: By column, what it is taken for and why.
        left_out: Columns that nothing was made of.
        notes: Clauses on what somebody should look at, most important first.
    """

    mapping: ColumnMapping
    guesses: tuple[Guess, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())


def propose(table: Table, wishes: Wishes) -> Proposal:
    """What a table probably means.

    Raises:
        NothingUsableError: No column holds times, or none is recognised.
        ColumnSaidWronglyError: A wish names a metric or a column that does not exist.
    """
    if wishes == Wishes() and (shipped := shipped_mapping(table.columns)) is not None:
        return _shipped(table, shipped)
    zone = wishes.zone or "Asia/Shanghai"
    time_column, pattern, times = _time(table, wishes, ZoneInfo(zone))
    decimal = _decimal(table, time_column)
    labels = wishes.labels or next((c for c in table.columns if _is_label(table, c)), "")
    rest = [c for c in table.columns if c not in {time_column, labels} and not _names_label(c)]
    long = _long(table, rest)
    by = next((c for c in rest if c not in (long or ()) and _tells_assets_apart(table, c, times, long)), "")
    signals = list(_signals(table, [c for c in rest if c != by], long, decimal))
    asset_class = AssetClass(wishes.asset_class) if wishes.asset_class else _class_of(table.path, signals)
    said = dict(_said(wishes.columns, [name for name, _ in signals]))
    guesses = [found for name, values in signals if (found := said.get(name) or guess(name, values, asset_class))]
    if not guesses:
        shown = ", ".join(name for name, _ in signals[:8]) or "none that holds numbers"
        hint = f"say what they are with --column NAME=METRIC:UNIT (columns: {shown})"
        raise NothingUsableError(table.path, "none of its columns was recognised", hint)
    missing = sorted({s for _, values in signals for s in _sentinels(values)})
    tables: dict[str, Any] = {
        "time": {"column": time_column, "format": pattern, "zone": zone},
        "column": list(_columns(guesses)),
        "decimal": decimal,
        "missing": missing,
        "labels": labels,
        "by": by,
        "long": {"name": long[0], "value": long[1]} if long else None,
        **_places(table.path, guesses, asset_class, _duty(times), zone),
    }
    known = {g.column for g in guesses}
    left_out = [c for c in ([name for name, _ in signals] if long else rest) if c not in {*known, by}]
    zoned = bool(wishes.zone) or table.names_zone(time_column, pattern)
    notes = tuple(_notes(guesses, left_out, missing, zoned=zoned, parts=(by, labels)))
    return Proposal(checked_mapping(table.path, tables), tuple(guesses), tuple(left_out), notes)


def _shipped(table: Table, path: Path) -> Proposal:
    """The mapping that is shipped for tables with this header, with what the table says of faults."""
    mapping = load_mapping(path)
    labels = next((c for c in table.columns if _is_label(table, c)), "")
    guesses = [Guess(c.name, c.metric, c.unit, Sureness.SURE, f"shipped in {path.name}") for c in mapping.column]
    known = {mapping.time.column, labels, *(c.name for c in mapping.column)}
    left_out = tuple(c for c in table.columns if c not in known)
    notes = tuple(_notes(guesses, left_out, (), zoned=True, parts=("", labels)))
    return Proposal(mapping.model_copy(update={"labels": labels}), tuple(guesses), left_out, notes)


def _time(table: Table, wishes: Wishes, zone: ZoneInfo) -> tuple[str, str, Times]:
    """The column of times, how they are written, and the times."""
    named = sorted(table.columns, key=lambda c: not (table.holds_times(c) or _TIME_NAMES.search(c)))
    for column in (wishes.time_column,) if wishes.time_column else named:
        table.checked(column)
        found = [
            (pattern, times)
            for pattern in ((wishes.time_format,) if wishes.time_format else _PATTERNS)
            if (times := _parsed(table, column, pattern, zone)) is not None
        ]
        if found:
            # Where day and month can be told both ways, time goes forward in one of them only.
            pattern, times = min(found, key=lambda one: int((np.diff(one[1][one[1] != NO_TIME_US]) < 0).sum()))
            return column, pattern, times
    hint = f"name it with --time-column and --time-format (the table has {', '.join(table.columns[:12])})"
    raise NothingUsableError(table.path, "no column holds times that could be read", hint)


def _parsed(table: Table, column: str, pattern: str, zone: ZoneInfo) -> Times | None:
    times, _ = table.times(column, pattern, zone)
    known = times[times != NO_TIME_US]
    if known.size < _PARSED_SHARE * table.rows:
        return None
    return times if known.size and _EPOCHS_US[0] < np.median(known) < _EPOCHS_US[1] else None


def _decimal(table: Table, time_column: str) -> str:
    cells = [cell for c in table.columns if c != time_column for cell in table.sample(c, 20)]
    commas = sum(bool(_COMMA_NUMBER.fullmatch(cell)) for cell in cells)
    return "," if commas > len(cells) / 4 else "."


def _is_label(table: Table, column: str) -> bool:
    words = set(table.words(column, 5)) if _names_label(column) else set()
    return bool(words) and words <= {"0", "1", "0.0", "1.0", "true", "false"}


def _names_label(column: str) -> bool:
    """Whether a column is called what people call labels; a fault code is what the device itself said."""
    return bool(_LABEL_NAMES.search(column)) and not _CODE_NAMES.search(column)


def _long(table: Table, columns: Sequence[str]) -> tuple[str, str] | None:
    name = next((c for c in columns if _NAME_NAMES.search(c)), None)
    value = next((c for c in columns if _VALUE_NAMES.search(c)), None)
    return (name, value) if name and value and len(table.words(name, 3)) > 1 else None


def _tells_assets_apart(table: Table, column: str, times: Times, long: tuple[str, str] | None) -> bool:
    """Whether a column names assets: few distinct words, and the same moments (or signals, if long) again for each."""
    if not _BY_NAMES.search(column):
        return False
    count = len(table.words(column, _MOST_ASSETS + 1))
    if not 1 < count <= _MOST_ASSETS:
        return False
    if long:
        both = set(zip(table.texts(column), table.texts(long[0]), strict=True))
        return len(both) > len({signal for _, signal in both})
    return np.unique(times).size <= 1.5 * table.rows / count


def _signals(
    table: Table, columns: Sequence[str], long: tuple[str, str] | None, decimal: str
) -> Iterator[tuple[str, Floats]]:
    """Each signal's name with its numbers; a column that holds hardly any is none."""
    if long:
        names, (values, _) = np.asarray(table.texts(long[0])), table.numbers(long[1], decimal)
        yield from ((word, values[names == word]) for word in table.words(long[0]))
        return
    for column in columns:
        values, _ = table.numbers(column, decimal)
        # A fault code stands in few rows of a log.
        fewest = 0.0 if names_metric(column, AssetClass.BUILDING) else 0.01
        if np.isfinite(values).sum() > fewest * table.rows:
            yield column, values


def _class_of(path: Path, signals: Sequence[tuple[str, Floats]]) -> AssetClass:
    """What was recorded, by the words in the file's name and in its columns."""
    words = " ".join([path.stem, *(name for name, _ in signals)]).lower()
    telling = (
        (AssetClass.ELEVATOR, r"elevator|lift|door|floor|电梯|轿厢|门"),
        (AssetClass.PUMP, r"pump|bearing|motor|rpm|rotat|current|accel|泵|轴承|电机|电流|转速"),
        (AssetClass.RISER, r"riser|pipe|press|flow|立管|管|水压|压力|流量"),
    )
    return next((kind for kind, pattern in telling if re.search(pattern, words)), AssetClass.BUILDING)


def _said(columns: Sequence[str], names: Sequence[str]) -> Iterator[tuple[str, Guess]]:
    for said in columns:
        pattern, equals, rest = said.rpartition("=")
        metric, _, unit = rest.partition(":")
        if not equals or metric not in METRICS:
            raise ColumnSaidWronglyError(said, f"names no metric{meant(metric, METRICS)}" if equals else "has no =")
        fitting = [name for name in names if name == pattern or fnmatchcase(name, pattern)]
        if not fitting:
            raise ColumnSaidWronglyError(said, f"fits no column; there are {', '.join(names)}")
        for name in fitting:
            yield name, Guess(name, metric, unit, Sureness.SURE, "as you said")


def _sentinels(values: Floats) -> list[float]:
    """Numbers of the usual list that occur again and again, far from all others."""
    found = []
    for sentinel in _SENTINELS:
        here = values == sentinel
        if here.sum() < _FEWEST_SENTINELS:
            continue
        low, high = np.nanquantile(values[~here], (0.05, 0.95)) if (~here & np.isfinite(values)).any() else (0.0, 0.0)
        reach = _FAR_SPREADS * max(high - low, 1e-9)
        if not low - reach <= sentinel <= high + reach:
            found.append(sentinel)
    return found


def _columns(guesses: Sequence[Guess]) -> Iterator[Mapping[str, str]]:
    """Columns of one metric each on a device of its own, all others on one."""
    taken: set[str] = set()
    for one in guesses:
        alone = one.metric in taken or sum(g.metric == one.metric for g in guesses) > 1
        taken.add(one.metric)
        device = _slug(one.column) if alone else "logger"
        yield {"name": one.column, "device": device, "metric": one.metric, "unit": one.unit}


def _places(path: Path, guesses: Sequence[Guess], asset_class: AssetClass, duty: str, zone: str) -> dict[str, Any]:
    name, called = _name_of(path), CLASS_NAMES[asset_class]
    asset, place = _slug(name), {"place_zh": f"{name} {called.zh}", "place_en": f"{name}, {called.en}"}
    devices = dict.fromkeys(column["device"] for column in _columns(guesses))
    return {
        "site": [{"id": "recorded", "name_zh": "录制数据", "name_en": "Recordings", "timezone": zone}],
        "asset": [{"id": asset, "site": "recorded", "class": str(asset_class), **place, "limits": {"duty": duty}}],
        "device": [{"id": device, "site": "recorded", "assets": [asset]} for device in devices],
    }


def _name_of(path: Path) -> str:
    """What a person calls the recording: the file's name; of a bare number, the folder's before it."""
    stem = path.name.split(".")[0]
    return f"{path.resolve().parent.name} {stem}" if stem.isdigit() else stem


def _duty(times: Times) -> str:
    """Whether people's days can be learnt: `daily` needs two weeks."""
    known = times[times != NO_TIME_US]
    return "steady" if known.max() - known.min() < _STEADY_UNDER_US else "daily"


def _slug(name: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return slug or f"x{sum(map(ord, name))}"


def _notes(
    guesses: Sequence[Guess], left_out: Sequence[str], missing: Sequence[float], *, zoned: bool, parts: tuple[str, str]
) -> Iterator[str]:
    by, labels = parts
    if unsure := [g.column for g in guesses if g.sureness is Sureness.LIKELY]:
        yield f"look at the units of {_some(unsure)}: the table does not say them"
    metrics = [g.metric for g in guesses]
    if alike := [g.column for g in guesses if metrics.count(g.metric) > 1]:
        yield (
            f"{_some(alike)} are taken as several sensors of one asset; if they are of several, give each a table of "
            "its own, or mend the mapping"
        )
    if not zoned:
        yield "times without a zone are taken as Asia/Shanghai; say --zone if they are not"
    if by:
        yield f"each {by} is an asset of its own"
    if labels:
        yield f"{labels} says where something was wrong; orders are held against it and detectors never see it"
    if missing:
        yield f"{', '.join(f'{m:g}' for m in missing)} stand for no value and are left out"
    if left_out:
        yield f"left out: {_some(left_out)}"


def _some(names: Sequence[str]) -> str:
    """The first ten of a list that may be long."""
    return f"{', '.join(names[:10])}{' …' if len(names) > 10 else ''}"  # noqa: PLR2004 -- a line's worth
