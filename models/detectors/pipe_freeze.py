"""Pipe freeze: a building whose exposed pipes are going to freeze, are frozen, or thaw and may leak."""

from collections.abc import Mapping, Sequence

from ingest.registry import Asset, AssetClass
from models.conclusions import RAISE, Conclusion
from models.detector import DetectorSpec, Memory, State
from models.findings import Finding, Verdict
from models.surroundings.colours import FALL_C
from models.surroundings.frost import freezing, settings_of, take, thawing, trace
from models.surroundings.signs import Sign, evidence, worst_first
from models.surroundings.watch import WINDOW_US, observed
from models.surroundings.weather import AIR, FORECAST, PIPE, WARNING, Weather
from models.thresholds import ThresholdBook, Tunable
from models.windows import Window

FREEZE, THAW = "pipe.freeze", "pipe.thaw"

TUNABLES = (
    Tunable("pipe.freeze.prepare_c", "C", -30.0, 5.0, -4.0, "DOMAIN 1.6: -4 C or less, list what is exposed"),
    Tunable("pipe.freeze.order_c", "C", -40.0, 5.0, -7.0, "DOMAIN 1.6: -7 C or less, order"),
    Tunable("pipe.freeze.pipe_c", "C", -10.0, 10.0, 2.0, "DOMAIN 1.6: pipe surface of 2 C or less, order"),
    Tunable(
        "pipe.freeze.rise_kpa",
        "kPa",
        20.0,
        2_000.0,
        100.0,
        "DOMAIN 1.1: pressure rising while nothing flows; chosen by: three times what a booster swings by",
    ),
    Tunable("pipe.thaw.frozen_c", "C", -20.0, 2.0, -4.0, "DOMAIN 1.1: onset at -4 C by the more cautious author"),
    Tunable("pipe.thaw.frozen_h", "h", 1.0, 96.0, 12.0, "DOMAIN 1.6: frozen for 12 h or more"),
    Tunable("pipe.thaw.thaw_c", "C", 0.0, 10.0, 1.5, "DOMAIN 1.6: above 1.5 C it thaws"),
    Tunable("pipe.thaw.patrol_h", "h", 1.0, 96.0, 24.0, "chosen by: a plug of ice takes up to a day to melt"),
    *(
        Tunable(
            f"pipe.freeze.wave_{colour.name.lower()}_c", "C", 4.0, 30.0, fall, "DOMAIN 1.6: local cold wave signals"
        )
        for colour, fall in FALL_C.items()
    ),
)


class PipeFreeze:
    """Judges a building by its coldest thermometers, the forecast, the colour of a cold wave, and trapped pressure.

    A building and not a riser: a crew lags pipes once a cold spell, house by house. Whose devices also speak for the
    building are its exposed pipes. Works badly without a thermometer outdoors or a forecast.

    Source:
        DOMAIN 1.1, 1.6.
    """

    spec = DetectorSpec(
        name="pipe_freeze",
        version=3,
        failure_modes=(FREEZE, THAW),
        asset_classes=frozenset({AssetClass.BUILDING}),
        width_us=WINDOW_US,
        tunables=TUNABLES,
        delay_us=2 * WINDOW_US,
        needs=(frozenset({AIR, PIPE, FORECAST, WARNING}),),
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `Detector.observe`."""
        return observed(windows, memory, thresholds, self.spec, _judged)


def _judged(
    state: State, weather: Weather, window: Window, at_us: int, used: Mapping[str, float]
) -> Mapping[str, Conclusion]:
    settings = settings_of(used)
    for reading in window.readings:
        take(state, reading, weather)
    words: dict[str, Conclusion] = {}
    signs = worst_first(freezing(state, weather, at_us, settings))
    if signs:
        words[FREEZE] = _concluded(window.asset, at_us, signs, weather)
    thaw = thawing(state, weather, at_us, settings)
    if thaw is not None or state.get("thaws"):
        words[THAW] = (
            _concluded(window.asset, at_us, [thaw], weather) if thaw else Conclusion(at_us, Verdict.SCORED, 0.0)
        )
    state["thaws"] = thaw is not None
    return words


def _concluded(asset: Asset, at_us: int, signs: Sequence[Sign], weather: Weather) -> Conclusion:
    worst, high = signs[0], max(sign.score for sign in signs)
    if high < RAISE:
        return Conclusion(at_us, Verdict.SCORED, high)
    signal = trace(asset.id, weather) if worst.name == AIR else None
    return Conclusion(at_us, Verdict.SCORED, high, worst.severity, evidence(signs, signal))
