"""Evidence: what the model saw when it spoke, frozen as canonical JSON with its hash."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, insert, select

from alerts.tables import EVIDENCE
from alerts.thresholds import ThresholdUsed
from ingest.registry import Asset
from models.findings import Finding


@dataclass(frozen=True, slots=True)
class Document:
    """What is frozen.

    Attributes:
        finding: The detector's word, with window, score, contributions, neighbours and stills.
        place_zh: The asset's place when it was raised.
        place_en: The same in English.
        limits: What the registry said of the asset then.
        thresholds: Every number of detector and policy that counted, by name.
    """

    finding: Finding
    place_zh: str
    place_en: str
    limits: Mapping[str, float | str]
    thresholds: Mapping[str, ThresholdUsed]


@dataclass(frozen=True, slots=True)
class Frozen:
    """A document as its hashed bytes."""

    data: bytes
    sha256: str

    def document(self) -> Document:
        """What the bytes say."""
        return msgspec.json.decode(self.data, type=Document)


def freeze(finding: Finding, asset: Asset, thresholds: Mapping[str, ThresholdUsed]) -> Frozen:
    """The evidence of a finding: equal findings give equal bytes (keys sorted, no spaces, shortest floats)."""
    document = Document(finding, asset.place.zh, asset.place.en, asset.limits, thresholds)
    data = msgspec.json.encode(document, order="sorted")
    return Frozen(data, hashlib.sha256(data).hexdigest())


def add(connection: Connection, order: int, frozen: Frozen, now_us: int) -> None:
    """Put evidence with a work order; what is there already stays as it is."""
    connection.execute(insert(EVIDENCE).values(work_order=order, at_us=now_us, sha256=frozen.sha256, json=frozen.data))


def newest(connection: Connection, order: int) -> Frozen | None:
    """The evidence that was added last, or None for an order that a person raised."""
    row = connection.execute(
        select(EVIDENCE).where(EVIDENCE.c.work_order == order).order_by(EVIDENCE.c.id.desc()).limit(1)
    ).one_or_none()
    return None if row is None else Frozen(row.json, row.sha256)
