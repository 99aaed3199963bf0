"""Gate: the Protocol of the detector that looks first and says which readings the others should not believe."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from models.blocks import Block
from models.detector import Detector, Memory
from models.findings import Finding
from models.windows import Window


@dataclass(frozen=True, slots=True)
class Present:
    """What is known of a site's present besides its readings.

    Attributes:
        site: Its id.
        now_us: By the service's clock.
        received_us: By device id, when its newest message arrived.
        watermark_us: The site's; what lies before it is for the ordered path to say.
        bound_us: By asset id, how long after its end a window of it stays open.
    """

    site: str
    now_us: int
    received_us: Mapping[str, int]
    watermark_us: int
    bound_us: Mapping[str, int]


@runtime_checkable
class Gatekeeper(Detector, Protocol):
    """A detector that watches the sensors and not what they watch.

    The engine asks it before the others about every window of its width, and shows the others of every window only
    what it believes. What it knows lies in its memory, so a restart and a replay show them the same.
    """

    def believed(self, window: Window, memory: Memory) -> Window:
        """The window without the readings of sensors that are at fault; the window itself when there are none.

        Args:
            window: Of any width; what it knows of a narrow one that closes before its own is what it knew before.
            memory: Read only.
        """
        ...

    def believed_block(self, block: Block, memory: Memory) -> tuple[Block, set[str]]:
        """The block without the readings of sensors that are at fault; the block itself when there are none.

        Args:
            block: Of a width that is not narrower than its own, of devices whose homes it has not left since.
            memory: Read only.

        Returns:
            With it the ids of those assets of which a whole word is not believed: they do not fit a block.
        """
        ...

    def silences(self, present: Present, memory: Memory) -> list[Finding]:
        """Who has been silent for so long by the clock that, were time to move on, the ordered path would say so.

        Args:
            present: Of one site.
            memory: Read only.

        Returns:
            Early findings: the ordered path confirms them, or not, once somebody at the site speaks again.
        """
        ...
