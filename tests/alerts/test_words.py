"""The words: every sentence a crew reads, in both languages."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.deadlines import DeadlineName
from alerts.life import Outcome, State
from alerts.moments import HOUR_US
from alerts.words import names
from alerts.words.contributions import PHRASES, clause
from alerts.words.moments import day, hour, part_of_day
from alerts.words.quantities import QUANTITY_NAMES, spaced
from alerts.words.sentences import counterfactual, how_sure, likelihood, title, why
from alerts.words.steps import bring, steps, warnings
from ingest.metrics import METRICS
from ingest.registry import AssetClass, Text
from models.detectors import building_ebike, parking_fire_lane, parking_illegal
from models.findings import Contribution, Counterfactual, Evidence, Finding, TimeToFailure, Trace, Verdict
from tests.alerts.seeding import NOW_US, bearing, burst, entrapment, parking

ROOT = Path(__file__).parents[2]
SHANGHAI = ZoneInfo("Asia/Shanghai")
PLACE = Text("3 号楼 2 单元给水立管", "Building 3 unit 2 riser")
COMMA, COLON = "\uff0c", "\uff1a"


def listed(table: str) -> dict[str, Text]:
    """A table of names as the page's README has it."""
    rows = re.findall(rf"^\| {table} (\S+) \| ([^|]+) \| ([^|]+) \|$", README, re.MULTILINE)
    return {key: Text(zh.strip(), en.strip()) for key, en, zh in rows}


README = (ROOT / "alerts/page/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("table", "used"),
    [
        ("level", names.LEVEL_NAMES),
        ("state", names.STATE_NAMES),
        ("outcome", names.OUTCOME_NAMES),
        ("mode", names.MODE_NAMES),
        ("category", names.CATEGORY_NAMES),
    ],
)
def test_the_names_are_those_of_the_table(table: str, used: dict[str, Text]) -> None:
    """The README's table and the code have the same names, none more and none less."""
    assert listed(table) == dict(used)


def test_everything_that_can_be_named_has_a_name() -> None:
    """Every state, outcome, deadline and metric of the code has its words."""
    assert set(names.STATE_NAMES) == {str(state) for state in State}
    assert set(names.OUTCOME_NAMES) == {str(outcome) for outcome in Outcome}
    assert set(names.DEADLINE_NAMES) == {str(deadline) for deadline in DeadlineName}
    assert set(QUANTITY_NAMES) == set(METRICS)


@pytest.mark.parametrize("mode", names.MODE_NAMES)
def test_every_failure_mode_says_what_to_do(mode: str) -> None:
    """Two to five steps, something to bring, a team; nothing that can hurt is without a warning."""
    dangerous = mode.startswith(("pipe.", "elevator.", "pump.", "building.")) or mode == "parking.fire_lane"

    assert 2 <= len(steps(mode)) <= 5
    assert bring(mode)
    assert warnings(mode) or not dangerous
    assert all(names.category(mode, kind) in names.CATEGORY_NAMES.values() for kind in AssetClass)


def test_safety_comes_first_where_people_or_power_are_near() -> None:
    """An entrapment begins with calming the passengers, water with switching off the power."""
    assert "安抚乘客" in warnings("elevator.entrapment")[0].zh
    assert "断电" in warnings("pipe.burst")[0].zh


def texts_of(mode: str) -> Iterator[Text]:
    finding = {"pipe": burst(NOW_US), "elevator": entrapment(NOW_US), "pump": bearing(NOW_US)}
    found = replace(finding.get(mode.split(".", maxsplit=1)[0], parking(NOW_US, ())), failure_mode=mode)
    yield from (*steps(mode), *bring(mode), *warnings(mode), title(mode, PLACE, found), title(mode, PLACE, None))
    yield from (how_sure(found, SHANGHAI, NOW_US), why(found))
    other = counterfactual(found)
    if other:
        yield other


@pytest.mark.parametrize("mode", names.MODE_NAMES)
def test_both_languages_are_written_as_their_readers_write(mode: str) -> None:
    """Chinese has Chinese punctuation and spaces around numbers; English has no Chinese and begins with a capital."""
    for text in texts_of(mode):
        assert not re.search(r"[\u4e00-\u9fff][,:;?!()]|[,:;?!()][\u4e00-\u9fff]", text.zh), text.zh
        # A plate is written without a space.
        assert spaced(text.zh) == text.zh.replace("沪A", "沪 A")
        assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", text.en.replace("沪", "")), text.en
        assert text.en[0].isupper()


def test_the_title_of_a_predicted_burst() -> None:
    """Place, likelihood, horizon and failure in one line."""
    said = title("pipe.burst", Text("3 号楼 2 单元给水立管(5–12 层)", "Riser 3-2"), burst(NOW_US))

    assert said == Text("3 号楼 2 单元给水立管(5–12 层)可能在 72 小时内爆管", "Riser 3-2 may burst within 72 hours")


