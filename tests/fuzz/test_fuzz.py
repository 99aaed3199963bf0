"""Fuzz, short: no damaged message raises, hangs, or leaves the decoder larger; `make fuzz` does it for a million."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.decode import FORMATS
from tests.fuzz.damage import damaged
from tests.fuzz.seeds import SEEDS
from tests.fuzz.target import Target


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
    assert target.outcomes.keys() <= {"stored", "unmapped_name", "not_evidence", "no_codec"}


@pytest.mark.parametrize("name", SEEDS)
def test_no_damaged_message_breaks_a_promise(name: str) -> None:
    """Whatever is wrong with a message, it is stored, passed over, or refused by a name of the list, also replayed."""
    target = Target(name)
    inputs = target.inputs()

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, 2**64))
    def hold(seed: int) -> None:
        random = Random(seed)  # noqa: S311 - repeatable damage, no secret
        for _ in range(5):
            whole = random.choice(inputs)
            topic = whole[:1] if random.random() < 0.9 else b"\xff"
            target.again(target.take(topic + damaged(whole[1:], random)))

    hold()

    assert target.outcomes.total() >= 300
