"""Fitted models: the saved versions with their cards, and which is in force from when on."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy import Connection, Row, func, insert, select

from alerts.database import Database
from alerts.errors import NothingToRollBackError, UnknownModelError
from alerts.tables import FITTED_MODEL, MODEL_ACTIVATION
from models.errors import ModelError
from models.fitted.card import Card, Kind, Stored, card_json, card_of, digest_of
from models.fitted.probability_map import map_of
from models.fitted.recalibration import Active

log = structlog.get_logger()

NONE = 0
"""The version that stands for what ships: no model in force."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, why, and when by the service's clock (microseconds since the epoch)."""

    who: str
    why: str
    now_us: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A version that is kept: the model, and who fitted it, why and when."""

    stored: Stored
    who: str
    why: str
    fitted_us: int


@dataclass(frozen=True, slots=True)
class Activation:
    """Which version of a model is in force from a moment on (0: none)."""

    name: str
    version: int
    who: str
    why: str
    effective_us: int


def save(connection: Connection, card: Card, content: bytes, act: Act) -> Stored:
    """Keep a new version with its digest in its card; it is in force for nobody until it is activated."""
    card = replace(card, digest=digest_of(content))
    newest = select(func.max(FITTED_MODEL.c.version)).where(FITTED_MODEL.c.name == card.name)
    version = (connection.execute(newest).scalar() or 0) + 1
    connection.execute(
        insert(FITTED_MODEL).values(
            name=card.name,
            version=version,
            card=card_json(card),
            content=content,
            who=act.who,
            why=act.why,
            fitted_us=act.now_us,
        )
    )
    return Stored(card, version, content)


def kept(connection: Connection, name: str | None = None) -> list[Kept]:
    """Every version of one model or of all, by name, then oldest first."""
    query = select(FITTED_MODEL).order_by(FITTED_MODEL.c.name, FITTED_MODEL.c.version)
    if name is not None:
        query = query.where(FITTED_MODEL.c.name == name)
    return [_kept(row) for row in connection.execute(query)]


def one(connection: Connection, name: str, version: int) -> Kept:
    """One version.

    Raises:
        UnknownModelError: It is not kept.
    """
    query = select(FITTED_MODEL).where(FITTED_MODEL.c.name == name, FITTED_MODEL.c.version == version)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownModelError(name, version)
    return _kept(row)


def activate(connection: Connection, name: str, version: int, act: Act) -> Activation:
    """Put a version in force for event times from now on, once its bytes have been proven.

    Raises:
        UnknownModelError: It is not kept.
        ModelDamagedError: Its bytes are not those of its card.
        ModelTypesError: It holds types that are not on our list.
        ModelUnreadableError: It is no model of its kind.
    """
    prove(one(connection, name, version).stored)
    return _put_in_force(connection, name, version, act)


def roll_back(connection: Connection, name: str, act: Act) -> Activation:
    """Put in force what was before the newest activation: another version, or none.

    Raises:
        NothingToRollBackError: The model was never activated.
    """
    earlier = activations(connection, name)
    if not earlier:
        raise NothingToRollBackError(name)
    before = earlier[-2].version if len(earlier) > 1 else NONE
    if before != NONE:
        prove(one(connection, name, before).stored)
    return _put_in_force(connection, name, before, act)


def activations(connection: Connection, name: str | None = None) -> list[Activation]:
    """What was put in force, oldest first, of one model or of all."""
    query = select(MODEL_ACTIVATION).order_by(MODEL_ACTIVATION.c.id)
    if name is not None:
        query = query.where(MODEL_ACTIVATION.c.name == name)
    return [Activation(row.name, row.version, row.who, row.why, row.effective_us) for row in connection.execute(query)]


def in_force(connection: Connection, name: str, at_us: int) -> Stored | None:
    """The version of a model that is in force at an event time, its bytes proven; None: what ships.

    Raises:
        ModelDamagedError: Its bytes are not those of its card.
    """
    versions = [activation.version for activation in activations(connection, name) if activation.effective_us <= at_us]
    if not versions or versions[-1] == NONE:
        return None
    stored = one(connection, name, versions[-1]).stored
    stored.proven()
    return stored


def prove(stored: Stored) -> None:
    """Return if a model's bytes are those of its card and can be read as its kind; see `activate`."""
    content = stored.proven()
    if stored.card.kind is Kind.CALIBRATION:
        map_of(stored.card.name, content)
    else:
        from models.fitted.class_forest import forest_of  # noqa: PLC0415 -- scikit-learn is no part of scoring

        forest_of(stored.card.name, content)


class SavedModels:
    """The calibrations in force in the database. See `models.fitted.recalibration.CalibrationBook`.

    Asking touches no database; `refresh` looks whether somebody activated or rolled back since, and is called by
    whoever works with the book before each piece of work. A version whose bytes have been damaged since is refused and
    logged, and what ships holds in its place: a broken map must not stop the work orders.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._newest = 0
        self._in_force: dict[str, tuple[list[int], list[Active | None]]] = {}
        self.refresh()

    def calibration(self, failure_mode: str, at_us: int) -> Active | None:
        """The map in force for a failure mode at an event time, or None."""
        chain = self._in_force.get(f"{Kind.CALIBRATION}:{failure_mode}")
        if chain is None:
            return None
        index = bisect_right(chain[0], at_us)
        return chain[1][index - 1] if index else None

    def refresh(self) -> bool:
        """Take up what was activated since; whether there was anything."""
        with self._database.read() as connection:
            newest = connection.execute(select(func.max(MODEL_ACTIVATION.c.id))).scalar() or 0
            if newest == self._newest:
                return False
            self._in_force = _chains(connection, activations(connection))
        self._newest = newest
        return True


def _chains(
    connection: Connection, activated: Iterable[Activation]
) -> dict[str, tuple[list[int], list[Active | None]]]:
    chains: dict[str, tuple[list[int], list[Active | None]]] = {}
    for activation in activated:
        if not activation.name.startswith(f"{Kind.CALIBRATION}:"):
            continue
        times, maps = chains.setdefault(activation.name, ([], []))
        times.append(activation.effective_us)
        maps.append(_active(connection, activation))
    return chains


def _active(connection: Connection, activation: Activation) -> Active | None:
    if activation.version == NONE:
        return None
    stored = one(connection, activation.name, activation.version).stored
    try:
        fitted = map_of(activation.name, stored.proven())
    except ModelError as error:
        log.error("model.refused", model=activation.name, version=activation.version, because=str(error))  # noqa: TRY400 -- a reason, no trace
        return None
    return Active(activation.name, activation.version, fitted)


def _put_in_force(connection: Connection, name: str, version: int, act: Act) -> Activation:
    earlier = activations(connection, name)
    # A clock that was set back must not hide the new activation behind the old one.
    effective_us = max(act.now_us, earlier[-1].effective_us if earlier else act.now_us)
    activation = Activation(name, version, act.who, act.why, effective_us)
    connection.execute(
        insert(MODEL_ACTIVATION).values(name=name, version=version, who=act.who, why=act.why, effective_us=effective_us)
    )
    return activation


def _kept(row: Row[Any]) -> Kept:
    return Kept(Stored(card_of(row.card), row.version, row.content), row.who, row.why, row.fitted_us)
