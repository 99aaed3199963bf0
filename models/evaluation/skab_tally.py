"""SKAB tally: rows said and rows true, over one or many recordings, without point adjustment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows judged, over one or many files, without point adjustment."""

    hits: int = 0
    false: int = 0
    missed: int = 0
    sound: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.hits + other.hits, self.false + other.false, self.missed + other.missed, self.sound + other.sound
        )

    def f1(self) -> float:
        """F1 of the anomalous rows; always saying anomalous gives 0.70, so never quote it without the rates."""
        return 2 * self.hits / max(1, 2 * self.hits + self.false + self.missed)

    def false_alarm_rate(self) -> float:
        """Share of sound rows called anomalous."""
        return self.false / max(1, self.false + self.sound)

    def missed_rate(self) -> float:
        """Share of anomalous rows called sound."""
        return self.missed / max(1, self.missed + self.hits)
