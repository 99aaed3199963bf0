"""In process: messages judged by the live code, from bytes to work orders, without a broker or a file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pydantic import SecretStr

from alerts.episodes import Confirmed, Ended, EpisodeTracker, Key, Raised, Risen
from alerts.levels import Level
from alerts.tunables import tunables_of
from device_simulators.message import Message
from ingest.arrival import Arrival
from ingest.decode import Decoder
from ingest.log import Record
from ingest.plates import PlateSeal
from ingest.registry import Registry
from ingest.settings import IngestSettings
from models.detector import Detector
from models.engine import Engine
from models.findings import Finding
from models.thresholds import DefaultThresholds, ThresholdBook

_PLATE_KEY = SecretStr("of simulated plates, which are nobody's")


@dataclass(frozen=True, slots=True)
class Order:
    """A work order that the chain raised.

    Attributes:
        key: Asset, failure mode and subject.
        started_us: Start of its episode, event time, microseconds since the epoch.
        raised_us: When it was raised: the site's watermark then, so windows and lateness have been waited for.
        level: The most urgent it was.
        ended_us: End of its episode, or None while it is open.
        confirmed: False when the ordered path never agreed with the early word that raised it.
        went_on: The episodes it went on with, each as an order of its own would have been; see `Mode.goes_on_from`.
    """

    key: Key
    started_us: int
    raised_us: int
    level: Level
    ended_us: int | None = None
    confirmed: bool = True
    went_on: tuple["Order", ...] = ()


@dataclass(slots=True)
class OrderBook:
    """The orders that changes of episodes lead to, by the rules of `alerts.episode_book`, where nobody closes any.

    Attributes:
        orders: By the key and start of their episode, those that go on with another's too.
        before: By those that go on with another's: whose.
    """

    orders: dict[tuple[Key, int], Order] = field(default_factory=dict)
    before: dict[tuple[Key, int], tuple[Key, int]] = field(default_factory=dict)

    def apply(self, change: Raised | Confirmed | Risen | Ended, now_us: int) -> None:
        """Take one change up; `now_us` is the site's watermark."""
        at = (change.key, change.started_us)
        match change:
            case Raised():
                before = self.orders.get(at)
                level = min((change.level, before.level), key=lambda one: one.rank) if before else change.level
                raised_us = before.raised_us if before else now_us
                self.orders[at] = Order(change.key, change.started_us, raised_us, level)
                if change.before is not None:
                    self.before[at] = change.before
            case Confirmed():
                announced_at = (change.key, change.announced_us)
                announced = self.orders.pop(announced_at)
                if announced_at in self.before:
                    self.before[at] = self.before.pop(announced_at)
                self.orders[at] = replace(announced, started_us=change.started_us, level=change.level)
            case Risen():
                self.orders[at] = replace(self.orders[at], level=change.level)
            case Ended():
                self.orders[at] = replace(self.orders[at], ended_us=change.ended_us, confirmed=change.confirmed)

    def raised(self) -> list[Order]:
        """One order a trouble, as urgent as any of its episodes, in the order of their starts."""
        whole = {at: order for at, order in self.orders.items() if at not in self.before}
        for at, before in sorted(self.before.items(), key=lambda one: self.orders[one[0]].raised_us):
            order, worse = whole[before], self.orders[at]
            level = min(order.level, worse.level, key=lambda one: one.rank)
            whole[before] = replace(order, level=level, went_on=(*order.went_on, worse))
        return sorted(whole.values(), key=lambda one: (one.started_us, one.key.asset, one.key.failure_mode))


def orders_of(
    messages: Iterable[Message],
    registry: Registry,
    detectors: Sequence[Detector],
    lateness_us: int,
    hear: Callable[[Record, Sequence[Finding]], None] = lambda _, __: None,
) -> list[Order]:
    """The work orders that messages lead to, with the thresholds that ship, in the order of their episodes' starts.

    Args:
        messages: In the order of their arrival.
        registry: Whose devices speak.
        detectors: What is asked.
        lateness_us: How late a reading may arrive and still count, microseconds.
        hear: Is told every record, and the ordered findings it led to.
    """
    thresholds: ThresholdBook = DefaultThresholds(tunables_of(detectors).values())
    engine = Engine(registry, detectors, thresholds, lateness_us)
    tracker, book = EpisodeTracker(registry.assets, thresholds), OrderBook()
    for record in records_of(messages, registry, lateness_us):
        heard = engine.offer(record)
        changes = [change for finding in heard.early for change in tracker.hear_early(finding)]
        hear(record, heard.ordered)
        for finding in heard.ordered:
            changes += tracker.hear(finding)
        for change in changes:
            book.apply(change, record.watermark_us)
    return book.raised()


def sealed_plate(plate: str) -> str:
    """The hash under which the plate of a permit is known here."""
    sealed = PlateSeal(_PLATE_KEY.get_secret_value().encode()).seal(plate)
    return sealed.hash if sealed is not None else plate


def records_of(messages: Iterable[Message], registry: Registry, lateness_us: int) -> Iterator[Record]:
    """What ingest would have put into the log, in its order; a message that comes again is left out, as there."""
    decoder = Decoder.build(IngestSettings(plate_key=_PLATE_KEY, lateness_s=lateness_us / 1e6), registry)
    watermarks, position, met = dict[str, int](), 0, set[bytes]()
    for message in messages:
        arrival = Arrival(message.topic, message.payload, message.at_us, message.retain)
        for entry in decoder.judge(decoder.decode(arrival), watermarks).entries:
            if entry.digest in met:
                continue
            met.add(entry.digest)
            position += 1
            yield Record(position, entry.watermark_us, entry.batch)
