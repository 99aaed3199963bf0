"""Generate: the dashboard "Asset" as Grafana's classic JSON; run with `python -m grafana.generate`."""

from collections.abc import Iterable
from pathlib import Path

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model

from grafana import queries
from ingest.metrics import METRICS

DASHBOARD = Path(__file__).parent / "dashboards" / "asset.json"
_SOURCE = model.DataSourceRef(type_val="influxdb", uid="${datasource}")
_UNITS = {
    "kPa": "pressurekpa",
    "C": "celsius",
    "m/s": "velocityms",
    "m/s2": "accMS2",
    "rpm": "rotrpm",
    "A": "amp",
    "V": "volt",
    "J": "joule",
    "bool": "bool_yes_no",
    "mm/s": "suffix: mm/s",
    "um/s2": "suffix: µm/s²",
    "m3/h": "suffix: m³/h",
    "mm": "lengthmm",
    "h": "suffix: h",
}
"""Grafana's unit for ours; the others are plain numbers."""


class _Influx(Dataquery):
    """An InfluxQL query as Grafana stores it; the SDK has none."""

    def __init__(self, ref: str, query: str, alias: str, form: str) -> None:
        self._ref, self._query, self._alias, self._form = ref, query, alias, form

    def to_json(self) -> dict[str, object]:
        """What the encoder writes."""
        query = {"refId": self._ref, "datasource": _SOURCE, "rawQuery": True, "query": self._query}
        return query | {"resultFormat": self._form} | ({"alias": self._alias} if self._alias else {})


class _Query(Builder[_Influx]):
    def __init__(self, ref: str, query: str, alias: str = "", form: str = "time_series") -> None:
        self._built = _Influx(ref, query, alias, form)

    def build(self) -> _Influx:
        return self._built


class _Target(Dataquery):
    """An annotation's InfluxQL query with exactly the keys that Grafana's editor sets."""

    def __init__(self, query: str) -> None:
        self._query = query

    def to_json(self) -> dict[str, object]:
        """What the encoder writes."""
        columns = {"titleColumn": "title", "textColumn": "text", "tagsColumn": "tags", "timeEndColumn": ""}
        query = {"refId": "Annotation", "query": self._query, "rawQuery": True, "textEditor": True}
        return query | columns | {"fromAnnotations": True}


class _Annotation(Builder[model.AnnotationQuery]):
    def __init__(self, name: str, query: str, colour: str, *, shown: bool) -> None:
        self._built = model.AnnotationQuery(
            name=name, datasource=_SOURCE, enable=shown, icon_color=colour, target=_Target(query)
        )

    def build(self) -> model.AnnotationQuery:
        return self._built


def build() -> str:
    """The dashboard's JSON text, the same on every call."""
    board = (
        dashboard.Dashboard("Precomplaint / Asset")
        .uid("precomplaint-asset")
        .description("One asset: its signals with their thresholds, what the models make of them, and its work orders.")
        .tags(["precomplaint"])
        .readonly()
        .time("now-24h", "now")
        .refresh("30s")
        .timezone("browser")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
    )
    for variable in _variables():
        board = board.with_variable(variable)
    board = board.annotations(
        [
            _Annotation("Work orders", queries.annotation("raised", '"${language:raw}"'), "red", shown=True),
            _Annotation("Moves of work orders", queries.annotation("moved", '"state"'), "blue", shown=False),
            _Annotation("Changes of thresholds", queries.THRESHOLD_CHANGES, "orange", shown=True),
        ]
    )
    for panel in (_finding_panel(), _orders_panel(), _thresholds_panel(), _signal_panel()):
        board = board.with_panel(panel)
    return JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(board.build()) + "\n"


def _variables() -> Iterable[Builder[model.VariableModel]]:
    everything = model.VariableOption(selected=True, text="All", value="$__all")
    yield dashboard.DatasourceVariable("datasource").label("Data source").type("influxdb")
    yield _variable("site", "Site", queries.SITES)
    yield _variable("asset", "Asset", queries.ASSETS)
    yield (
        _variable("device", "Devices of the asset", queries.DEVICES)
        .multi(True)
        .include_all(True)
        .current(everything)
        .hide(model.VariableHide.HIDE_VARIABLE)
    )
    yield _variable("metric", "Signal", queries.METRICS).multi(True).include_all(True).current(everything)
    yield dashboard.CustomVariable("language").label("Titles").values("中文 : title_zh, English : title_en")


