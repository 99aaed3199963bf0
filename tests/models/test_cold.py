"""Cold: hours of frost, the lowest air that is known or foretold, and whether water flowed."""

import pytest

from ingest.readings import Event
from models.pipes.cold import conditions, take_air, take_flow, take_forecast
from models.pipes.freeze_risk import freeze_risk

HOUR_US = 3_600_000_000


def exposed(*air_c: float) -> dict[str, object]:
    cold: dict[str, object] = {}
    for hour, value in enumerate(air_c):
        take_air(cold, hour * HOUR_US, value)
    return cold


def forecast(hour: int, **said: object) -> Event:
    return Event("gateway", "weather.forecast", hour * HOUR_US, said)


def test_without_weather_nothing_is_known() -> None:
    """A riser whose devices tell no weather has no conditions, and frost has no part in its chance."""
    assert conditions({}, 0, insulated=None) is None


def test_hours_of_frost_are_counted_for_two_days() -> None:
    """Six hours at the onset count, and two days later they do not."""
    begun = [*[2.0] * 4, *[-8.0] * 6, *[1.0] * 10]
    now = conditions(exposed(*begun), 20 * HOUR_US, insulated=None)
    later = conditions(exposed(*begun, *[1.0] * 50), 69 * HOUR_US, insulated=None)

    assert now is not None
    assert (now.cold_hours, now.minimum_c) == (6.0, -8.0)
    assert later is not None
    assert (later.cold_hours, later.minimum_c) == (0.0, 1.0)


def test_a_forecast_counts_until_it_runs_out() -> None:
    """What is foretold lowers the lowest air for as long as it says; one without a number is passed over."""
    cold = exposed(*[1.0] * 10)
    take_forecast(cold, forecast(9, minimum_c=-11.0, hours=12))
    take_forecast(cold, forecast(9, minimum_c="cold"))
    now, later = (conditions(cold, hour * HOUR_US, insulated=None) for hour in (10, 22))

    assert now is not None
    assert now.minimum_c == -11.0
    assert later is not None
    assert later.minimum_c == 1.0


@pytest.mark.parametrize(("flowed_h", "known_as"), [(None, "unknown"), (20, "flowing"), (2, "still")])
def test_water_that_flowed_protects(flowed_h: int | None, known_as: str) -> None:
    """Flow within twelve hours counts; a riser without a meter is taken for one in which nothing flows."""
    cold = exposed(*[-9.0] * 24)
    if flowed_h is not None:
        take_flow(cold, flowed_h * HOUR_US, 0.4)
    now = conditions(cold, 23 * HOUR_US, insulated=False)

    assert now is not None
    assert now.flowing is {"unknown": None, "flowing": True, "still": False}[known_as]
    still = conditions(exposed(*[-9.0] * 24), 23 * HOUR_US, insulated=False)
    assert still is not None
    assert freeze_risk(now) <= freeze_risk(still)
