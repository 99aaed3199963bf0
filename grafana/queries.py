"""Queries: the InfluxQL of the dashboards, over the series of `ingest/stores/README.md`.

Every variable names its format: without one Grafana escapes a value or not depending on where it believes it stands.
`$timeFilter` and `$__interval` are put in by Grafana's backend, `${__from}` and `${__to}` by the browser.
"""

# ruff: noqa: S608 -- what is put in are constants of this file and variables that Grafana escapes

from ingest.readings import UNSCORED
from ingest.threshold_line import IN_FORCE

_ASSET = '"site" =~ /^${site:regex}$/ AND "asset" =~ /^${asset:regex}$/'
_DEVICES = '"device" =~ /^${device:regex}$/'
_SCORED = f'"quality" & {int(UNSCORED)} = 0'
"""Neither late nor out of range; the other flags tell people about a sensor, and models see what they stand at."""
_NOT_SCORED = f'"quality" & {int(UNSCORED)} > 0'
_A_DAY_MORE = "time >= ${__from}ms - 24h AND time <= ${__to}ms"
"""A threshold is repeated each day, so that a day before the range has a point of each."""

SITES = 'SHOW TAG VALUES FROM "watch" WITH KEY = "site"'
ASSETS = 'SHOW TAG VALUES FROM "watch" WITH KEY = "asset" WHERE "site" =~ /^${site:regex}$/'
DEVICES = f'SHOW TAG VALUES FROM "watch" WITH KEY = "device" WHERE {_ASSET}'
METRICS = f'SHOW TAG VALUES FROM "reading" WITH KEY = "metric" WHERE {_DEVICES}'

_METRIC = f'{_DEVICES} AND "metric" =~ /^${{metric:regex}}$/'
SIGNAL = (
    f'SELECT mean("value") FROM "reading" WHERE {_METRIC} AND {_SCORED} AND $timeFilter '
    'GROUP BY time($__interval), "device", "metric" fill(none)'
)
SIGNAL_NOT_SCORED = (
    f'SELECT "value" FROM "reading" WHERE {_METRIC} AND {_NOT_SCORED} AND $timeFilter GROUP BY "device", "metric"'
)


def _line(names: str) -> str:
    return (
        f'SELECT last("value") FROM "{IN_FORCE}" WHERE {_ASSET} AND "name" =~ /{names}/ AND {_A_DAY_MORE} '
        'GROUP BY time($__interval), "name" fill(previous)'
    )


SIGNAL_THRESHOLDS = _line("${metric:regex}")
"""A threshold belongs on the axis of a metric when its name holds the metric's: `pump.bearing.kurtosis_watch`."""
RAISE_THRESHOLDS = _line(r"\.(raise|emergency)_(probability|score)$")


def finding(field: str) -> str:
    """The score or the probability of each failure mode."""
    return (
        f'SELECT max("{field}") FROM "score" WHERE {_ASSET} AND $timeFilter '
        'GROUP BY time($__interval), "failure_mode" fill(none)'
    )


WORK_ORDERS = (
    'SELECT "number", "failure_mode", "level", "state", "action", "${language:raw}" AS "title" FROM "work_order" '
    f"WHERE {_ASSET} AND $timeFilter ORDER BY time DESC LIMIT 200"
)
THRESHOLDS = f'SELECT last("value") AS "value" FROM "{IN_FORCE}" WHERE {_ASSET} AND {_A_DAY_MORE} GROUP BY "name"'


def annotation(action: str, text: str) -> str:
    """Work orders that were raised or moved, with their number as title and `text` (a field) below it."""
    return (
        f'SELECT "number" AS "title", {text} AS "text", "level" AS "tags" FROM "work_order" '
        f"WHERE {_ASSET} AND \"action\" = '{action}' AND $timeFilter"
    )


THRESHOLD_CHANGES = (
    'SELECT "value", "name" AS "title", "why" AS "text", "who" AS "tags" FROM "threshold" '
    f"WHERE {_ASSET} AND \"who\" != '' AND $timeFilter"
)
"""The changes somebody made that count for the asset; what held when the service started has no `who`."""
