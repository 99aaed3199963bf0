"""Truth: work orders held against labels, one fault one order, and what came of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from alerts.policy.modes import mode_of
from device_simulators.labels import Label, Truth
from service.evaluation.in_process import Order


class Came(StrEnum):
    """What became of a work order when it is held against the truth."""

    TRUE = "true"
    """The first that names a fault, in its time."""
    REPEATED = "repeated"
    """Names a fault in its time that an order named before."""
    BESIDE = "beside"
    """A general one (something deviates, a sensor is wrong) on an asset that had a fault just then."""
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class Fault:
    """One physical fault; several labels name it where several failure modes may rightly speak of it."""

    labels: tuple[Label, ...]

    @property
    def until_us(self) -> int:
        """An order after this is late."""
        return max(label.raise_until_us for label in self.labels)

    def is_named_by(self, order: Order) -> bool:
        """Whether an order names it, in its time, by its first word or by what it went on with."""
        return any(_names(label, word) for word in (order, *order.went_on) for label in self.labels)

    def as_named_by(self, order: Order) -> Order:
        """The word of an order that names it first."""
        words = (order, *order.went_on)
        return next(word for word in words if any(_names(label, word) for label in self.labels))

    def is_felt_at(self, order: Order) -> bool:
        """Whether its asset had it when an order was raised."""
        first = self.labels[0]
        return order.key.asset == first.asset and first.onset_us <= order.raised_us <= self.until_us


@dataclass(frozen=True, slots=True)
class Judged:
    """Orders and faults of some assets, held against each other.

    Attributes:
        came: What became of each order.
        found: Each fault whose time was over with the order that named it first, or None. One whose time was not is
            left out, named or not: counting only those that were named early would flatter the recall.
        fooled: Each look-alike with the first false order on its asset while it lasted, or None.
        in_vain: What orders went on with that names no fault: a leak that was said to burst and did not.
    """

    came: tuple[tuple[Order, Came], ...]
    found: tuple[tuple[Fault, Order | None], ...]
    fooled: tuple[tuple[Label, Order | None], ...]
    in_vain: tuple[Order, ...] = ()


def faults_of(labels: Iterable[Label]) -> list[Fault]:
    """The faults that labels name: those of one asset that began at one moment are one."""
    grouped: dict[tuple[str, int], list[Label]] = {}
    for label in labels:
        if label.truth is Truth.FAULT:
            grouped.setdefault((label.asset, label.onset_us), []).append(label)
    return [Fault(tuple(group)) for group in grouped.values()]


def judge(orders: Sequence[Order], labels: Sequence[Label], end_us: int) -> Judged:
    """Hold orders against the truth, first come first served.

    Args:
        orders: Of some assets.
        labels: Of the same assets.
        end_us: Nothing was watched from here on.
    """
    faults = faults_of(labels)
    first: dict[Fault, Order] = {}
    came: list[tuple[Order, Came]] = []
    for order in sorted(orders, key=lambda one: one.raised_us):
        named = next((fault for fault in faults if fault.is_named_by(order)), None)
        if named is None:
            beside = mode_of(order.key.failure_mode).general and any(fault.is_felt_at(order) for fault in faults)
            came.append((order, Came.BESIDE if beside else Came.FALSE))
        elif named in first:
            came.append((order, Came.REPEATED))
        else:
            first[named] = named.as_named_by(order)
            came.append((order, Came.TRUE))
    false = [order for order, what in came if what is Came.FALSE]
    fooled = tuple((one, _fooled(one, false)) for one in labels if one.truth is Truth.LOOKALIKE)
    due = tuple((fault, first.get(fault)) for fault in faults if fault.until_us <= end_us)
    worse = [word for order in orders for word in order.went_on]
    in_vain = tuple(word for word in worse if not any(fault.is_named_by(word) for fault in faults))
    return Judged(tuple(came), due, fooled, in_vain)


def _names(label: Label, order: Order) -> bool:
    """Whether an order is about a label; its episode may have begun in time and its window closed a moment after."""
    same = (order.key.asset, order.key.failure_mode) == (label.asset, label.failure_mode)
    return same and label.raise_from_us <= order.started_us <= label.raise_until_us


def _fooled(lookalike: Label, false: Iterable[Order]) -> Order | None:
    return next(
        (
            order
            for order in false
            if order.key.asset == lookalike.asset
            and lookalike.raise_from_us <= order.started_us <= lookalike.raise_until_us
        ),
        None,
    )
