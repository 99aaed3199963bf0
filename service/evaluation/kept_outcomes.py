"""Kept outcomes: a file for each group that was run, so that a run that was stopped goes on where it stood."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from service.evaluation.fleets import Community
from service.evaluation.outcome import Outcome

_OUTCOME = TypeAdapter(Outcome)


@dataclass(frozen=True, slots=True)
class KeptOutcomes:
    """Outcomes in a folder, by community and commit: another seed, size or commit finds nothing of this one.

    Attributes:
        folder: Of all runs.
        community: What is simulated.
        commit: Of the code; a tree with changes is none, so nobody keeps its outcomes.
    """

    folder: Path
    community: Community
    commit: str

    @property
    def place(self) -> Path:
        """Where those of this run lie."""
        days = (self.community.end_us - self.community.start_us) // 86_400_000_000
        return self.folder / f"{self.commit}-seed{self.community.seed}-{self.community.assets}x{days}"

    def get(self, family: str, number: int) -> Outcome | None:
        """The outcome of a group, or None where it was not run, or a run was stopped while it wrote."""
        try:
            return _OUTCOME.validate_json(self._path(family, number).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def put(self, family: str, number: int, outcome: Outcome) -> None:
        """Keep the outcome of a group."""
        self.place.mkdir(parents=True, exist_ok=True)
        path = self._path(family, number)
        part = path.with_suffix(".part")
        part.write_bytes(_OUTCOME.dump_json(outcome))
        part.replace(path)

    def _path(self, family: str, number: int) -> Path:
        return self.place / f"{family}-{number:03}.json"
