"""Card: what a fitted model is, what it was fitted to, and what it reaches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

import msgspec

from models.fitted.errors import ModelDamagedError


class Kind(StrEnum):
    """What a fitted model does."""

    CALIBRATION = "calibration"
    """Makes the probabilities of a failure mode come true."""
    FOREST = "forest"
    """Says how unusual an asset's day is for its class."""


@dataclass(frozen=True, slots=True)
class Card:
    """What one must know before one relies on a model.

    Attributes:
        kind: What it does.
        subject: The failure mode or asset class it is for.
        about: One sentence.
        data: What it was fitted to, and what was held out.
        start_us: Of the span of the data, microseconds since the epoch.
        end_us: Exclusive.
        rows: How many rows it was fitted to.
        seed: Of every die.
        libraries: Versions of what fitted it, by name.
        figures: What it reaches on held-out data, by name.
        digest: sha256 of the stored bytes, in hexadecimal.
    """

    kind: Kind
    subject: str
    about: str
    data: str
    start_us: int
    end_us: int
    rows: int
    seed: int
    libraries: Mapping[str, str]
    figures: Mapping[str, float] = field(default_factory=dict)
    digest: str = ""

    @property
    def name(self) -> str:
        """What the model is called: `calibration:pipe.burst`."""
        return f"{self.kind}:{self.subject}"


@dataclass(frozen=True, slots=True)
class Stored:
    """A model as it is stored: its card, its version, and its bytes.

    Attributes:
        card: What it is.
        version: Counts from 1 for each name; 0 while it has none.
        content: Without pickle: JSON, or skops for scikit-learn's.
    """

    card: Card
    version: int
    content: bytes

    def proven(self) -> bytes:
        """The bytes, if they are those the card was written for.

        Raises:
            ModelDamagedError: They are others.
        """
        found = digest_of(self.content)
        if found != self.card.digest:
            raise ModelDamagedError(self.card.name, self.version, self.card.digest, found)
        return self.content


def digest_of(content: bytes) -> str:
    """The sha256 of stored bytes, in hexadecimal."""
    return sha256(content).hexdigest()


def card_json(card: Card) -> str:
    """A card as it is stored, keys sorted."""
    return msgspec.json.encode(card, order="sorted").decode()


def card_of(text: str) -> Card:
    """What `card_json` wrote."""
    return msgspec.json.decode(text, type=Card)
