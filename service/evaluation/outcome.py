"""Outcome: what became of one group of simulated assets."""

from dataclasses import dataclass

from device_simulators.calendar import DAY_US
from device_simulators.labels import Label
from service.evaluation.daily_alarms import Alarm
from service.evaluation.forecasts import Forecast
from service.evaluation.in_process import Order
from service.evaluation.truth import Judged, judge

MONTH_US = 365.25 / 12 * DAY_US


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one group.

    Attributes:
        family: Whose it is.
        assets: How many.
        start_us: From when on each was watched, microseconds since the epoch.
        end_us: Until when.
        orders: What was raised.
        labels: The truth.
        forecasts: What was said of the next 72 hours.
        alarms: What rules that cost nothing would have raised.
    """

    family: str
    assets: int
    start_us: int
    end_us: int
    orders: tuple[Order, ...]
    labels: tuple[Label, ...]
    forecasts: tuple[Forecast, ...]
    alarms: tuple[Alarm, ...] = ()

    @property
    def months(self) -> float:
        """For how long each was watched."""
        return (self.end_us - self.start_us) / MONTH_US

    def judged(self) -> Judged:
        """Its orders held against its labels."""
        return judge(self.orders, self.labels, self.end_us)
