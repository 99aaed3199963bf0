"""Row states: a detector's memory of which the numbers that move with every word lie in arrays, a row a device."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, MutableMapping
from typing import Any, Generic, TypeVar

from models.detector import State

_Place = TypeVar("_Place")


class RowStates(MutableMapping[str, State], ABC, Generic[_Place]):
    """States by asset, JSON dicts to everybody, some of whose numbers may lie in arrays meanwhile.

    `states[asset]` is to be changed by who asks, so its numbers leave the arrays; `states.get(asset)` is to be read,
    and they stay. Both hold all that is known.
    """

    def __init__(self) -> None:
        self._states: dict[str, State] = {}
        self._places: dict[str, _Place] = {}

    @abstractmethod
    def _read_in(self, asset: str, state: State) -> _Place | None:
        """Put a state's numbers into the arrays; where they lie, or None, with nothing done, if they must not."""

    @abstractmethod
    def _write_back(self, state: State, place: _Place) -> None:
        """Put the numbers that lie in a place into the state."""

    def _vacate(self, place: _Place) -> None:
        """Note that the numbers in a place are nobody's any more."""

    def place_of(self, asset: str) -> _Place | None:
        """Where an asset's numbers lie, put into the arrays first; None if there are none that may lie there."""
        place = self._places.get(asset)
        if place is None:
            state = self._states.get(asset)
            place = None if state is None else self._read_in(asset, state)
            if place is not None:
                self._places[asset] = place
        return place

    def lasting(self, asset: str) -> State:
        """A state of which only what never lies in arrays is right, at no cost; empty if there is none.

        That may be read, and changed.
        """
        return self._states.get(asset, {})

    def __getitem__(self, asset: str) -> State:
        """A state that may be changed."""
        state = self._states[asset]
        place = self._places.pop(asset, None)
        if place is not None:
            self._write_back(state, place)
            self._vacate(place)
        return state

    def get(self, asset: str, default: Any = None) -> Any:
        """A state that is only read."""
        state = self._states.get(asset)
        if state is None:
            return default
        place = self._places.get(asset)
        if place is not None:
            self._write_back(state, place)
        return state

    def __setitem__(self, asset: str, state: State) -> None:
        """Put a state in the place of what was known."""
        self._leave_arrays(asset)
        self._states[asset] = state

    def __delitem__(self, asset: str) -> None:
        """Forget an asset."""
        self._leave_arrays(asset)
        del self._states[asset]

    def __contains__(self, asset: object) -> bool:
        """Whether anything is known of an asset."""
        return asset in self._states

    def __iter__(self) -> Iterator[str]:
        """The assets in the order in which they were met."""
        return iter(self._states)

    def __len__(self) -> int:
        """How many assets there are."""
        return len(self._states)

    def _leave_arrays(self, asset: str) -> None:
        place = self._places.pop(asset, None)
        if place is not None:
            self._vacate(place)
