"""Models: the commands that list fitted models, show a card, put a version in force and take it back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from getpass import getuser
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.options import Config, Data, settings_of
from service.output import console, show_table

if TYPE_CHECKING:
    from alerts.database import Database
    from alerts.fitted_models import Act

commands = typer.Typer(no_args_is_help=True, help="Fitted models: their cards, which is in force, and back.")

Name = Annotated[str, typer.Argument(help="As `list` shows it: calibration:pipe.burst.")]
Who = Annotated[
    str, typer.Option(help="Who does it, for the history.", default_factory=getuser, show_default="your user name")
]
Why = Annotated[str, typer.Option(help="Why, for the history.")]


@commands.command("list")
def list_models(config: Config = None, data: Data = None) -> None:
    """Show every version, and which is in force."""
    from alerts.fitted_models import activations, kept

    with _opened(config, data) as (database, now_us), database.read() as connection:
        found = kept(connection)
        in_force = {one.name: one.version for one in activations(connection) if one.effective_us <= now_us}
    show_table(
        ("model", "version", "in force", "rows", "from", "to", "who", "why"),
        (
            (
                one.stored.card.name,
                one.stored.version,
                "yes" if in_force.get(one.stored.card.name) == one.stored.version else "",
                one.stored.card.rows,
                _day(one.stored.card.start_us),
                _day(one.stored.card.end_us),
                one.who,
                one.why,
            )
            for one in found
        ),
    )


@commands.command()
def show(name: Name, version: Annotated[int, typer.Argument(min=1)], config: Config = None, data: Data = None) -> None:
    """Show a version's card, and whether its bytes are still those it was written for."""
    from dataclasses import asdict

    from alerts.fitted_models import one, prove

    with _opened(config, data) as (database, _), database.read() as connection:
        found = one(connection, name, version)
    card = asdict(found.stored.card)
    card |= {"start_us": _day(card["start_us"]), "end_us": _day(card["end_us"])}
    prove(found.stored)
    rows = [("model", name), ("version", version), ("fitted", _day(found.fitted_us)), ("by", found.who)]
    rows += [("why", found.why), *((key.removesuffix("_us"), value) for key, value in card.items())]
    show_table(("", "card"), rows)


@commands.command()
def activate(
    name: Name,
    version: Annotated[int, typer.Argument(min=1)],
    who: Who,
    why: Why = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Put a version in force for what happens from now on; a running service takes it up with its next step."""
    from alerts.fitted_models import activate as put_in_force

    with _opened(config, data) as (database, now_us), database.write() as connection:
        put_in_force(connection, name, version, _act(who, why, now_us))
    console.print(f"{name} version {version} is in force from {_minute(now_us)} on")


@commands.command("roll-back")
def roll_back(name: Name, who: Who, why: Why = "", config: Config = None, data: Data = None) -> None:
    """Put in force what was before the newest activation: another version, or what ships."""
    from alerts.fitted_models import NONE
    from alerts.fitted_models import roll_back as take_back

    with _opened(config, data) as (database, now_us), database.write() as connection:
        activation = take_back(connection, name, _act(who, why, now_us))
    what = "what ships" if activation.version == NONE else f"version {activation.version}"
    console.print(f"{name}: {what} is in force from {_minute(now_us)} on")


@commands.command()
def unusual(
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Which day, in UTC; yesterday by default.")
    ] = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Say which assets had an unusual day for their class, by the forests in force; nobody is sent."""
    from datetime import UTC

    from models.fitted.site_words import DAY_US
    from service.nightly import forests_of, looks_on
    from service.nightly import unusual as unusual_of
    from service.training_history import history_of
    from service.wiring import registry_of

    settings = settings_of(config, data)
    with _opened(config, data) as (database, now_us):
        with database.read() as connection:
            forests = forests_of(connection, now_us)
        yesterday_us = now_us // DAY_US * DAY_US - DAY_US
        day_us = yesterday_us if day is None else round(day.replace(tzinfo=UTC).timestamp() * 1e6)
        with history_of(settings) as store:
            looks = looks_on(store, registry_of(settings).current(), day_us)
    found = unusual_of(looks, forests)
    judged = ", ".join(sorted(forests)) or "no class: no forest is in force"
    console.print(f"{_day(day_us)}: {len(found)} unusual; judged: {judged}")
    if found:
        show_table(
            ("asset", "class", "a sound day is so unusual in"),
            ((one.asset, one.asset_class, f"1 of {1 / one.chance:,.0f}") for one in found),
        )


def _act(who: str, why: str, now_us: int) -> "Act":
    from alerts.fitted_models import Act

    return Act(who, why, now_us)


@contextmanager
def _opened(config: Config, data: Data) -> Iterator[tuple["Database", int]]:
    """The main database, and the service's time.

    Raises:
        ServiceError: There is none in this folder.
    """
    from contextlib import closing

    from alerts.database import Database
    from service.errors import ServiceError
    from service.wiring import clock_of, folder_of

    settings = settings_of(config, data)
    folder = folder_of(settings)
    if not folder.database.exists():
        raise ServiceError(f"nothing was ever scored in {folder.root}: start the service, or name its folder by --data")
    with closing(Database(folder.database)) as database:
        yield database, clock_of(settings).now_us()


def _day(at_us: int) -> str:
    return _minute(at_us)[:10]


def _minute(at_us: int) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(at_us / 1e6, UTC):%Y-%m-%d %H:%M} UTC"