def _variable(name: str, label: str, query: str) -> dashboard.QueryVariable:
    # Since 11.x the InfluxDB data source reads the query out of an object; a bare text finds nothing.
    wrapped: dict[str, object] = {"query": query, "refId": "InfluxVariableQueryEditor-VariableQuery"}
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .datasource(_SOURCE)
        .query(wrapped)
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
    )


def _chart(number: int, title: str, description: str) -> timeseries.Panel:
    return (
        timeseries.Panel()
        .id(number)
        .title(title)
        .description(description)
        .datasource(_SOURCE)
        .legend(
            common_builders.VizLegendOptions()
            .show_legend(True)
            .display_mode(common.LegendDisplayMode.LIST)
            .placement(common.LegendPlacement.BOTTOM)
        )
        .tooltip(common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI))
        .line_width(1)
        .show_points(common.VisibilityMode.AUTO)
    )


def _steps(colour: str) -> list[model.DynamicConfigValue]:
    """How a threshold is drawn: a dashed line in steps."""
    return [
        model.DynamicConfigValue("custom.lineInterpolation", "stepAfter"),
        model.DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [10, 10]}),
        model.DynamicConfigValue("custom.showPoints", "never"),
        model.DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour}),
    ]


def _finding_panel() -> Builder[model.Panel]:
    return (
        _chart(
            1,
            "Probability and score",
            "What the models say of this asset: for predictive failure modes the probability of a failure within their "
            "horizon, for all of them the score. Dashed: the level from which on a work order is raised.",
        )
        .unit("percentunit")
        .min(0)
        .max(1)
        .with_target(_Query("A", queries.finding("probability"), "$tag_failure_mode: probability"))
        .with_target(_Query("B", queries.finding("score"), "$tag_failure_mode: score"))
        .with_target(_Query("C", queries.RAISE_THRESHOLDS, "$tag_name"))
        .override_by_query("C", _steps("red"))
        .grid_pos(model.GridPos(h=9, w=24, x=0, y=0))
    )


def _orders_panel() -> Builder[model.Panel]:
    return (
        table.Panel()
        .id(2)
        .title("Work orders")
        .description("What happened to the work orders of this asset, the newest first.")
        .datasource(_SOURCE)
        .unit("string")
        .show_header(True)
        .with_target(_Query("A", queries.WORK_ORDERS, form="table"))
        .grid_pos(model.GridPos(h=8, w=15, x=0, y=9))
    )


def _thresholds_panel() -> Builder[model.Panel]:
    return (
        table.Panel()
        .id(3)
        .title("Thresholds in force")
        .description(
            "The numbers that count for this asset at the end of the range, the narrowest scope having won. The last "
            "part of a name is the unit. They are changed in Precomplaint, never here."
        )
        .datasource(_SOURCE)
        .unit("short")
        .show_header(True)
        .with_target(_Query("A", queries.THRESHOLDS, form="table"))
        .grid_pos(model.GridPos(h=8, w=9, x=15, y=9))
    )


def _signal_panel() -> Builder[model.Panel]:
    panel = (
        _chart(
            4,
            "$metric",
            "What the asset's devices measured. Points without a line were late or out of range, and no model saw "
            "them. Dashed: the thresholds whose name holds the metric's.",
        )
        .unit("short")
        .span_nulls(3_600_000.0)
        .with_target(_Query("A", queries.SIGNAL, "$tag_metric: $tag_device"))
        .with_target(_Query("B", queries.SIGNAL_NOT_SCORED, "$tag_metric: $tag_device, not scored"))
        .with_target(_Query("C", queries.SIGNAL_THRESHOLDS, "$tag_name"))
        .override_by_query("C", _steps("orange"))
        .override_by_query("B", [model.DynamicConfigValue("custom.drawStyle", "points")])
        .repeat("metric")
        .repeat_direction("v")
        .grid_pos(model.GridPos(h=9, w=24, x=0, y=17))
    )
    for unit, ours in _metrics_by_unit().items():
        panel = panel.override_by_regexp(f"/{'|'.join(ours)}/", [model.DynamicConfigValue("unit", unit)])
    return panel


def _metrics_by_unit() -> dict[str, list[str]]:
    units: dict[str, list[str]] = {}
    for metric in METRICS.values():
        if metric.unit in _UNITS:
            units.setdefault(_UNITS[metric.unit], []).append(metric.name)
    return units


if __name__ == "__main__":
    DASHBOARD.parent.mkdir(exist_ok=True)
    DASHBOARD.write_text(build(), encoding="utf-8")
