"""Coverage schemas: what the API says of who is watched."""

from datetime import datetime

from alerts.api.schemas import Out, TextOut
from alerts.coverage import Cause, Standing
from ingest.registry import AssetClass


class CoverOut(Out):
    """How it stands with one asset and failure mode."""

    site: str
    asset: str
    asset_class: AssetClass
    place: TextOut
    failure_mode: str
    mode_name: TextOut
    standing: Standing
    """`not_watched`: nothing is there that could see it; `unknown`: it ought to be watched and is not at this moment;
    `learning`: too early for a word; `watched`."""
    standing_name: TextOut
    cause: Cause
    sentence: TextOut
    """Why, and what to do where somebody can do something."""
    device: str | None
    """The device it is about."""
    since: datetime | None
    until: datetime | None
    """Until about when it learns."""


class SiteCoverageOut(Out):
    """How many asset and failure modes of a site stand how."""

    site: str
    name: TextOut
    not_watched: int
    unknown: int
    learning: int
    watched: int


class CoverageOut(Out):
    """Which assets are watched for what right now, worst first."""

    now: datetime
    sites: list[SiteCoverageOut]
    items: list[CoverOut]
    """Without those that are watched, unless `all` asks for them."""
