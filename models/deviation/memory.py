"""Deviation memory: an asset's channels taken together, from the first deviation until it has fallen from its peak."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.detector import State
from models.deviation.hour_profile import ProfileRule, add, gather, in_running_hour, new_profile
from models.deviation.level_shift import (
    Channel,
    ShiftSettings,
    anchor,
    distance,
    follow,
    is_warm,
    move,
    new_channel,
    warm_up,
)

ANCHOR_PACE = 1.0 / 5.0
"""Chosen by: the best of 1,500 random settings on SKAB; alone, 1/15 moves their quartiles by under 0.003."""

STALE_GAPS = 5.0


@dataclass(frozen=True, slots=True)
class DeviationSettings:
    """The values in force for one asset.

    Attributes:
        shift: How each channel is followed.
        raise_at: Sum over channels of the spreads beyond the free ones from which on it deviates.
        release_share: Share of the peak under which it has ended.
        settle: Samples after that in which baselines are moved to where the signals have come to rest.
        profile: For assets that follow people, else None.
    """

    shift: ShiftSettings
    raise_at: float
    release_share: float
    settle: int
    profile: ProfileRule | None


def take(state: State, at_us: int, values: dict[str, float], settings: DeviationSettings) -> bool:
    """Take in what an asset's channels said at one moment.

    Args:
        state: JSON dict, changed.
        at_us: The moment, ascending from call to call.
        values: By channel, in the channel's unit.
        settings: In force.

    Returns:
        Whether the asset's distance could be judged anew.
    """
    moved = False
    for name, value in values.items():
        sample = _sample(state, name, at_us, value, settings)
        if sample is None:
            continue
        channel = state["channels"].setdefault(name, new_channel())
        _note_pace(channel, at_us)
        if is_warm(channel):
            move(channel, sample, settings.shift)
            moved = True
        else:
            warm_up(channel, sample, settings.shift)
    if moved:
        _judge(state, at_us, settings)
    return moved


def only_adds(state: State, moments: Mapping[int, Mapping[str, float]]) -> bool:
    """Add samples of an asset that follows people to their running hours, if all of them belong there.

    That is all there is to do in most minutes, and it needs no settings.

    Returns:
        False, with nothing changed, if an hour ends or a channel speaks for the first time: then `take` them.
    """
    profiles = state.get("profiles", {})
    heard = [(profiles.get(name), at_us, v) for at_us, values in moments.items() for name, v in values.items()]
    if not all(profile is not None and in_running_hour(profile, at_us) for profile, at_us, _ in heard):
        return False
    for profile, _, value in heard:
        add(profile, value)
    return True


def total_distance(state: State, at_us: int, settings: DeviationSettings) -> float:
    """How far all channels together are from their baselines: the spreads beyond the free ones, added up.

    A channel that has fallen silent does not count; a noisy one counts in its own spreads.
    """
    return sum(excess(c, settings) for c in fresh(state, at_us).values())


def excess(channel: Channel, settings: DeviationSettings) -> float:
    """A warm channel's spreads beyond the free ones."""
    return max(0.0, abs(distance(channel)) - settings.shift.free)


def fresh(state: State, at_us: int) -> dict[str, Channel]:
    """The warm channels that still speak, by name."""
    channels = state["channels"].items()
    return {n: c for n, c in channels if is_warm(c) and at_us - c["at_us"] <= STALE_GAPS * c["gap_us"]}


def _sample(state: State, name: str, at_us: int, value: float, settings: DeviationSettings) -> float | None:
    """What a reading means for its channel: itself, or for an asset that follows people an hour's residual."""
    if settings.profile is None:
        return value
    profile = state.setdefault("profiles", {}).setdefault(name, new_profile())
    return gather(profile, at_us, value, settings.profile, frozen=state["high"])


def _judge(state: State, at_us: int, settings: DeviationSettings) -> None:
    total = total_distance(state, at_us, settings)
    channels = fresh(state, at_us).values()
    if state["settling"] > 0:
        state["settling"] -= 1
        for channel in channels:
            anchor(channel, ANCHOR_PACE)
    elif state["high"]:
        state["peak"] = max(state["peak"], round(total, 3))
        if total < settings.release_share * state["peak"]:
            state.update(high=False, peak=0.0, settling=settings.settle)
    elif total >= settings.raise_at:
        state.update(high=True, peak=round(total, 3))
    else:
        for channel in channels:
            follow(channel, settings.shift)
    state["total"] = round(total, 3)


def _note_pace(channel: Channel, at_us: int) -> None:
    """Keep when a channel spoke and how long it usually pauses."""
    if "at_us" in channel:
        pause = at_us - channel["at_us"]
        usual = channel.get("gap_us", pause)
        # A single long silence must not make silence usual.
        channel["gap_us"] = round(usual + (min(pause, 3 * usual) - usual) / 10)
    channel["at_us"] = at_us
