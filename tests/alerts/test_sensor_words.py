"""What a crew reads of a sensor fault: what is wrong, with which device, and what to check."""

import re
from collections.abc import Mapping

import pytest

from alerts.words.quantities import spaced
from alerts.words.sensors import JOBS
from alerts.words.sentences import counterfactual, title, why
from alerts.words.steps import bring, steps
from ingest.registry import Text
from models.findings import Finding, Verdict
from models.sensors.evidence import Trouble, sensor_evidence

PLACE = Text("3 号楼 2 单元给水立管", "Building 3 unit 2 riser")


def finding(trouble: Trouble, facts: Mapping[str, float | str] | None = None) -> Finding:
    evidence = sensor_evidence("riser-2-p", [trouble], {}, dict(facts or {}))
    return Finding("r", "sensor.fault", 0, Verdict.SCORED, trouble.score, "riser-2-p", evidence=evidence)


FAULTS = (
    (
        Trouble("stuck", 5_400.0, 3_600.0, "s", "pressure_kpa"),
        "Building 3 unit 2 riser: water pressure sensor is stuck (riser-2-p)",
        "The reading has not changed for 90 minutes.",
        "Had time without a change stayed at or below 60 minutes, there would be no alarm.",
    ),
    (
        Trouble("jumping", 18.0, 10.0, "%", "pressure_kpa"),
        "Building 3 unit 2 riser: water pressure sensor jumps about (riser-2-p)",
        "18% of the latest readings jump.",
        "Had share of jumps stayed at or below 10%, there would be no alarm.",
    ),
    (
        Trouble("drifting", 33.0, 30.0, "kPa", "pressure_kpa"),
        "Building 3 unit 2 riser: water pressure sensor drifts away from its neighbours (riser-2-p)",
        "It has moved 33 kPa away from all its neighbours.",
        "Had distance from the neighbours stayed at or below 30 kPa, there would be no alarm.",
    ),
    (
        Trouble("silent", 9_000.0, 9_000.0, "s"),
        "Building 3 unit 2 riser: monitoring device is silent (riser-2-p)",
        "Nothing was heard for 2 hours.",
        "Had time in silence stayed at or below 2 hours, there would be no alarm.",
    ),
    (
        Trouble("offline", 600.0, 600.0, "s"),
        "Building 3 unit 2 riser: monitoring device is offline (riser-2-p)",
        "Its gateway has called it offline for 10 minutes.",
        "Had time offline stayed at or below 10 minutes, there would be no alarm.",
    ),
    (
        Trouble("clock", 240.0, 60.0, "s"),
        "Building 3 unit 2 riser: monitoring device has the wrong time (riser-2-p)",
        "Its clock is off by 4 minutes.",
        "Had clock error stayed at or below 60 seconds, there would be no alarm.",
    ),
    (
        Trouble("silent", 900.0, 900.0, "s", alone=False),
        "All 9 monitoring devices of the site are silent (first: riser-2-p)",
        "Nothing was heard for 15 minutes.",
        "Had time in silence stayed at or below 15 minutes, there would be no alarm.",
    ),
)


@pytest.mark.parametrize(("trouble", "what", "because", "otherwise"), FAULTS, ids=lambda one: getattr(one, "kind", ""))
def test_every_kind_of_fault_says_what_is_wrong_and_with_what(
    trouble: Trouble, what: str, because: str, otherwise: str
) -> None:
    """Title, cause and counterfactual name the device, the quantity and how much of it there was."""
    found = finding(trouble, {"devices": 9})
    quiet = counterfactual(found)

    assert title("sensor.fault", PLACE, found).en == what
    assert why(found).en == because
    assert quiet is not None
    assert quiet.en == otherwise


@pytest.mark.parametrize("trouble", [fault[0] for fault in FAULTS], ids=lambda one: one.kind)
def test_chinese_is_written_as_its_readers_write(trouble: Trouble) -> None:
    """Chinese punctuation, spaces around numbers, and no word of English but the device's own name."""
    found = finding(trouble, {"devices": 9})
    kind = trouble.told_as
    texts = [
        title("sensor.fault", PLACE, found),
        why(found),
        *steps("sensor.fault", kind),
        *bring("sensor.fault", kind),
    ]
    for text in texts:
        assert not re.search(r"[\u4e00-\u9fff][,:;?!()]|[,:;?!()][\u4e00-\u9fff]", text.zh), text.zh
        assert spaced(text.zh) == text.zh, text.zh
        assert not re.search(r"[\u3000-\u9fff]", text.en), text.en


def test_every_kind_has_steps_of_its_own() -> None:
    """Two to five steps and something to bring, and the crew of a wrong clock is told of the time server."""
    kinds = {fault[0].told_as for fault in FAULTS} | {"false_alarms"}  # this one is the detector's of falling objects

    assert kinds == set(JOBS)
    assert all(2 <= len(steps("sensor.fault", kind)) <= 5 and bring("sensor.fault", kind) for kind in kinds)
    assert any("NTP" in step.en for step in steps("sensor.fault", "clock"))
    assert any("multimeter" in step.en for step in steps("sensor.fault", "silent"))