def test_the_title_of_a_flood_says_which_sign_of_water_it_was() -> None:
    """Water in the pit is another job than a pump that works too hard."""
    found = Finding("b", "building.flood", NOW_US, Verdict.SCORED, 0.95, evidence=Evidence(facts={"sign": "pit_wet_s"}))

    assert title("building.flood", Text("3 号楼", "Building 3"), found) == Text(
        f"3 号楼积水风险{COLON}电梯底坑进水", "Building 3: flood risk: water in the elevator pit"
    )


def test_a_small_chance_is_said_but_makes_no_title() -> None:
    """A worn bearing that will hold for weeks is called worn; its chance stands below."""
    worn = replace(bearing(NOW_US), probability=0.04, horizon_us=72 * HOUR_US)
    failing = replace(worn, probability=0.7)
    place = Text("1 号泵", "Pump 1")

    assert title("pump.bearing", place, worn).en.startswith("Pump 1: bearing wear")
    assert title("pump.bearing", place, failing).en == "Pump 1 will probably reach zone D within 72 hours"
    assert "4%" in how_sure(worn, SHANGHAI, NOW_US).en


def test_the_title_of_what_is_happening_names_floor_plate_or_zone() -> None:
    """A rule that went by events says where in the elevator, which car, which zone."""
    lift, gate, pump = Text("1 号电梯", "Elevator 1"), Text("东门", "East gate"), Text("1 号泵", "Pump 1")

    assert (
        title("elevator.entrapment", lift, entrapment(NOW_US)).en == "Elevator 1: people may be trapped (near floor 7)"
    )
    assert title("parking.illegal", gate, parking(NOW_US, ())).zh == "东门有车辆违停\uff08沪A·12***\uff09"
    assert title("pump.bearing", pump, bearing(NOW_US)).zh == f"1 号泵轴承劣化{COLON}振动进入 C 区"


def test_a_pump_that_has_changed_within_its_zone_is_not_said_to_have_entered_it() -> None:
    """Before zone C the title says by how much the vibration rose, from zone C on which zone it is in."""
    pump, seen = Text("1 号泵", "Pump 1"), bearing(NOW_US)
    assert seen.evidence is not None
    changed = replace(
        seen,
        evidence=replace(
            seen.evidence,
            facts={"iso_zone": "B", "rise_percent": 61.8},
            contributions=(Contribution("velocity_rms_mm_s", 1.62, "mm/s", 1.0, 1.0),),
            counterfactual=Counterfactual("velocity_rms_mm_s", 1.45, "mm/s"),
        ),
    )

    assert title("pump.bearing", pump, changed) == Text(
        f"1 号泵轴承劣化{COLON}振动升高 62%{COMMA}仍在 B 区", "Pump 1: bearing wear: vibration up 62% within zone B"
    )
    assert why(changed).zh == "本泵振动速度 1.6 mm/s（平时 1 mm/s）。"
    assert why(changed).en == "Vibration velocity 1.6 mm/s (usually 1 mm/s)."
    assert title("pump.bearing", pump, seen).en == "Pump 1: bearing wear: vibration in zone C"


def test_how_sure_and_how_soon() -> None:
    """Number, word, the middle as a part of a day, the earliest as an hour, in the site's zone."""
    soon = replace(
        burst(NOW_US),
        time_to_failure=TimeToFailure(NOW_US + 10 * HOUR_US, NOW_US + 48 * HOUR_US, NOW_US + 90 * HOUR_US),
    )
    said = how_sure(soon, SHANGHAI, NOW_US)

    assert said.zh == f"72 小时内爆管的概率 62%\uff08可能\uff09。最可能 11 月 23 日夜间{COMMA}最早明日 06:00。"
    assert said.en == (
        "Probability to burst within 72 hours: 62% (possible). "
        "Most likely 23 November at night, at the earliest tomorrow 06:00."
    )


def test_how_sure_changes_with_the_day_it_is_read() -> None:
    """The next day "tomorrow" has become "today", and what could be by now may happen any time."""
    later = how_sure(burst(NOW_US), SHANGHAI, NOW_US + 8 * HOUR_US)
    much_later = how_sure(burst(NOW_US), SHANGHAI, NOW_US + 20 * HOUR_US)

    assert "最早今日 06:00" in later.zh
    assert "随时可能发生" in much_later.zh


def test_a_pumps_time_is_until_zone_d() -> None:
    """Without a probability the sentence says what is reached if nothing is done."""
    worn = replace(bearing(NOW_US), time_to_failure=TimeToFailure(*(NOW_US + d * 24 * HOUR_US for d in (3, 6, 20))))

    assert (
        how_sure(worn, SHANGHAI, NOW_US).zh
        == f"若不处理{COMMA}最可能 11 月 27 日夜间进入 D 区{COMMA}最早 11 月 24 日 20:00。"
    )


