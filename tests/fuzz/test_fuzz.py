"""Fuzz, short: no damaged message raises, hangs, or leaves the decoder larger; `make fuzz` does it for a million."""

import gc
import re
import tracemalloc
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.decode import FORMATS
from tests.fuzz.damage import damaged
from tests.fuzz.seeds import SEEDS
from tests.fuzz.target import Target

_WORD = re.compile(rb'"[^"]+"')


def test_every_format_is_fuzzed() -> None:
    """Who adds a format adds its sound messages."""
    assert SEEDS.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", SEEDS)
def test_a_sound_message_is_stored_or_passed_over(name: str) -> None:
    """Every seed is one that the decoder reads, or the fuzz would begin with rubbish."""
    target = Target(name)
    for data in target.inputs():
        target.take(data)

    assert target.outcomes["stored"]
    assert target.outcomes.keys() <= {"stored", "unmapped_name", "not_evidence", "no_codec", "nothing"}


@pytest.mark.parametrize("name", SEEDS)
def test_no_damaged_message_breaks_a_promise(name: str) -> None:
    """Whatever is wrong with a message, it is stored, passed over, or refused by a name of the list, also replayed."""
    target = Target(name)
    inputs = target.inputs()

    @settings(max_examples=60)
    @given(st.integers(0, 2**64))
    def hold(seed: int) -> None:
        random = Random(seed)  # noqa: S311 - repeatable damage, no secret
        for _ in range(5):
            whole = random.choice(inputs)
            topic = whole[:1] if random.random() < 0.9 else b"\xff"
            target.again(target.take(topic + damaged(whole[1:], random)))

    hold()

    assert target.outcomes.total() >= 300


@pytest.mark.parametrize("name", SEEDS)
def test_names_that_never_come_again_cost_no_memory(name: str) -> None:
    """A long-lived decoder does not remember every topic, name and address that a mad device makes up."""
    target, random = Target(name), Random(0)  # noqa: S311 - repeatable, no secret
    for number in range(5):
        _make_names_up(target, number, random)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(5, 20):
            _make_names_up(target, number, random)
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert grown < 2_500_000, f"{grown:,} bytes"


def _make_names_up(target: Target, number: int, random: Random) -> None:
    short, longer, longest = f"made-up-{number}", f"{number:0900d}", f"{number:05000d}"
    for topic, payload in target.seeds.messages:
        levels, words = topic.split("/"), _WORD.findall(payload) or [b"x"]
        for at in range(len(levels)):
            for name in (short, longer, longest):
                target.hear("/".join([*levels[:at], name, *levels[at + 1 :]]), payload)
        for name in (short, longer, longest) * 2:
            target.hear(topic, payload.replace(random.choice(words), b'"%b"' % name.encode()))
            target.hear(topic, payload.replace(b"voltage", name.encode()))
