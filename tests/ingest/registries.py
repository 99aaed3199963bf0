"""Registries: sound ones of any shape for hypothesis, a small one for examples, and a book that holds it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from ingest.asset_types import LIMITS, Limit, LimitKind
from ingest.metrics import METRICS
from ingest.registry import Asset, AssetClass, Device, Registry, Site, Text
from ingest.registry_book import RegistryBook, Signed
from ingest.sources import NameMapping, Source
from ingest.units import CONVERSIONS

SIGNED = Signed("李工", "a test", 1)

_LETTERS = st.characters(codec="gb18030", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Co", "Cn"])
_words = st.text(_LETTERS, min_size=1, max_size=12).map(str.strip).filter(bool)
_ids = st.text(_LETTERS, min_size=1, max_size=8).map(str.strip).filter(lambda i: bool(i) and not set(i) & set("/+#;；"))
_seconds = st.integers(0, 86_400_000_000)
_finite = st.floats(allow_nan=False, allow_infinity=False, width=64)


def sample() -> Registry:
    """One site, two risers, a pump, a device that calls itself something else, and a source with two names."""
    place = Text("1号楼", "Building 1")
    return Registry(
        sites={"west": Site("west", Text("西湖花园", "West Lake"), ZoneInfo("Asia/Shanghai"))},
        assets={
            "riser-1": Asset("riser-1", "west", AssetClass.RISER, place, {"rated_pressure_kpa": 1000.0}, ("riser-2",)),
            "riser-2": Asset("riser-2", "west", AssetClass.RISER, place),
            "pump-1": Asset("pump-1", "west", AssetClass.PUMP, place, {"power_kw": 7.5, "duty": "steady"}),
        },
        devices={
            "riser-1-pressure": Device("riser-1-pressure", "west", ("riser-1",), 900_000_000),
            "pump-1-monitor": Device("pump-1-monitor", "west", ("pump-1",), 0, "gateway", "PUMP/1", 60_000_000),
        },
        sources={
            "gateway": Source(
                "gateway",
                "thingsboard",
                ("v1/gateway/telemetry", "+/up"),
                "west",
                names=(
                    NameMapping("Pressure", "pressure_kpa", "MPa"),
                    NameMapping("RSSI", ""),
                    NameMapping("Pressure", "pressure_kpa", "bar", 0.1, -1.0, "PUMP/1"),
                ),
            )
        },
    )


def book_of(folder: Path, registry: Registry | None = None) -> RegistryBook:
    """A book that holds the sample, or another registry."""
    book = RegistryBook(folder / "registry.db")
    book.change(lambda _: registry or sample(), SIGNED)
    return book


def _value(limit: Limit) -> st.SearchStrategy[float | str]:
    match limit.kind:
        case LimitKind.CHOICE:
            return st.sampled_from(limit.choices)
        case LimitKind.LIST:
            return st.lists(st.from_regex(r"[沪京][A-Z][0-9]{5}", fullmatch=True), min_size=1).map(" ".join)
        case LimitKind.TEXT:
            return st.just("Europe/Berlin") if limit.name == "timezone" else _words
    if limit.whole:
        return st.integers(int(limit.low), int(limit.high)).map(float)
    return st.floats(limit.low, limit.high)


def _asset(site: str, asset_class: AssetClass, i: str) -> st.SearchStrategy[Asset]:
    optional = {limit.name: _value(limit) for limit in LIMITS[asset_class].values()}
    limits: st.SearchStrategy[Mapping[str, Any]] = st.fixed_dictionaries({}, optional=optional)
    return st.builds(Asset, st.just(i), st.just(site), st.just(asset_class), st.builds(Text, _words, _words), limits)


def _name(key: tuple[str, str]) -> st.SearchStrategy[NameMapping]:
    metric = st.sampled_from(["", *METRICS])
    scale = _finite.filter(bool)
    return metric.flatmap(
        lambda m: st.builds(
            NameMapping,
            st.just(key[1]),
            st.just(m),
            st.sampled_from(["", *CONVERSIONS.get(METRICS[m].unit if m else "", ())]),
            scale,
            _finite,
            st.just(key[0]),
        )
    )


def _source(i: str, sites: Sequence[str]) -> st.SearchStrategy[Source]:
    keys = st.lists(st.tuples(st.one_of(st.just(""), _words), _words), unique=True, max_size=3)
    option = (
        st.text(_LETTERS, min_size=1, max_size=5).map(str.strip).filter(lambda t: bool(t) and not set(t) & set(";；="))
    )
    return st.builds(
        Source,
        st.just(i),
        st.sampled_from(["thingsboard", "senml"]),
        st.lists(st.sampled_from(["+/up", "a/#", "=1/x", "@"]), max_size=2).map(tuple),
        st.sampled_from(["", *sites]),
        st.one_of(st.just(""), _words),
        st.dictionaries(option, option, max_size=2),
        keys.flatmap(lambda found: st.tuples(*map(_name, found))),
    )


@st.composite
def registries(draw: st.DrawFn) -> Registry:
    """A sound registry."""
    site_ids = draw(st.lists(_ids, min_size=1, max_size=3, unique=True))
    zones = st.sampled_from([ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")])
    sites = {i: draw(st.builds(Site, st.just(i), st.builds(Text, _words, _words), zones)) for i in site_ids}
    assets = {
        i: draw(_asset(draw(st.sampled_from(site_ids)), draw(st.sampled_from(AssetClass)), i))
        for i in draw(st.lists(_ids, max_size=5, unique=True))
    }
    sources = {i: draw(_source(i, site_ids)) for i in draw(st.lists(_ids, min_size=1, max_size=3, unique=True))}
    devices = {}
    for i in draw(st.lists(_ids, max_size=4, unique=True)) if assets else ():
        site = assets[draw(st.sampled_from(sorted(assets)))].site
        here = sorted(a for a in assets if assets[a].site == site)
        watched = draw(st.lists(st.sampled_from(here), min_size=1, unique=True).map(tuple))
        source = draw(st.sampled_from(["", *sources]))
        address = draw(st.one_of(st.just(""), _words.map(lambda text, i=i: f"{text}{i}")))
        devices[i] = Device(i, site, watched, draw(_seconds), source, address, draw(_seconds))
    taken = {(d.source, d.address or d.id): d.id for d in devices.values()}
    return Registry(sites, assets, {d.id: d for d in devices.values() if d.id in taken.values()}, sources)
