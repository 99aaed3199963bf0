"""Levels: how urgent a work order is, in the property trade's own three levels."""

from enum import StrEnum


class Level(StrEnum):
    """I is the most urgent. Source: DESIGN, "Levels and deadlines"."""

    I = "I"  # noqa: E741 -- the trade writes its levels so
    II = "II"
    III = "III"

    @property
    def rank(self) -> int:
        """1 for I, 3 for III: lower is more urgent."""
        return len(self.value)

    def raised_by(self, steps: int) -> "Level":
        """The level `steps` more urgent, I at most.

        Example:
            >>> Level.III.raised_by(1)
            <Level.II: 'II'>
        """
        return Level("I" * max(1, self.rank - steps))
