"""Episodes: the tracker's laws, whatever order early findings and ordered ones come in."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from alerts.backtest import Episode, episodes_of
from alerts.episodes import Change, Confirmed, Ended, EpisodeTracker, Key, Raised, Risen
from alerts.levels import Level
from alerts.moments import SECOND_US
from alerts.policy.modes import policy_tunables
from models.findings import Finding, Verdict
from models.thresholds import DefaultThresholds
from tests.alerts.seeding import ELEVATOR, NOW_US, ZONE, community

ASSETS = community().assets
BOOK = DefaultThresholds(policy_tunables())
KEY = Key(ELEVATOR, "elevator.entrapment", "")


def said(at_s: int, score: float | None, subject: str = "") -> Finding:
    """A finding of an entrapment at a second; None is unknown."""
    verdict = Verdict.UNKNOWN if score is None else Verdict.SCORED
    return Finding(ELEVATOR, KEY.failure_mode, NOW_US + at_s * SECOND_US, verdict, score, subject)


def tracker() -> EpisodeTracker:
    return EpisodeTracker(ASSETS, BOOK)


words = st.lists(st.sampled_from([0.0, 0.4, 1.0, 1.0, None]), max_size=30)
gaps = st.lists(st.integers(1, 50), min_size=30, max_size=30)


@st.composite
def heard_early(draw: st.DrawFn) -> list[tuple[bool, Finding]]:
    """Ordered findings in time, and before some of the high ones, by any lead, the early finding that announced it."""
    at_s, ordered = 0, []
    for word, gap in zip(draw(words), draw(gaps), strict=False):
        at_s += gap
        ordered.append(said(at_s, word))
    heard: list[tuple[bool, Finding]] = [(False, finding) for finding in ordered]
    for finding in ordered:
        if finding.score == 1.0 and draw(st.booleans()):
            place = heard.index((False, finding))
            heard.insert(draw(st.integers(max(0, place - 3), place)), (True, finding))
    return heard


@given(heard_early())
def test_early_findings_change_no_episode(heard: list[tuple[bool, Finding]]) -> None:
    """Whenever early findings come, the confirmed episodes are those of the ordered findings alone."""
    alone = episodes_of([finding for early, finding in heard if not early], ASSETS, BOOK)

    assert _confirmed(heard) == alone


@given(heard_early())
def test_an_early_finding_and_its_confirmation_are_one_episode(heard: list[tuple[bool, Finding]]) -> None:
    """Never are two episodes of one key open at the same time, and every end belongs to an open one."""
    open_starts: list[int] = []
    under_test = tracker()
    for early, finding in heard:
        for change in _hear(under_test, early, finding):
            _apply(open_starts, change)

            assert len(open_starts) <= 1


@given(heard_early(), st.integers(0, 60))
def test_a_restart_changes_nothing(heard: list[tuple[bool, Finding]], cut: int) -> None:
    """A tracker made from the saved standings goes on exactly as the old one would have."""
    whole, first = tracker(), tracker()
    saved = {}
    for early, finding in heard[:cut]:
        _hear(first, early, finding)
        saved |= first.touched()
    second = EpisodeTracker(ASSETS, BOOK, saved)
    expected = [_hear(whole, early, finding) for early, finding in heard]

    assert [_hear(second, early, finding) for early, finding in heard[cut:]] == expected[cut:]


def test_an_early_finding_opens_at_once_and_is_adopted() -> None:
    """The ordered path takes over the announced episode and corrects its start."""
    under_test = tracker()
    early = under_test.hear_early(said(20, 1.0))
    ordered = under_test.hear(said(12, 1.0))

    assert early == [Raised(KEY, NOW_US + 20 * SECOND_US, Level.I, said(20, 1.0), provisional=True)]
    assert ordered == [
        Confirmed(KEY, NOW_US + 20 * SECOND_US, NOW_US + 12 * SECOND_US, Level.I, said(12, 1.0)),
    ]


def test_an_early_finding_that_is_contradicted_ends_unconfirmed() -> None:
    """When the ordered path has passed the moment and saw nothing, the announced episode ends unconfirmed."""
    under_test = tracker()
    under_test.hear_early(said(20, 1.0))
    before, unknown, after = (under_test.hear(said(at_s, score)) for at_s, score in ((19, 0.0), (21, None), (22, 0.0)))

    assert before == unknown == []
    assert after == [Ended(KEY, NOW_US + 20 * SECOND_US, NOW_US + 22 * SECOND_US, confirmed=False)]


def test_early_findings_rest_too() -> None:
    """Right after an episode an early finding opens none, after the refractory time it does."""
    under_test = tracker()
    under_test.hear(said(0, 1.0))
    under_test.hear(said(10, 0.0))

    assert under_test.hear_early(said(69, 1.0)) == []
    assert len(under_test.hear_early(said(70, 1.0))) == 1


def test_subjects_are_apart() -> None:
    """Two vehicles in one zone are two episodes."""
    under_test = tracker()
    changes = [
        change
        for subject in ("a", "b")
        for change in under_test.hear(replace(said(0, 1.0, subject), asset=ZONE, failure_mode="parking.illegal"))
    ]

    assert [change.key.subject for change in changes] == ["a", "b"]


def test_only_what_changed_is_saved() -> None:
    """A quiet finding leaves nothing to save."""
    under_test = tracker()
    under_test.hear(said(0, 0.0))

    assert under_test.touched() == {}


def _hear(under_test: EpisodeTracker, early: bool, finding: Finding) -> list[Change]:  # noqa: FBT001 -- which path
    return under_test.hear_early(finding) if early else under_test.hear(finding)


def _confirmed(heard: list[tuple[bool, Finding]]) -> list[Episode]:
    under_test, episodes = tracker(), {}
    for early, finding in heard:
        for change in _hear(under_test, early, finding):
            match change:
                case Raised(provisional=False) | Confirmed():
                    episodes[change.started_us] = Episode(change.key, change.started_us, None, change.level)
                case Ended(confirmed=True):
                    episodes[change.started_us] = replace(episodes[change.started_us], ended_us=change.ended_us)
    return list(episodes.values())


def _apply(open_starts: list[int], change: Change) -> None:
    match change:
        case Raised():
            open_starts.append(change.started_us)
        case Confirmed():
            open_starts[open_starts.index(change.announced_us)] = change.started_us
        case Ended():
            open_starts.remove(change.started_us)
        case Risen():
            pass
