"""Views: work orders as the API shows them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from alerts import evidence
from alerts.api.schemas import (
    DeadlineOut,
    Detail,
    EvidenceLinks,
    HistoryOut,
    PhotoOut,
    StillOut,
    Summary,
    TextOut,
    TimeToFailureOut,
)
from alerts.checklist import checklist
from alerts.deadlines import DeadlineName
from alerts.evidence import Frozen
from alerts.life import Outcome, State, moves
from alerts.moments import at, at_or_none
from alerts.order_list import Order, one
from alerts.places import place_of, zone_of
from alerts.tables import HISTORY, PHOTO, STILL
from alerts.words.names import DEADLINE_NAMES, STATE_NAMES, category, mode_name
from alerts.words.sentences import counterfactual, how_sure, why
from alerts.words.steps import bring, steps, warnings
from ingest.registry import AssetClass, Registry, Text
from models.findings import Finding

API = "/api/v1"


def text(words: Text) -> TextOut:
    """A text as the API gives it."""
    return TextOut(zh=words.zh, en=words.en)


def summary(order: Order, registry: Registry, now_us: int) -> Summary:
    """A work order as lists show it."""
    row = order.row
    respond = next(d for d in order.deadlines if d.name is DeadlineName.RESPOND)
    return Summary(
        id=row.id,
        number=row.number,
        site=row.site,
        timezone=zone_of(registry, row.site).key,
        asset=row.asset,
        asset_class=AssetClass(row.asset_class),
        place=text(place_of(registry, row.asset)),
        failure_mode=row.failure_mode,
        mode_name=text(mode_name(row.failure_mode)),
        subject=row.subject,
        title=TextOut(zh=row.title_zh, en=row.title_en),
        level=row.level,
        category=text(category(row.failure_mode, AssetClass(row.asset_class))),
        state=row.state,
        state_name=text(STATE_NAMES[row.state]),
        probability=row.probability,
        time_to_failure=_time_to_failure(order),
        raised_at=at(row.raised_us),
        started_at=at(order.started_us),
        ended_at=at_or_none(order.ended_us),
        respond_by=at(respond.by_us),
        responded_at=at_or_none(respond.met_us),
        deadlines=[_deadline(d.name, d.by_us, d.met_us) for d in order.deadlines],
        overdue=order.overdue(now_us),
        outcome=row.outcome,
        version=row.version,
    )


def detail(connection: Connection, order_id: int, registry: Registry, now_us: int) -> Detail:
    """A work order with everything a crew needs, in the words of now.

    Raises:
        UnknownWorkOrderError: There is none with this id.
    """
    order = one(connection, order_id)
    row = order.row
    frozen = evidence.newest(connection, order_id)
    finding = frozen.document().finding if frozen else None
    return Detail(
        **dict(summary(order, registry, now_us)),
        **_said(row, finding, registry, now_us),
        evidence=frozen and _links(order_id, frozen, finding),
        stills=_stills(connection, order_id),
        photos=_photos(connection, order_id),
        history=_history(connection, order_id),
        moves=list(moves(State(row.state), row.outcome and Outcome(row.outcome))),
    )


def _said(
    row: Row[Any], finding: Finding | None, registry: Registry, now_us: int
) -> dict[str, TextOut | list[TextOut] | None]:
    otherwise = counterfactual(finding)
    facts = (finding.evidence.facts if finding and finding.evidence else None) or {}
    kind, failure_mode = str(facts.get("kind", "")), row.failure_mode
    listed = checklist(failure_mode, row.asset, registry)
    return {
        "how_sure": text(how_sure(finding, zone_of(registry, row.site), now_us)),
        "why": text(why(finding)),
        "counterfactual": text(otherwise) if otherwise else None,
        "steps": _texts([*filter(None, [listed]), *steps(failure_mode, kind)]),
        "bring": _texts(bring(failure_mode, kind)),
        "warnings": _texts(warnings(failure_mode, kind)),
    }


def _texts(words: Sequence[Text]) -> list[TextOut]:
    return [text(one_text) for one_text in words]


def _time_to_failure(order: Order) -> TimeToFailureOut | None:
    row = order.row
    if row.p50_us is None:
        return None
    return TimeToFailureOut(p10=at(row.p10_us), p50=at(row.p50_us), p90=at(row.p90_us))


def _deadline(name: DeadlineName, by_us: int, met_us: int | None) -> DeadlineOut:
    return DeadlineOut(name=name.value, label=text(DEADLINE_NAMES[name]), by=at(by_us), met_at=at_or_none(met_us))


def _links(order: int, frozen: Frozen, finding: Finding | None) -> EvidenceLinks:
    url = f"{API}/work-orders/{order}/evidence"
    picture = f"{url}.png" if finding and finding.evidence else None
    return EvidenceLinks(sha256=frozen.sha256, url=url, picture_url=picture)


def _stills(connection: Connection, order: int) -> list[StillOut]:
    rows = connection.execute(select(STILL).where(STILL.c.work_order == order).order_by(STILL.c.at_us)).all()
    url = f"{API}/work-orders/{order}/stills"
    return [
        StillOut(sha256=r.sha256, url=f"{url}/{r.sha256}", at=at(r.at_us), deleted_at=at_or_none(r.deleted_us))
        for r in rows
    ]


def _photos(connection: Connection, order: int) -> list[PhotoOut]:
    rows = connection.execute(select(PHOTO).where(PHOTO.c.work_order == order).order_by(PHOTO.c.id)).all()
    return [
        PhotoOut(id=r.id, url=f"{API}/work-orders/{order}/photos/{r.id}", kind=r.kind, who=r.who, at=at(r.at_us))
        for r in rows
    ]


def _history(connection: Connection, order: int) -> list[HistoryOut]:
    rows = connection.execute(select(HISTORY).where(HISTORY.c.work_order == order).order_by(HISTORY.c.id)).all()
    return [
        HistoryOut(at=at(r.at_us), who=r.who, action=r.action, from_=r.from_state, to=r.to_state, note=r.note)
        for r in rows
    ]
