"""Detector: what every implementation of `models.detector.Detector` must do, over a sample of what it watches."""

import json
from collections.abc import Callable, Collection, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np

from ingest.readings import Batch, Event, Reading, Still
from ingest.registry import Asset, Registry
from models.checkpoint import Checkpoint, StoredState
from models.detector import Detector, Memory
from models.findings import Finding, Verdict
from models.thresholds import ThresholdBook
from models.windows import Window
from tests.models.restarts import with_restarts
from tests.models.worlds import LATENESS_US, engine, logged, ordered
from tests.models.wrapped import Wrapped

MOST_STATE_BYTES = 100_000
"""Of one asset, as JSON: it is written whenever its window closes."""
_DAY_US = 86_400_000_000
_APART_US = 300_000_000
_UNIT_ENDINGS = {"s": "_s", "h": "_h", "m/s": "_m_s", "mm/s": "_mm_s", "kPa": "_kpa", "C": "_c", "nights": "_nights"}


@dataclass(frozen=True, slots=True)
class Sample:
    """What the checks feed a detector.

    Attributes:
        registry: The assets and devices of the messages; one site.
        batches: Messages in the order they were sent, each holding one moment, in which the detector gives at least
            one score.
        learns_us: For how long after the first message it must say `TOO_EARLY` or nothing; 0 if it does not learn.
        valid_us: For how long into silence it may still give a score.
    """

    registry: Registry
    batches: Sequence[Batch]
    learns_us: int = 0
    valid_us: int = 0

    @property
    def first_us(self) -> int:
        """When the first message was sent."""
        return min(_at(batch) for batch in self.batches)

    @property
    def last_us(self) -> int:
        """When the last message was sent."""
        return max(_at(batch) for batch in self.batches)


class Watched(Wrapped):
    """A detector that is watched over: what breaks the contract of `observe` fails at once."""

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """What the detector says, with its states taken out and put back as JSON around it."""
        memory.states = {asset: _through_json(state) for asset, state in memory.states.items()}
        before, states = deepcopy(windows), deepcopy(memory.states)
        found = super().observe(windows, memory, thresholds)
        shown = {w.asset.id for w in windows}
        assert windows == before, "it changed its windows"
        for asset, state in memory.states.items():
            assert asset in shown or state == states[asset], f"it changed the state of {asset}, which it was not shown"
            assert _through_json(state) == state, f"the state of {asset} is not JSON: {state}"
        keys = [(f.at_us, f.asset, f.failure_mode, f.subject) for f in found]
        assert keys == sorted(keys), "its findings are not in order"
        for finding in found:
            self._check_finding(finding, windows[0], shown)
        woken = [us for asset, us in memory.wake_us.items() if asset in shown]
        assert all(us >= windows[0].end_us for us in woken), "it wants to be woken in the past"
        return found

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """What the detector says."""
        before = deepcopy(batch)
        found = super().judge_on_arrival(batch, asset, thresholds)
        assert batch == before, "it changed the batch"
        assert all(f.verdict is Verdict.SCORED and f.asset == asset.id for f in found)
        return found

    def _check_finding(self, finding: Finding, window: Window, shown: set[str]) -> None:
        assert finding.asset in shown, "it speaks of an asset it was not shown"
        assert finding.failure_mode in self.spec.failure_modes
        assert window.start_us <= finding.at_us < window.end_us, "a finding lies outside its window"
        assert (finding.score is not None) == (finding.verdict is Verdict.SCORED), "a score and SCORED go together"
        assert finding.score is None or 0.0 <= finding.score <= 1.0
        assert finding.severity in range(3), "there are three levels"
        assert finding.probability is None or finding.horizon_us, "a probability needs a horizon"
        evidence = finding.evidence
        if evidence is not None and evidence.contributions:
            weights = [c.weight for c in evidence.contributions]
            assert abs(sum(weights) - 1.0) < 1e-3, f"the weights of the contributions add up to {sum(weights)}"
            assert weights == sorted(weights, reverse=True), "contributions are not ordered by weight"
        if evidence is not None and evidence.counterfactual is not None:
            bound = evidence.counterfactual
            seen = [c.value for c in evidence.contributions if c.name == bound.name]
            assert all(v <= bound.value if bound.over else v >= bound.value for v in seen), (seen, bound)


def check_says_what_may_be_turned(detector: Detector, sample: Sample) -> None:
    """Every tunable starts with a failure mode, ends in its unit, has its default in bounds, and says where from."""
    names = [t.name for t in detector.spec.tunables]

    assert len(set(names)) == len(names)
    for tunable in detector.spec.tunables:
        assert any(tunable.name.startswith(f"{mode}.") for mode in detector.spec.failure_modes), tunable.name
        assert tunable.name.endswith(_UNIT_ENDINGS.get(tunable.unit, "")), f"{tunable.name} is in {tunable.unit}"
        assert tunable.low < tunable.high, tunable.name
        assert tunable.low <= tunable.default <= tunable.high, tunable.name
        assert len(tunable.source) > 10, f"{tunable.name} does not say where its default comes from"


