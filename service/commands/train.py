"""Train: the command that fits models to this service's own history, and keeps them without putting them in force."""

from datetime import datetime
from getpass import getuser
from typing import Annotated

import typer

from service.commands.options import LOOK_AFTER, Config, Data, settings_of
from service.output import console, show_table

commands = typer.Typer()

_Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="In UTC.")]


@commands.command(rich_help_panel=LOOK_AFTER)
def train(
    who: Annotated[
        str, typer.Option(help="Who does it, for the card.", default_factory=getuser, show_default="your user name")
    ],
    why: Annotated[str, typer.Option(help="Why, for the card.")] = "",
    config: Config = None,
    data: Data = None,
    since: _Day = None,
    until: _Day = None,
    seed: Annotated[int, typer.Option(help="Of every die.")] = 1,
) -> None:
    """Fit models to the history and to what crews found; `precomplaint models activate` puts one in force."""
    from contextlib import closing

    from alerts.database import Database
    from alerts.fitted_models import Act, save
    from service.scheduler import scheduled
    from service.training import found_by_crews, hear_sites, learn
    from service.training_history import history_of, span_of
    from service.wiring import clock_of, folder_of, registry_of

    settings = settings_of(config, data)
    registry, now_us = registry_of(settings).current(), clock_of(settings).now_us()
    with closing(Database(folder_of(settings).database)) as database, console.status("training") as status:
        with database.read() as connection:
            found = found_by_crews(connection)
        with history_of(settings) as store, scheduled(settings):
            span = span_of(settings, store.readings_from_us(), (since, until), now_us)
            words = hear_sites(store, registry, span, settings.training.jobs, status.update)
        learnt = learn(words, registry, found, span, seed)
        with database.write() as connection:
            kept = [save(connection, one.card, one.content, Act(who, why, now_us)) for one in learnt.models]
    for one in kept:
        console.print(f"kept {one.card.name} version {one.version}: {one.card.rows:,} rows; not in force yet")
    for line in learnt.refused:
        console.print(f"not fitted: {line}")
    if learnt.proposals:
        console.print(
            "sound days stay under these raise levels; nothing has been saved, the thresholds page does that:"
        )
        columns = ("threshold", "class", "now", "empirical", "Gumbel", "asset-days")
        show_table(
            columns,
            (
                (p.threshold, p.asset_class, f"{p.now:.3g}", f"{p.empirical:.3g}", f"{p.gumbel:.3g}", p.days)
                for p in learnt.proposals
            ),
        )