def test_what_is_no_prediction_says_so() -> None:
    """An entrapment is what the devices report, an order by hand is no model's word."""
    assert how_sure(entrapment(NOW_US), SHANGHAI, NOW_US).zh.startswith("不是预测")
    assert how_sure(None, SHANGHAI, NOW_US).en == "Raised by a person, not by a model."
    assert why(None).en == "No evidence attached."
    assert counterfactual(None) is None


def test_why_says_what_weighed_most_and_how_the_neighbours_are() -> None:
    """The sentence of the crew's handbook, to the letter."""
    seen = burst(NOW_US)
    assert seen.evidence is not None
    alone = replace(seen, evidence=replace(seen.evidence, contributions=seen.evidence.contributions[:1]))

    assert why(alone).zh == f"本管夜间振动为平时 3.4 倍{COMMA}相邻立管正常。"
    assert counterfactual(seen) == Text(
        f"若夜间振动不超过平时的 1.8 倍{COMMA}则不会报警。",
        "Had night vibration stayed at or below 1.8 times the usual, there would be no alarm.",
    )


def test_the_cause_comes_first_and_nothing_is_said_of_nothing() -> None:
    """A rule's own cause leads the sentence; "stood still for 0 seconds" is left out."""
    seen = Evidence(
        contributions=(
            Contribution("stopped_s", 0.0, "s", None, 0.25),
            Contribution("door_closed_s", 12.0, "s", None, 0.25),
            Contribution("person_present", 1.0, "1", 0.0, 0.25),
            Contribution("fault_code", 8.0, "code", 0.0, 0.25),
        ),
        facts={"cause": "fault_code"},
    )
    said = why(Finding("e", "elevator.entrapment", NOW_US, Verdict.SCORED, 1.0, evidence=seen))

    assert said.zh == COMMA.join(("控制器报故障代码 8", "门已关闭 12 秒", "轿厢内有人。"))


@pytest.mark.parametrize(
    ("seen", "usual", "bound", "said"),
    [
        (350.42, 350.06, 350.38, ("water pressure 350.4 kPa (usually 350.1 kPa)", "350.38 kPa")),
        (51.68, 49.94, 51.67, ("water pressure 52 kPa (usually 50 kPa)", "51.67 kPa")),
        (0.471, 0.009, 0.449, ("water pressure 0.47 kPa (usually 0.009 kPa)", "0.45 kPa")),
    ],
)
def test_what_differs_is_not_said_with_the_same_number(
    seen: float, usual: float, bound: float, said: tuple[str, str]
) -> None:
    """Seen and usual, and the bound and what was seen, get the digits that tell them apart, and no more."""
    moved = Contribution("pressure_kpa", seen, "kPa", usual, 1.0)
    evidence = Evidence(contributions=(moved,), counterfactual=Counterfactual("pressure_kpa", bound, "kPa"))
    quiet = counterfactual(Finding("r", "asset.deviation", 0, Verdict.SCORED, 1.0, evidence=evidence))

    assert clause(moved).en == said[0]
    assert quiet is not None
    assert quiet.en == f"Had water pressure stayed at or below {said[1]}, there would be no alarm."


def test_a_bound_on_a_duration_is_said_of_a_time() -> None:
    """It is the time that stayed below the limit, not the car."""
    stood = Evidence(
        contributions=(Contribution("stopped_s", 70.0, "s", None, 1.0),),
        counterfactual=Counterfactual("stopped_s", 60.0, "s"),
    )
    said = counterfactual(Finding("e", "elevator.entrapment", 0, Verdict.SCORED, 1.0, evidence=stood))

    assert said is not None
    assert said.en == "Had time at a standstill stayed at or below 60 seconds, there would be no alarm."
    assert said.zh == f"若轿厢停止时间不超过 60 秒{COMMA}则不会报警。"


def test_a_place_and_what_happens_there_do_not_say_the_same_word_twice() -> None:
    """A fire lane that is blocked is not "fire lane: fire lane blocked"."""
    blocked = replace(parking(NOW_US, ()), evidence=None)
    said = title("parking.fire_lane", Text("东门消防通道", "East gate, fire lane"), blocked)

    assert said == Text("东门消防通道被占用", "East gate, fire lane: blocked")


def neighbour(value: float, high: tuple[float, ...] = ()) -> Trace:
    return Trace("velocity_rms_mm_s", "mm/s", (NOW_US,), (value,), high=high)


