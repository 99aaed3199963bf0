"""Thresholds: what a detector declares may be turned, and the Protocol by which its values are handed in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ingest.registry import Asset


@dataclass(frozen=True, slots=True)
class Tunable:
    """A number an engineer may turn.

    Attributes:
        name: Dotted, starts with the failure mode, ends in the unit: `pipe.burst.failure_level_log_ratio`.
        unit: As people write it; "1" for a probability or ratio.
        low: Smallest allowed value.
        high: Largest allowed value.
        default: What ships.
        source: Standard, paper or measurement behind the default.
    """

    name: str
    unit: str
    low: float
    high: float
    default: float
    source: str


class ThresholdBook(Protocol):
    """Values by scope, each version effective from a moment on, so that a replay sees what the live run saw."""

    def value(self, name: str, asset: Asset, at_us: int) -> float:
        """The value in force for this asset at this event time; the narrowest scope wins, else the default.

        Raises:
            UnknownThresholdError: No detector or policy declares this name.
        """
        ...

    def values(self, tunables: tuple[Tunable, ...], asset: Asset, at_us: int) -> Mapping[str, float]:
        """The values of several by name, as `value` says them; asked for every window, so they are remembered.

        Args:
            tunables: The very tuple at each call: it is known by its identity.
            asset: As in `value`.
            at_us: As in `value`.

        Returns:
            What is shared with everybody who asks; not to be changed.
        """
        ...


class UnknownThresholdError(KeyError):
    """A name that nobody declares."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no detector or policy declares a threshold named {name!r}")


class DefaultThresholds:
    """The book in which nobody has turned anything."""

    def __init__(self, tunables: Iterable[Tunable]) -> None:
        self._defaults = {t.name: t.default for t in tunables}
        self._values: dict[int, tuple[tuple[Tunable, ...], dict[str, float]]] = {}

    def value(self, name: str, asset: Asset, at_us: int) -> float:  # noqa: ARG002 -- defaults hold for all
        """The default; see `ThresholdBook.value`."""
        try:
            return self._defaults[name]
        except KeyError as error:
            raise UnknownThresholdError(name) from error

    def values(self, tunables: tuple[Tunable, ...], asset: Asset, at_us: int) -> Mapping[str, float]:
        """The defaults; see `ThresholdBook.values`."""
        held = self._values.get(id(tunables))
        if held is None:
            # With the tuple itself, or its identity could become another's.
            held = self._values[id(tunables)] = (tunables, {t.name: self.value(t.name, asset, at_us) for t in tunables})
        return held[1]
