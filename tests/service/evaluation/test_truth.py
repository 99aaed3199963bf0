"""Truth: each fault takes one order; the rest is repeated, beside it, or false."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.episodes import Key
from alerts.levels import Level
from device_simulators.labels import Label, Truth
from service.evaluation.in_process import Order
from service.evaluation.truth import Came, judge

END = 300


def label(mode: str = "pump.bearing", truth: Truth = Truth.FAULT, start: int = 100, end: int = 200) -> Label:
    return Label("p", mode, truth, start, end if truth is Truth.FAULT else None, start, end, 0.5, "x")


def order(at_us: int, mode: str = "pump.bearing", asset: str = "p") -> Order:
    return Order(Key(asset, mode, ""), at_us, at_us, Level.II)


@pytest.mark.parametrize(
    ("raised", "came"),
    [
        (order(150), Came.TRUE),
        (order(99), Came.FALSE),
        (order(201), Came.FALSE),
        (order(150, asset="q"), Came.FALSE),
        (order(150, "pump.cavitation"), Came.FALSE),
        (order(150, "asset.deviation"), Came.BESIDE),
        (order(250, "asset.deviation"), Came.FALSE),
    ],
)
def test_an_order_is_true_of_its_asset_mode_and_time_only(raised: Order, came: Came) -> None:
    """Another asset, another mode or another time make it false; a general one beside a fault is neither."""
    assert [what for _, what in judge([raised], [label()], END).came] == [came]


@pytest.mark.parametrize("orders", [[], [order(150)]])
def test_a_fault_whose_time_is_not_over_is_left_out(orders: list[Order]) -> None:
    """Named or not it says nothing of the recall yet; its order is true all the same."""
    judged = judge(orders, [label()], 199)

    assert judged.found == ()
    assert [what for _, what in judged.came] == [Came.TRUE] * len(orders)


def test_a_second_order_for_a_fault_is_repeated() -> None:
    """The first one names it; those after it cost the crew a walk and count against the precision."""
    judged = judge([order(160), order(120)], [label()], END)

    assert [what for _, what in judged.came] == [Came.TRUE, Came.REPEATED]
    assert judged.found[0][1] == order(120)


def test_either_of_two_names_of_a_fault_will_do() -> None:
    """Labels of one asset and onset are one fault, found by whichever mode speaks."""
    judged = judge([order(150, "pump.cavitation")], [label(), label("pump.cavitation")], END)

    assert len(judged.found) == 1
    assert judged.found[0][1] is not None


def test_what_an_order_went_on_with_names_a_fault_at_its_own_time() -> None:
    """An order that was false at first and rose for a fault is true from then on, and found the fault when it rose."""
    rose = order(150)
    judged = judge([replace(order(90, "pump.cavitation"), went_on=(rose,))], [label()], END)

    assert [what for _, what in judged.came] == [Came.TRUE]
    assert judged.found[0][1] == rose
    assert judged.in_vain == ()


def test_an_order_that_rose_for_nothing_rose_in_vain() -> None:
    """A true order that went on with what is no fault stays true, and what it went on with is counted."""
    rose = order(160, "pump.cavitation")
    judged = judge([replace(order(150), went_on=(rose,))], [label()], END)

    assert [what for _, what in judged.came] == [Came.TRUE]
    assert judged.in_vain == (rose,)


def test_a_look_alike_is_fooled_by_any_false_order_on_its_asset() -> None:
    """A work order while something only looks like a fault counts whatever mode it names."""
    judged = judge([order(150, "pump.cavitation")], [label(truth=Truth.LOOKALIKE)], END)

    assert judged.fooled[0][1] is not None


@given(st.lists(st.integers(0, 300), max_size=20), st.lists(st.tuples(st.integers(0, 250), st.integers(1, 40))))
def test_never_more_true_orders_than_faults(moments: list[int], spans: list[tuple[int, int]]) -> None:
    """Whatever is raised, true orders and found faults are the same number, and every order has one fate."""
    judged = judge([order(at) for at in moments], [label(start=s, end=s + n) for s, n in spans], END)
    true = sum(what is Came.TRUE for _, what in judged.came)

    assert true == sum(named is not None for _, named in judged.found)
    assert len(judged.came) == len(moments)