@pytest.mark.parametrize(
    ("traces", "threshold", "said"),
    [
        ((neighbour(1.0), neighbour(3.0)), 2.0, "同组水泵也偏高"),
        ((neighbour(1.0),), 2.0, "同组水泵正常"),
        ((neighbour(1.0, (0.5,)),), 2.0, "同组水泵也偏高"),
        ((neighbour(1.0),), None, ""),
        ((), 2.0, ""),
    ],
)
def test_the_neighbours_are_judged_by_their_band_or_the_threshold(
    traces: tuple[Trace, ...], threshold: float | None, said: str
) -> None:
    """Nothing is said of neighbours that nobody compared or that have nothing to be compared with."""
    seen = Evidence(threshold=threshold, neighbours=traces, contributions=(Contribution("kurtosis", 5, "1", 3, 1),))
    finding = Finding("p", "pump.bearing", NOW_US, Verdict.SCORED, 1.0, evidence=seen)

    assert ("同组水泵" in why(finding).zh) == bool(said)
    assert said in why(finding).zh


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_probability_never_gets_a_weaker_word(one: float, other: float) -> None:
    """The three words are in the order of the probabilities."""
    order = ["可能", "很可能", "几乎确定"]
    low, high = sorted((one, other))

    assert order.index(likelihood(low).word.zh) <= order.index(likelihood(high).word.zh)


@given(
    st.text(st.characters(categories=["Ll", "Nd"], include_characters="_"), min_size=1),
    st.floats(-1e9, 1e9),
    st.sampled_from(["1", "s", "kPa", "%", "sigma", "furlong"]),
    st.none() | st.floats(-1e9, 1e9),
)
def test_no_contribution_stops_a_sentence(name: str, value: float, unit: str, usual: float | None) -> None:
    """A name nobody has written a phrase for is called by its name rather than losing a work order."""
    said = clause(Contribution(name, value, unit, usual, 1.0))

    assert said.zh
    assert name in said.zh or name in PHRASES or name in QUANTITY_NAMES


@given(st.integers(0, 2 * 10**15), st.integers(-(10**12), 10**13), st.sampled_from(["Asia/Shanghai", "Europe/Berlin"]))
def test_moments_are_said_at_any_time_of_any_day(now_us: int, ahead_us: int, zone: str) -> None:
    """Whatever the moment, day, hour and part of day are said without a digit touching Chinese."""
    timezone = ZoneInfo(zone)
    for word in (day, hour, part_of_day):
        said = word(max(0, now_us + ahead_us), timezone, now_us)
        assert spaced(said.zh) == said.zh
        assert said.en


def named_by(module: Path) -> set[str]:
    """The names a module gives to contributions and counterfactuals.

    A name is a literal first argument, or, where a variable stands there, the first member of a tuple or a key of a
    dict in the same function or in a module constant it uses.
    """
    tree = ast.parse(module.read_text(encoding="utf-8"))
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    constants = {t.id: node.value for node in assigned for t in node.targets if isinstance(t, ast.Name)}
    found: set[str] = set()
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        facts = {k.value for n in ast.walk(function) if isinstance(n, ast.Call) for k in n.keywords if k.arg == "facts"}
        inside = [node for node in ast.walk(function) if node not in facts]
        calls = [n for n in inside if isinstance(n, ast.Call) and getattr(n.func, "id", "") in _NAMING]
        for call in calls:
            if isinstance(call.args[0], ast.Constant):
                found.add(str(call.args[0].value))
            else:
                used = [constants[n.id] for n in inside if isinstance(n, ast.Name) and n.id in constants]
                found |= set(_first_words([*inside, *(part for value in used for part in ast.walk(value))]))
    return found


_NAMING = {"Contribution", "Counterfactual"}


def _first_words(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        heads = [node.elts[0]] if isinstance(node, ast.Tuple) and node.elts else []
        heads += [key for key in node.keys if key] if isinstance(node, ast.Dict) else []
        yield from (h.value for h in heads if isinstance(h, ast.Constant) and isinstance(h.value, str))


def test_every_name_a_detector_gives_has_a_phrase() -> None:
    """What the detectors name is found in their source, and each of it can be said."""
    modules = [p for p in (ROOT / "models").rglob("*.py") if "Contribution(" in p.read_text(encoding="utf-8")]
    given_names = {name for module in modules for name in named_by(module)}
    given_names |= {rule.measure for rule in (building_ebike.RULE, parking_illegal.RULE, parking_fire_lane.RULE)}

    assert {"night_vibration_ratio", "stopped_s", "person_present", "dwell_s", "velocity_rms_mm_s"} <= given_names
    assert given_names - set(PHRASES) - set(QUANTITY_NAMES) == set()


def test_a_slow_door_is_told_in_tenths() -> None:
    """Seen and usual differ where a whole second would not tell them apart."""
    slow = clause(Contribution("door_close_time_s", 3.42, "s", 2.91, 1.0))

    assert slow.en == "door closing time 3.4 seconds (usually 2.9 seconds)"
    assert slow.zh.startswith("关门时间 3.4 秒")
