"""Community: groups judged one by one give the same whoever runs them, and figures that can be wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from alerts.episodes import Key
from alerts.levels import Level
from device_simulators.calendar import DAY_US, local_midnight
from device_simulators.labels import Label, Truth
from models.evaluation.figure import Figure
from models.findings import Finding, Verdict
from service.evaluation.community import run_community
from service.evaluation.community_figures import community_figures, look_alike_figures
from service.evaluation.fleets import FLEETS, Community, groups_of
from service.evaluation.forecasts import HORIZON_US, ForecastBook
from service.evaluation.in_process import Order
from service.evaluation.kept_outcomes import KeptOutcomes
from service.evaluation.outcome import MONTH_US, Outcome

START = local_midnight(1_764_000_000_000_000)


def fault(asset: str) -> Label:
    return Label(asset, "pump.bearing", Truth.FAULT, 10 * DAY_US, 20 * DAY_US, 10 * DAY_US, 25 * DAY_US, 0.5, "x")


def order(asset: str, day: int, level: Level = Level.II) -> Order:
    return Order(Key(asset, "pump.bearing", ""), day * DAY_US, day * DAY_US, level)


def outcome(orders: list[Order], labels: list[Label], months: float = 1.0) -> Outcome:
    return Outcome("pumps", 10, 0, round(months * MONTH_US), tuple(orders), tuple(labels), ())


def value(figures: list[Figure], name: str, of: str = "pump.bearing") -> float:
    return next(one.value for one in figures if (one.name, one.of) == (name, of))


def test_workers_in_other_processes_find_the_same() -> None:
    """Two processes, which make their groups again from the dice, give what one gives."""
    community = Community(len(FLEETS), START, START + 2 * DAY_US)

    assert run_community(community, 2, lambda _: None) == run_community(community, 1, lambda _: None)


def test_one_more_family_changes_no_other() -> None:
    """A family's dice are its own."""
    community = Community(4, START, START + 60 * DAY_US)
    pumps = next(fleet for fleet in FLEETS if fleet.family == "pumps")
    alone = groups_of(pumps, replace(community, assets=2), [pumps])
    beside = groups_of(pumps, community, [pumps, replace(pumps, family="others")])

    assert [group.labels for group in alone] == [group.labels for group in beside]


def test_recall_precision_and_lead_count_work_orders() -> None:
    """One of two faults found, once in time and once repeated, beside one false order."""
    orders = [order("a", 15), order("a", 18), order("c", 15)]
    figures = community_figures([outcome(orders, [fault("a"), fault("b")])], "x", 1)

    assert value(figures, "recall") == 0.5
    assert value(figures, "precision") == pytest.approx(1 / 3)
    assert value(figures, "median lead") == 5.0


def test_false_orders_are_counted_by_level_and_per_thousand_assets_and_month() -> None:
    """One urgent and one calm false order among ten assets in two months are 50 a 1,000 each."""
    figures = community_figures([outcome([order("a", 15), order("b", 15, Level.III)], [], 2.0)], "x", 1)

    assert value(figures, "false orders of level I and II", "") == pytest.approx(50.0)
    assert value(figures, "false orders of level III", "") == pytest.approx(50.0)


def test_a_fooled_look_alike_is_named() -> None:
    """The figure is missed and says what fooled it."""
    mimic = replace(fault("a"), truth=Truth.LOOKALIKE, failure_us=None)
    (figure,) = look_alike_figures([outcome([order("a", 15)], [mimic])], "x")

    assert (figure.value, figure.met) == (1.0, False)
    assert figure.note == "of 1: x 1"


@pytest.mark.parametrize(("day", "came_true"), [(16, False), (17, True), (19, True)])
def test_a_forecast_comes_true_within_72_hours(day: int, came_true: bool) -> None:  # noqa: FBT001 -- a table
    """The failure at day 20 is within the horizon from day 17 on."""
    book = ForecastBook()
    at_us = day * DAY_US
    book.hear(Finding("a", "pump.bearing", at_us, Verdict.SCORED, 0.5, probability=0.5, horizon_us=HORIZON_US))

    assert [one.came_true for one in book.held_against([fault("a")])] == [came_true]


def test_a_forecast_after_the_failure_is_left_out() -> None:
    """What has failed cannot be foretold; the last word of a day before counts."""
    book = ForecastBook()
    for at_us, said in ((19 * DAY_US, 0.2), (19 * DAY_US + 1, 0.9), (21 * DAY_US, 0.9)):
        book.hear(Finding("a", "pump.bearing", at_us, Verdict.SCORED, 0.5, probability=said, horizon_us=HORIZON_US))

    assert [one.probability for one in book.held_against([fault("a")])] == [0.9]


def test_nothing_is_foretold_until_it_is_sound_again() -> None:
    """Between a failure and its repair there is nothing to come; after the repair forecasts count again."""
    book, failed = ForecastBook(), replace(fault("a"), raise_until_us=20 * DAY_US, sound_us=23 * DAY_US)
    for day, said in ((22, 0.9), (24, 0.1)):
        at_us = day * DAY_US
        book.hear(Finding("a", "pump.bearing", at_us, Verdict.SCORED, 0.5, probability=said, horizon_us=HORIZON_US))

    assert [one.probability for one in book.held_against([failed])] == [0.1]


def test_months_are_a_twelfth_of_a_year() -> None:
    """So that rates of a year's simulation and of a month's are the same unit."""
    assert pytest.approx(365.25) == 12 * MONTH_US / DAY_US


def test_a_run_that_was_stopped_goes_on_where_it_stood(tmp_path: Path) -> None:
    """What was run is not run again, what was lost or half written is, and another seed finds nothing."""
    fleets = [fleet for fleet in FLEETS if fleet.family in {"pumps", "surroundings"}]
    community = Community(2, START, START + DAY_US)
    kept, said = KeptOutcomes(tmp_path, community, "abc"), list[str]()
    whole = run_community(community, 1, lambda _: None, fleets, kept)
    written = tmp_path / "abc-seed1-2x1" / "pumps-000.json"
    untouched = written.with_name("pumps-001.json").stat().st_mtime_ns
    written.write_text("{")
    again = run_community(community, 1, said.append, fleets, kept)

    assert again == whole == run_community(community, 1, lambda _: None, fleets)
    assert (len(said), written.with_name("pumps-001.json").stat().st_mtime_ns) == (1, untouched)
    assert KeptOutcomes(tmp_path, replace(community, seed=2), "abc").get("pumps", 0) is None