def check_scores_its_sample(detector: Detector, sample: Sample) -> None:
    """The sample makes it give a score, so that the other checks check something."""
    found = _told(detector, sample)

    assert any(f.verdict is Verdict.SCORED for f in found)


def check_is_deterministic(detector: Detector, sample: Sample) -> None:
    """The same messages twice lead to the same findings; nothing is kept outside the memory."""
    assert _told(detector, sample) == _told(detector, sample)


def check_keeps_the_contract_of_observe(detector: Detector, sample: Sample) -> None:
    """Inputs and other assets' states stay as they were, states are JSON, findings lie in the window and in order."""
    watched = _told(Watched(detector), sample)

    assert watched == _told(detector, sample)


def check_any_order_within_the_bound(detector: Detector, sample: Sample) -> None:
    """Messages delayed and shuffled within the lateness bound lead to the same findings."""
    delays = np.random.default_rng(1).integers(0, LATENESS_US, len(sample.batches), endpoint=True).tolist()
    sent = [(_at(b) + delay, n, b) for n, (b, delay) in enumerate(zip(sample.batches, delays, strict=True))]
    shuffled = [batch for _, _, batch in sorted(sent)]

    assert _told(detector, replace(sample, batches=shuffled)) == _told(detector, sample)


def check_restarts(detector: Detector, sample: Sample) -> None:
    """Engines that take over from each other's checkpoints say what one says."""
    records = logged(sample.batches, sample.registry)
    crashes = set(np.random.default_rng(2).integers(0, len(records), 5).tolist())
    found = with_restarts(sample.registry, lambda: [detector], records, crashes, _end(sample))

    assert found == _told(detector, sample)


def check_alone_or_together(detector: Detector, sample: Sample) -> None:
    """Whether assets are shown all at once, one by one, or some so and some so, changes nothing that is said.

    The pictures of neighbours in its evidence may end where these were when it was asked.
    """
    assets = sorted(a.id for a in sample.registry.assets.values() if a.asset_class in detector.spec.asset_classes)
    together = _by_itself(_told(detector, sample))

    assert _by_itself(_told(detector, sample, assets)) == together
    assert _by_itself(_told(detector, sample, assets[::3])) == together


def check_gives_no_score_in_a_gap(detector: Detector, sample: Sample) -> None:
    """In thirty days of silence it may say that nothing is known, but it gives no score."""
    machine = engine(sample.registry, [detector])
    found = ordered(machine, logged(sample.batches, sample.registry), sample.last_us + 30 * _DAY_US)
    in_gap = [f for f in found if f.at_us > sample.last_us + sample.valid_us]

    assert [f for f in in_gap if f.verdict is Verdict.SCORED] == []


def check_says_too_early_while_it_learns(detector: Detector, sample: Sample) -> None:
    """Until it has learnt its baseline it says so, and never that all is well."""
    early = [f for f in _told(detector, sample) if f.at_us < sample.first_us + sample.learns_us]

    assert [f for f in early if f.verdict is Verdict.SCORED] == []
    assert not sample.learns_us or any(f.verdict is Verdict.TOO_EARLY for f in early)


def check_passes_over_what_it_does_not_know(detector: Detector, sample: Sample) -> None:
    """A metric or an event kind of a later release, in the same messages, changes nothing."""
    strange = [
        replace(
            record,
            batch=replace(
                record.batch,
                readings=(*record.batch.readings, Reading(record.batch.device, "of_a_later_release", at_us, 1e6)),
                events=(*record.batch.events, Event(record.batch.device, "of.a.later.release", at_us, {"id": [None]})),
            ),
        )
        for record in logged(sample.batches, sample.registry)
        for at_us in [_at(record.batch)]
    ]
    found = ordered(engine(sample.registry, [detector]), strange, _end(sample))

    assert found == _told(detector, sample)


