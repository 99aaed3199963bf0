"""History schemas: what the API gives and takes of the time-series store and of what it refused."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from alerts.api.schemas import In, Out

State = Literal["forwarding", "troubled", "elsewhere"]


class HistoryOut(Out):
    """How the time-series store does."""

    state: State
    """`troubled`: something keeps readings or summaries from it; nothing is lost, the log keeps what waits.
    `elsewhere`: this process does not fill it."""
    trouble: str
    """One sentence, empty while all is well."""
    lag_positions: int | None
    """How far it is behind the log."""
    readings_from: datetime | None
    """Before this only summaries are kept; null if nothing was ever dropped, or the store does not answer."""
    refused: dict[str, int]
    """By reason, how many points it refused for good and are kept for somebody to decide about."""
    refused_ever: dict[str, int]
    """By reason, how many it ever refused, those included that are gone."""


class RefusedPointOut(Out):
    """A point that the time-series store would not take."""

    number: int
    line: str
    """In line protocol, its time in nanoseconds."""
    policy: str
    """The retention policy it was meant for; empty for the database's own."""
    reason: str
    """A name for machines, such as `type_conflict`."""
    detail: str
    """What the server said."""
    refused_at: datetime
    retry_requested: bool
    """It will be sent again, as soon as the forwarder comes to it."""


class RefusedPage(Out):
    """Refused points, oldest first."""

    items: list[RefusedPointOut]
    cursor: int | None
    """Hand it back for the next page; null at the end."""


class RefusedChoiceIn(In):
    """Which refused points are meant: one, those of a reason, or all."""

    number: Annotated[int | None, Field(ge=1, le=2**53)] = None
    reason: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    all: bool = False

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if (self.number is not None) + (self.reason is not None) + self.all != 1:
            message = "choose one: number, reason or all"
            raise ValueError(message)
        return self


class ChangedOut(Out):
    """How many refused points were meant."""

    changed: int
