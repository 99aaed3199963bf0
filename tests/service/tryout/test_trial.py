"""Trial: a recorded history gives the work orders the live service would have given, held against its labels."""

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pytest

from device_simulators.calendar import DAY_US
from service.tryout.page_data import Told, course
from service.tryout.proposal import Wishes, propose
from service.tryout.table import Table
from service.tryout.trial import trial
from service.tryout.truth import Fault, is_right, score
from tests.service.tryout.recorded import START_US, leaking_riser, noise, riser_table, write, written


def tried(*paths: Path, labels: Path | None = None, **wishes: object) -> Told:
    tables = [Table(path) for path in paths]
    mapping = propose(tables[0], Wishes(**wishes)).mapping  # type: ignore[arg-type]
    return trial(tables, mapping, labels, lambda _share: None)


def raised(told: Told) -> list[tuple[str, str, int]]:
    return [(o.finding.failure_mode, str(o.level), o.raised_us) for o in told.judgement.orders]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return tried(riser_table(tmp_path_factory.mktemp("riser") / "riser.csv"))


def test_a_burst_is_warned_of_in_time_and_counted(told: Told) -> None:
    """The leaking riser gets one order while it leaks; precision and recall are 1 and nothing is false."""
    found = told.score

    assert [mode for mode, _, _ in raised(told)] == ["pipe.burst"]
    assert found is not None
    assert (found.precision, found.recall, found.false_a_month) == (1.0, 1.0, 0.0)
    assert 0 < found.delays_us[0] < 9 * DAY_US


def test_detectors_never_see_the_labels(told: Told, tmp_path: Path) -> None:
    """The same recording without its label column gives the same orders, and no score."""
    rows = [f"{written(at)},{v:.1f}" for at, v in leaking_riser()]
    bare = tried(write(tmp_path / "riser.csv", "time,pipe vibration (um/s2)", rows))

    assert raised(bare) == raised(told)
    assert bare.score is None


def test_a_shuffled_table_gives_the_same_orders(told: Told, tmp_path: Path) -> None:
    """Rows in any order, some twice, in two files, or as Parquet: the same orders."""
    header, *rows = riser_table(tmp_path / "riser.csv").read_text(encoding="utf-8").splitlines()
    dice = np.random.default_rng(3)
    shuffled = dice.permutation([*rows, *dice.choice(rows, 50)]).tolist()
    parts = [write(tmp_path / f"{n}.csv", header, shuffled[n::2]) for n in range(2)]
    packed = tmp_path / "riser.parquet"
    duckdb.read_csv(str(tmp_path / "riser.csv")).write_parquet(str(packed))

    assert raised(tried(*parts)) == raised(told)
    assert raised(tried(packed)) == raised(told)


def test_labels_may_stand_in_a_file_with_the_moment_of_failure(tmp_path: Path) -> None:
    """With the failure's time the lead before it is told; a fault of another asset is answered by nobody."""
    table = riser_table(tmp_path / "riser.csv")
    onset, burst = (written(START_US + day * DAY_US) for day in (12, 21))
    labels = write(
        tmp_path / "labels.csv",
        "asset,from,until,failure",
        [f",{onset},{burst},{burst}", f"other,{onset},{burst},{burst}"],
    )
    found = tried(table, labels=labels).score

    assert found is not None
    assert (found.faults, found.found) == (2, 1)
    assert found.leads_us[0] > DAY_US


def test_what_could_not_be_watched_says_what_it_lacks(told: Told) -> None:
    """A detector whose metrics were not recorded is listed with them, and never counted as calm."""
    lacking = {w.failure_mode: w.lacking for w in told.judgement.watched if w.lacking}

    assert "pipe.burst" not in lacking
    assert all(not w.verdicts for w in told.judgement.watched if w.lacking)


def test_each_asset_of_a_table_is_judged_by_itself(tmp_path: Path) -> None:
    """Of two risers in one table the one that leaks gets the order."""
    quiet = noise(2200, 520.0, 15.0)
    rows = [f"{written(at)},A,{v:.1f}" for at, v in leaking_riser()]
    rows += [f"{written(at)},B,{quiet[n]:.1f}" for n, (at, _) in enumerate(leaking_riser())]
    found = tried(write(tmp_path / "risers.csv", "time,sensor_id,pipe vibration (um/s2)", rows))

    assert [o.finding.asset for o in found.judgement.orders if o.finding.failure_mode == "pipe.burst"] == ["risers-a"]


def test_an_order_about_a_sensor_is_neither_right_nor_false(told: Told) -> None:
    """Labels speak of the asset; a silent logger is not held against the detectors."""
    order = told.judgement.orders[0]
    about_sensor = replace(order, finding=replace(order.finding, failure_mode="sensor.fault"), raised_us=0)
    fault = Fault("", order.started_us, order.raised_us)

    assert is_right(about_sensor, [fault]) is None
    assert score([order, about_sensor], [fault], told.recordings).orders == 1


def test_progress_reaches_its_end(tmp_path: Path) -> None:
    """Whoever waits is told shares that only grow and end at 1."""
    shares: list[float] = []
    table = Table(riser_table(tmp_path / "riser.csv"))
    trial([table], propose(table, Wishes()).mapping, None, shares.append)

    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_an_order_that_became_more_urgent_says_since_when(tmp_path: Path) -> None:
    """A bearing that is worn out slowly is level III first; the card does not claim that it was an emergency then."""
    days = np.arange(0, 25, 1 / 144)
    wear = 1.4 + 0.42 * np.clip(days - 15, 0, None) + noise(days.size, 0, 0.06)
    rows = [f"{written(START_US + n * 600_000_000)},{v:.2f}" for n, v in enumerate(wear)]
    told = tried(write(tmp_path / "pump.csv", "time,vibration (mm/s)", rows))
    order = next(o for o in told.judgement.orders if o.finding.failure_mode == "pump.bearing")
    said = course(order, ZoneInfo("Asia/Shanghai"))

    assert order.level.rank < order.raised_as.rank
    assert order.raised_us < order.urgent_us
    assert said.en.startswith(f"raised {written(order.raised_us, '%Y-%m-%d %H:%M')} as III suggestion, ")
    assert said.en.endswith(f" from {written(order.urgent_us, '%Y-%m-%d %H:%M')}")
