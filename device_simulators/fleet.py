"""Fleet: many simulated assets of one family, in groups that share nothing with each other, and their truth."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from device_simulators.labels import Label
from device_simulators.message import Message

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """Assets that are neighbours (or one alone), the devices that watch them, and what becomes of them.

    Attributes:
        site: The id of a site of their own, so that groups can be simulated and judged in any order, in parallel.
        assets: `[[asset]]` tables as a registry file has them (ingest/README.md).
        devices: `[[device]]` tables, likewise.
        labels: The truth about them, by onset.
        messages: What the devices publish in [start_us, end_us), ascending by `at_us`; each call starts afresh, and
            the same group gives the same bytes.
    """

    site: str
    assets: tuple[Table, ...]
    devices: tuple[Table, ...]
    labels: tuple[Label, ...]
    messages: Callable[[int, int], Iterator[Message]]


FleetMaker = Callable[[np.random.Generator, int, int, int], Sequence[Group]]
"""Makes the groups of a family: dice, how many assets, start_us and end_us. Every failure mode of the family befalls a
share of them that is large enough to measure, mild to gross, and as many see something that only looks like it."""
