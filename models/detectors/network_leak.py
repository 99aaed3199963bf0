"""Network leak: a leak in a community's own water network, seen by the loggers whose pressure fell."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ingest.registry import AssetClass
from models.detector import DetectorSpec, Memory, State
from models.findings import Finding, Verdict
from models.pipes.network_days import collect, day_end_us, day_means, day_of, learning_table, spoken
from models.pipes.network_evidence import Limits, network_evidence, remember
from models.pipes.network_relations import PRESSURE, Relations, device_of
from models.pipes.network_watch import RAISE_SPREADS, NetworkWatch
from models.pipes.nights import zone_of
from models.thresholds import ThresholdBook, Tunable
from models.windows import Window

FAILURE_MODE = "pipe.leak"
RAISE = 0.5
LEARNING_DAYS = 7
"""Chosen by: on January 2019 of L-Town the scatter from day to day is the same after 7, 10 and 14 days; a week has
workdays and a weekend."""

_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
_TO_SHOW = 0.5 * RAISE
_QUIET_AT_MOST = 0.49

_RAISE_SPREADS = Tunable(
    "pipe.leak.network_raise_spreads",
    "1",
    3.0,
    12.0,
    RAISE_SPREADS,
    "chosen by: most leaks in time at under one false or repeated warning a month, L-Town 2018 simulated",
)


class NetworkLeak:
    """Judges a network once a day, after its local midnight, from the day's mean of every channel.

    Each logger is held against what all others, the flow meters and the tank let expect; the relations are learnt in a
    week from how days go up and down. What is left of a day is smoothed and measured in its own spreads. Below zero is
    a leak, found once at the logger that fell most; it is then explained away by its direction, which may grow, so a
    second leak is still seen. Its repair ends it. A day that nothing agrees with, as when a hydrant is flushed or all
    wash, counts for little; one logger that drifts alone is raised as nothing.

    Works badly with fewer than five loggers or none near the leak, and where valves are set by hand every few days:
    each new setting is a new relation. A logger that is added later is judged once the network has been learnt anew,
    which happens by itself after a week without a growing leak.

    Source:
        DOMAIN 1.3 (neighbours first; a virtual leak explains small pressure deviations, S23), 6.3 (one value a day
        against autocorrelation), 6.4 (baselines never take an open leak for normal).
    """

    @property
    def spec(self) -> DetectorSpec:
        """What it is; of a leak that grows over 30 days it speaks before its peak, of an abrupt one within days."""
        return DetectorSpec(
            name="network_leak",
            version=3,
            failure_modes=(FAILURE_MODE,),
            asset_classes=frozenset({AssetClass.WATER_NETWORK}),
            width_us=_HOUR_US,
            tunables=(_RAISE_SPREADS,),
            delay_us=30 * _DAY_US,
            needs=(frozenset({PRESSURE}),),
            learns_us=LEARNING_DAYS * _DAY_US,
        )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """What each logger of a network says of the day that ended; see `Detector.observe`."""
        found = [f for w in windows for f in _observed(w, memory, thresholds)]
        return sorted(found, key=lambda f: (f.at_us, f.asset, f.subject))


def _observed(window: Window, memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
    asset, zone = window.asset, zone_of(window)
    state = memory.states.setdefault(asset.id, _new_state())
    today = day_of(window.start_us, zone)
    found: list[Finding] = []
    if state["day"] is not None and today > state["day"]:
        limit = thresholds.value(_RAISE_SPREADS.name, asset, window.start_us)
        found = _closed(window, state, limit)
        state.update(heard={}, hours=0)
    state["day"] = today
    state["hours"] = collect(state["heard"], state["hours"], window)
    memory.wake_us[asset.id] = day_end_us(today, zone)
    return found


def _closed(window: Window, state: State, raise_spreads: float) -> list[Finding]:
    """The findings of the day that was gathered."""
    if "watch" not in state:
        _learn(state)
        heard = state["hours"] > 0
        return [
            Finding(window.asset.id, FAILURE_MODE, window.start_us, Verdict.TOO_EARLY if heard else Verdict.UNKNOWN)
        ]
    relations = Relations.from_json(state["relations"])
    means = day_means(state["heard"], state["hours"], relations.channels)
    if means is None:
        return [Finding(window.asset.id, FAILURE_MODE, window.start_us, Verdict.UNKNOWN)]
    watch = NetworkWatch.from_json(state["watch"], relations.weights, relations.loggers)
    day = watch.judge(relations.residuals(relations.completed(means, watch.expected())), raise_spreads)
    remember(state, window.start_us, (-day.away[relations.loggers]).tolist())
    found = _findings(window, state, watch, (-day.spreads).tolist(), raise_spreads)
    state["watch"] = watch.to_json()
    _renew(state, relations, watch)
    silent = np.isnan(means[relations.loggers])
    return [_unheard(f) if silent[row] else f for row, f in enumerate(found)]


def _learn(state: State) -> None:
    """Keep a day of the first week, and learn the relations at its end."""
    if not state["hours"]:
        return
    state["days"] = [*state["days"], {"heard": state["heard"], "hours": state["hours"]}][-LEARNING_DAYS:]
    learnt = learning_table(state["days"]) if len(state["days"]) == LEARNING_DAYS else None
    if learnt is None:
        return
    channels, days = learnt
    relations = Relations.learnt(channels, days)
    residuals = relations.residuals(np.array([day.mean(axis=0) for day in days]))
    state["relations"] = relations.to_json()
    state["watch"] = NetworkWatch.learnt(residuals, relations.weights, relations.loggers).to_json()
    state["days"] = []


def _renew(state: State, relations: Relations, watch: NetworkWatch) -> None:
    """Learn anew once channels that were not there have spoken for a week, and no leak would become usual by it."""
    new = set(spoken(state["heard"], state["hours"])) - set(relations.channels)
    state["new_days"] = state["new_days"] + 1 if new else 0
    if state["new_days"] >= LEARNING_DAYS and all(fault.settled for fault in watch.faults):
        del state["watch"], state["relations"]
        state.update(_new_state() | {"day": state["day"]})


def _findings(
    window: Window, state: State, watch: NetworkWatch, fallen: Sequence[float], raise_spreads: float
) -> list[Finding]:
    """One a logger: at 0.5 or more from the day its leak is found until the day it is repaired.

    Args:
        window: In which they lie.
        state: After the day.
        watch: Likewise.
        fallen: By logger, the smoothed unexplained fall in spreads, before a new leak explained it.
        raise_spreads: In force.
    """
    loggers = [state["relations"]["channels"][n] for n in watch.loggers]
    open_leaks = {fault.logger: fault for fault in watch.faults if not fault.lone}
    found: list[Finding] = []
    for row, name in enumerate(loggers):
        spread, fault = float(watch.spread[watch.loggers[row]]), open_leaks.get(row)
        score = min(_QUIET_AT_MOST, _score(fallen[row], raise_spreads))
        if fault is not None:
            effect = -float(fault.effect()[watch.loggers[row]])
            score = max(RAISE, _score(effect / spread, raise_spreads))
        finding = Finding(
            window.asset.id,
            FAILURE_MODE,
            window.start_us,
            Verdict.SCORED,
            score=score,
            subject=device_of(name),
            thresholds={_RAISE_SPREADS.name: raise_spreads},
        )
        if score >= _TO_SHOW:
            shown = network_evidence(state, loggers, row, Limits.of(spread, raise_spreads), fault)
            finding = replace(finding, evidence=shown)
        found.append(finding)
    return found


def _score(spreads: float, raise_spreads: float) -> float:
    """0 where nothing fell, 0.5 where it counts, towards 1 beyond."""
    return float(1.0 - 0.5 ** (max(0.0, spreads) / raise_spreads))


def _unheard(finding: Finding) -> Finding:
    """The finding of a logger that said nothing itself."""
    return Finding(finding.asset, finding.failure_mode, finding.at_us, Verdict.UNKNOWN, subject=finding.subject)


def _new_state() -> State:
    return {"day": None, "heard": {}, "hours": 0, "days": [], "history": [], "new_days": 0}