def check_stills_are_only_evidence(detector: Detector, sample: Sample) -> None:
    """Pictures at any time change nothing but the list of pictures."""
    every = max(1, len(sample.batches) // 50)
    stills = [
        Batch(b.site, b.device, _at(b), stills=(Still(b.device, "car", _at(b), b"jpeg", f"{n:064x}"),))
        for n, b in enumerate(sample.batches[::every])
    ]
    pictured = sorted([*sample.batches, *stills], key=_at)

    assert _bare(_told(detector, replace(sample, batches=pictured))) == _bare(_told(detector, sample))


def check_confirms_what_it_announced(detector: Detector, sample: Sample) -> None:
    """What one message proved, the ordered path says too: then, or already before, and not yet taken back."""
    machine = engine(sample.registry, [detector])
    early = [f for record in logged(sample.batches, sample.registry) for f in machine.offer(record).early]
    confirmed = _told(detector, sample)
    for announced in early:
        said = [
            f for f in confirmed if f.at_us <= announced.at_us and _key(f) == _key(announced) and f.score is not None
        ]

        assert said, announced
        assert (said[-1].score or 0.0) >= (announced.score or 0.0), announced


def check_memory_is_bounded(detector: Detector, sample: Sample) -> None:
    """Lived through again and again, its state of an asset stays small and stops growing."""
    span_us = (sample.last_us - sample.first_us) // _DAY_US * _DAY_US + 2 * _DAY_US
    sizes = []
    for times in (2, 3):
        lived = [_later(batch, n * span_us) for n in range(times) for batch in sample.batches]
        machine = engine(sample.registry, [detector])
        ordered(machine, logged(lived, sample.registry), sample.first_us + times * span_us)
        sizes.append(max(len(stored.state) for stored in machine.checkpoint().states))

    assert sizes[1] < MOST_STATE_BYTES
    assert sizes[1] <= 1.25 * sizes[0] + 500


CHECKS: tuple[Callable[[Detector, Sample], None], ...] = (
    check_says_what_may_be_turned,
    check_scores_its_sample,
    check_is_deterministic,
    check_keeps_the_contract_of_observe,
    check_any_order_within_the_bound,
    check_restarts,
    check_alone_or_together,
    check_gives_no_score_in_a_gap,
    check_says_too_early_while_it_learns,
    check_passes_over_what_it_does_not_know,
    check_stills_are_only_evidence,
    check_confirms_what_it_announced,
    check_memory_is_bounded,
)
"""All of them; a detector passes each."""

CROWDED: tuple[Callable[[Detector, Sample], None], ...] = (
    check_any_order_within_the_bound,
    check_restarts,
    check_alone_or_together,
)
"""Those that one passes also with as many assets as are looked at all at once."""


def crowded(sample: Sample, assets: int) -> Sample:
    """The sample with so many assets or a few more: each again under other names, every other copy five minutes later.

    So some assets are quiet while others are not, and windows of many close together.
    """
    copies = range(-(-assets // len(sample.registry.assets)))
    batches = [_named(_later(b, n % 2 * _APART_US), f"~{n:02}") for n in copies for b in sample.batches]
    known = sample.registry
    return replace(
        sample,
        registry=Registry(
            known.sites,
            {
                f"{a.id}~{n:02}": replace(a, id=f"{a.id}~{n:02}", neighbours=tuple(f"{m}~{n:02}" for m in a.neighbours))
                for n in copies
                for a in known.assets.values()
            },
            {
                f"{d.id}~{n:02}": replace(d, id=f"{d.id}~{n:02}", assets=tuple(f"{a}~{n:02}" for a in d.assets))
                for n in copies
                for d in known.devices.values()
            },
        ),
        batches=sorted(batches, key=_at),
    )


def _told(detector: Detector, sample: Sample, alone: Collection[str] = ()) -> list[Finding]:
    machine, spec = engine(sample.registry, [detector]), detector.spec
    lonely = tuple(StoredState(spec.name, asset, spec.version, "null", None, alone=True) for asset in sorted(alone))
    machine.restore(Checkpoint(0, 0, {}, lonely))
    return ordered(machine, logged(sample.batches, sample.registry), _end(sample))


def _end(sample: Sample) -> int:
    return sample.last_us + _DAY_US


def _through_json(state: dict[str, object]) -> dict[str, object]:
    back: dict[str, object] = json.loads(json.dumps(state, allow_nan=False))
    return back


def _at(batch: Batch) -> int:
    """When a message was sent: the time of what it holds."""
    return max(thing.at_us for thing in (*batch.readings, *batch.events, *batch.stills))


def _later(batch: Batch, by_us: int) -> Batch:
    return replace(
        batch,
        received_us=batch.received_us + by_us,
        readings=tuple(replace(r, at_us=r.at_us + by_us) for r in batch.readings),
        events=tuple(replace(e, at_us=e.at_us + by_us) for e in batch.events),
    )


def _named(batch: Batch, mark: str) -> Batch:
    device = batch.device + mark
    return replace(
        batch,
        device=device,
        readings=tuple(replace(r, device=device) for r in batch.readings),
        events=tuple(replace(e, device=device) for e in batch.events),
    )


def _bare(findings: Sequence[Finding]) -> list[Finding]:
    return [replace(f, evidence=f.evidence and replace(f.evidence, stills=())) for f in findings]


def _by_itself(findings: Sequence[Finding]) -> list[Finding]:
    return [replace(f, evidence=f.evidence and replace(f.evidence, neighbours=())) for f in findings]


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.asset, finding.failure_mode, finding.subject
