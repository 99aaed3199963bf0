"""Building storm: rain that is coming or falling, for which pumps, gates and pits are to be made ready."""

from collections.abc import Mapping, Sequence

from ingest.registry import AssetClass
from models.conclusions import RAISE, Conclusion
from models.detector import DetectorSpec, Memory, State
from models.findings import Finding, Verdict
from models.surroundings.colours import RAIN_MM, RAIN_WITHIN, Limits
from models.surroundings.signs import Sign, evidence, worst_first
from models.surroundings.watch import WINDOW_US, observed
from models.surroundings.weather import FORECAST, RAIN, WARNING, Weather
from models.thresholds import ThresholdBook, Tunable
from models.windows import Window

FAILURE_MODE = "building.storm"
_COLOUR_SCORES = (0.0, 0.55, 0.65, 0.8, 0.95)
_COLOUR_SEVERITIES = (0, 0, 0, 1, 2)
_MOST_CALM = 0.45
"""Rain without a colour never raises, however near it comes."""


TUNABLES = tuple(
    Tunable(
        f"building.storm.{colour.name.lower()}_mm",
        "mm",
        10.0,
        500.0,
        least,
        f"DOMAIN 1.6: the national rainstorm signal of that colour, within {RAIN_WITHIN[colour]} h",
    )
    for colour, least in RAIN_MM.items()
)


class BuildingStorm:
    """Judges by the colour of the rain: published, or computed from gauges and forecast where nobody publishes one.

    Source:
        DOMAIN 1.6.
    """

    spec = DetectorSpec(
        name="building_storm",
        version=3,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset({AssetClass.BUILDING}),
        width_us=WINDOW_US,
        tunables=TUNABLES,
        delay_us=2 * WINDOW_US,
        needs=(frozenset({RAIN, FORECAST, WARNING}),),
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `Detector.observe`."""
        return observed(windows, memory, thresholds, self.spec, _judged)


def _judged(
    state: State,  # noqa: ARG001 -- every judge of weather is called alike
    weather: Weather,
    window: Window,  # noqa: ARG001 -- as above
    at_us: int,
    used: Mapping[str, float],
) -> Mapping[str, Conclusion]:
    limits = dict(zip(RAIN_MM, used.values(), strict=True))
    colour = weather.rain(at_us, limits)
    signs = [_rain(weather, at_us, limits, colour=int(colour))]
    if colour:
        name, score, severity = f"rain_{colour.name.lower()}", _COLOUR_SCORES[colour], _COLOUR_SEVERITIES[colour]
        signs.append(Sign(name, float(colour), None, "1", score, severity))
    signs = worst_first(signs)
    worst = signs[0]
    said = evidence(signs) if worst.score >= RAISE else None
    return {FAILURE_MODE: Conclusion(at_us, Verdict.SCORED, worst.score, worst.severity, said)}


def _rain(weather: Weather, at_us: int, limits: Limits, *, colour: int) -> Sign:
    """The rain that is nearest to a colour, or over it."""
    amounts = {hours: weather.rain_mm(hours, at_us) for hours in set(RAIN_WITHIN.values())}
    least = {hours: min(mm for c, mm in limits.items() if RAIN_WITHIN[c] == hours) for hours in amounts}
    hours = max(amounts, key=lambda h: (amounts[h] / least[h], -h))
    score = min(_MOST_CALM, _MOST_CALM * amounts[hours] / least[hours])
    return Sign(f"rain_{hours}_h_mm", amounts[hours], least[hours], "mm", score if not colour else min(score, 0.2))
