"""Sensor calm timers: when the silence of each asset of a block is asked about, and whether it was silent then."""

from collections.abc import Iterator, Mapping

import numpy as np

from models.blocks import NEVER_US, Block
from models.sensors.calm import Mask, Moments, Said, silent_after_us
from models.sensors.rows import Rows, SensorRows


class CalmTimers:
    """The timers of a block's assets, each served as if its window had been asked.

    Args:
        block: What was said.
        here: Which of its columns are of devices at home; the devices below are these.
        said: When each device spoke.
        from_us: Shape (words, devices), from when on each is silent if it says no more.
        before: The habits of each before the block.
        states: Read.

    Attributes:
        silent: Shape (devices,): who was silent when asked about, or may have been.
    """

    def __init__(  # noqa: PLR0913, PLR0917 -- what was heard of a block, once
        self, block: Block, here: Moments, said: Said, from_us: Moments, before: Rows, states: SensorRows
    ) -> None:
        self._block, self._here, self._said, self._states = block, here, said, states
        self._from_us, self._before = from_us, before
        self._ends_us = block.ends_us[:, here]
        self.silent: Mask = np.zeros(here.shape, np.bool_)

    def ask(self, wake_us: Mapping[str, int]) -> Iterator[tuple[str, int | None]]:
        """When the silence of each asset is to be asked about after the block, or None; `silent` is known then.

        Args:
            wake_us: By asset, when it was to be asked about; those without are asked at their first word.
        """
        assets = [self._block.assets[column].id for column in self._here.tolist()]
        together: dict[str, list[int]] = {}
        for number, asset in enumerate(assets):
            together.setdefault(asset, []).append(number)
        alone = np.array([numbers[0] for a, numbers in together.items() if self._is_alone(a, numbers)], np.int64)
        yield from self._wake_alone(alone, [assets[n] for n in alone.tolist()], wake_us)
        for asset, numbers in together.items():
            if not self._is_alone(asset, numbers):
                yield from self._wake_several(asset, numbers, wake_us)

    def _is_alone(self, asset: str, numbers: list[int]) -> bool:
        return len(numbers) == 1 and len(self._states.place_of(asset) or ()) == 1

    def _wake_alone(
        self, numbers: Moments, assets: list[str], wake_us: Mapping[str, int]
    ) -> Iterator[tuple[str, int | None]]:
        """Of assets with one device: all at once, timer by timer."""
        if not numbers.size:
            return
        ends_us, from_us = self._ends_us[:, numbers], self._from_us[:, numbers]
        until_us = self._block.until_us[self._here[numbers]]
        columns, last = np.arange(numbers.size), self._said.counts[numbers] - 1
        tells, first_end_us = self._first_to_tell(numbers)
        asked_us = np.array([wake_us.get(asset, -1) for asset in assets], np.int64)
        # Who has no timer is asked in the window of its first word.
        asked_us = np.where(asked_us < 0, ends_us[0] - 1, asked_us)
        due = asked_us < until_us
        while due.any():
            end_us = asked_us - asked_us % self._block.width_us + self._block.width_us
            word = (ends_us <= end_us).sum(axis=0).clip(max=last + 1) - 1
            silent_us = np.where(word < 0, self._silent_before(numbers), from_us[np.maximum(word, 0), columns])
            self.silent[numbers[due & (silent_us < end_us)]] = True
            next_us = np.where((silent_us >= NEVER_US) & (tells > word), first_end_us - 1, silent_us)
            asked_us = np.where(due, np.maximum(next_us, end_us), asked_us)
            due = asked_us < until_us
        for asset, at_us in zip(assets, asked_us.tolist(), strict=True):
            yield asset, at_us if at_us < NEVER_US else None

    def _first_to_tell(self, numbers: Moments) -> tuple[Moments, Moments]:
        """Of devices, which word is the first from which their silence can be told, and when its window ends.

        Until then each is asked about in every window in which it speaks. The word is -1 where there is none.
        """
        told = (self._from_us[:, numbers] < NEVER_US) & self._said.here()[:, numbers]
        word = np.where(told.any(axis=0), told.argmax(axis=0), -1)
        return word, self._ends_us[word, numbers]

    def _silent_before(self, numbers: Moments) -> Moments:
        before = self._before[numbers]
        silent_us: Moments = before["at_us"] + silent_after_us(before)
        return silent_us

    def _wake_several(
        self, asset: str, numbers: list[int], wake_us: Mapping[str, int]
    ) -> Iterator[tuple[str, int | None]]:
        """Of an asset with several devices: it is asked about all of them, as soon as one may be silent."""
        words = [self._ends_us[: self._said.counts[n], n] for n in numbers]
        tells, first_end_us = self._first_to_tell(np.array(numbers))
        until_us = self._block.until_us[self._here[numbers[0]]].item()
        asked_us = wake_us.get(asset, min(one[0].item() for one in words) - 1)
        before_us = self._silent_before(np.array(numbers))
        if len(self._states.place_of(asset) or ()) > len(numbers) and asked_us < until_us:
            self.silent[numbers] = True
        while asked_us < until_us:
            end_us = asked_us - asked_us % self._block.width_us + self._block.width_us
            heard = [int(np.searchsorted(one, end_us, side="right")) for one in words]
            silent_us = [
                self._from_us[count - 1, n].item() if count else before_us[number].item()
                for number, (n, count) in enumerate(zip(numbers, heard, strict=True))
            ]
            if min(silent_us) < end_us:
                self.silent[numbers] = True
            later_us = first_end_us[(tells >= 0) & (first_end_us > end_us)]
            next_us = later_us.min().item() - 1 if min(silent_us) >= NEVER_US and later_us.size else min(silent_us)
            asked_us = max(next_us, end_us)
        yield asset, asked_us if asked_us < NEVER_US else None
