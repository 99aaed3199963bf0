"""Watches: the newest word on every asset and failure mode, and the scores that are charted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from alerts import points
from alerts.moments import MINUTE_US
from alerts.tables import WATCH
from ingest.history import Point
from ingest.registry import Registry
from models.findings import Finding, Verdict

_CHART_EVERY_US = MINUTE_US
"""Enough for a chart of an hour; a detector may speak every second."""
_NEVER_US = -(2**62)


@dataclass(frozen=True, slots=True)
class Watch:
    """The newest ordered finding of one (asset, failure mode), and the event time of the last charted one."""

    asset: str
    failure_mode: str
    at_us: int
    verdict: Verdict
    score: float | None
    probability: float | None
    charted_us: int = _NEVER_US


class Watches:
    """Follows ordered findings; `save` writes what changed since the last time.

    With several subjects on an asset at the same time the highest score speaks for it.
    """

    def __init__(self, registry: Registry, known: Iterable[Watch] = ()) -> None:
        self._registry = registry
        self._watches = {(w.asset, w.failure_mode): w for w in known}
        self._touched: set[tuple[str, str]] = set()
        self._points: list[Point] = []

    def hear(self, finding: Finding) -> None:
        """Take up an ordered finding."""
        key = (finding.asset, finding.failure_mode)
        before = self._watches.get(key)
        if before is not None and before.at_us == finding.at_us and (before.score or 0.0) > (finding.score or 0.0):
            return
        charted_us = _NEVER_US if before is None else before.charted_us
        watch = Watch(*key, finding.at_us, finding.verdict, finding.score, finding.probability, charted_us)
        if finding.score is not None and finding.at_us >= charted_us + _CHART_EVERY_US:
            watch = replace(watch, charted_us=finding.at_us)
            self._points.append(self._point(finding, finding.score))
        self._watches[key] = watch
        self._touched.add(key)

    def save(self, connection: Connection) -> None:
        """Write what changed, in the caller's transaction."""
        rows = [
            {
                "asset": w.asset,
                "failure_mode": w.failure_mode,
                "at_us": w.at_us,
                "verdict": w.verdict,
                "score": w.score,
                "probability": w.probability,
                "charted_us": w.charted_us,
            }
            for w in (self._watches[key] for key in sorted(self._touched))
        ]
        if rows:
            statement = insert(WATCH)
            changed = {name: statement.excluded[name] for name in rows[0] if name not in {"asset", "failure_mode"}}
            connection.execute(
                statement.on_conflict_do_update(index_elements=["asset", "failure_mode"], set_=changed), rows
            )
        points.enqueue(connection, self._points)
        self._touched.clear()
        self._points.clear()

    def _point(self, finding: Finding, score: float) -> Point:
        tags = {
            "site": self._registry.assets[finding.asset].site,
            "asset": finding.asset,
            "failure_mode": finding.failure_mode,
        }
        fields: dict[str, float | str] = {"score": score}
        if finding.probability is not None:
            fields["probability"] = finding.probability
        return Point("score", finding.at_us, tags, fields)


def load(connection: Connection) -> list[Watch]:
    """What was saved."""
    return [
        Watch(r.asset, r.failure_mode, r.at_us, Verdict(r.verdict), r.score, r.probability, r.charted_us)
        for r in connection.execute(select(WATCH))
    ]
