"""Snapshots: the route a backup asks; it writes only where somebody on this machine has made room for it."""

from dataclasses import replace
from pathlib import Path

from alerts.api.backend import SnapshotMaker
from alerts.errors import SnapshotFailedError
from tests.alerts.api_service import Service

NAME = "0123456789abcdef" * 2


class OnePlace:
    """Has one folder, and notes what was written where.

    Args:
        place: That folder.
        fails: Whether copying fails.
    """

    def __init__(self, place: Path, *, fails: bool = False) -> None:
        self.made: list[Path] = []
        self._place, self._fails = place, fails

    def place(self, name: str) -> Path | None:
        """Its folder, under its own name only."""
        return self._place if name == self._place.name else None

    def make(self, place: Path) -> int:
        """Note it."""
        if self._fails:
            raise SnapshotFailedError("the disk is full")
        self.made.append(place)
        return 42


def give(service: Service, maker: SnapshotMaker | None) -> None:
    """Have the service copy with this from now on."""
    service.app.state.backend = replace(service.app.state.backend, snapshots=maker)


def test_a_copy_goes_where_somebody_made_room(service: Service, tmp_path: Path) -> None:
    """It is written into the folder of that name; a name nobody made, and one that is no name, get nothing written."""
    maker = OnePlace(tmp_path / NAME)
    give(service, maker)
    answers = [service.post(f"/snapshots/{name}", {}) for name in (NAME, "0" * 32, "..", "a" * 33, NAME.upper())]

    assert [answer.status_code for answer in answers] == [201, 404, 404, 422, 422]
    assert answers[0].json() == {"position": 42}
    assert maker.made == [tmp_path / NAME]


def test_what_kept_it_from_copying_is_said(service: Service, tmp_path: Path) -> None:
    """A copy that fails is a problem with its reason; where there is no embedded history there is nothing to copy."""
    give(service, OnePlace(tmp_path / NAME, fails=True))
    failed = service.post(f"/snapshots/{NAME}", {})
    give(service, None)
    elsewhere = service.post(f"/snapshots/{NAME}", {})

    assert (failed.status_code, failed.json()["detail"]) == (500, "the disk is full")
    assert elsewhere.status_code == 404
