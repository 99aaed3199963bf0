"""Waiting list: a device that speaks and that nobody knows becomes part of the registry in one step."""

import re
from dataclasses import dataclass, replace

from ingest.errors import NotInRegistryError, Problem, RegistryRefusedError
from ingest.quarantine import Quarantine, Query, Reason, Waiting
from ingest.registry import Device, Registry
from ingest.registry_book import RegistryBook, RegistryChange, Signed
from ingest.registry_edit import with_things
from ingest.spelling import meant

_NOT_IN_AN_ID = re.compile(r"[/+#;；\s\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Approval:
    """What somebody says of a device on the waiting list.

    Attributes:
        source: The source it came through.
        address: What it calls itself there.
        assets: What it watches.
        id: What it is to be called here; empty: as it calls itself, as far as that can be an id.
    """

    source: str
    address: str
    assets: tuple[str, ...]
    id: str = ""


@dataclass(frozen=True, slots=True)
class Approved:
    """What became of it.

    Attributes:
        device: As the registry has it now.
        replayed: How many of its messages ingest has been asked to take in after all.
        change: Of the registry; None if it was there already, just so.
    """

    device: Device
    replayed: int
    change: RegistryChange | None


def approve(book: RegistryBook, quarantine: Quarantine, approval: Approval, signed: Signed) -> Approved:
    """Make a waiting device part of the registry and have what it sent replayed; doing it again does nothing new.

    Raises:
        NotInRegistryError: It neither waits nor is in the registry.
        RegistryRefusedError: One of the assets does not exist or stands elsewhere, or the id belongs to another device.
    """
    waiting = {(one.source, one.address): one for one in quarantine.waiting()}
    found = waiting.get((approval.source, approval.address))
    change = book.change(lambda registry: with_things(registry, [_device(registry, approval, found)]), signed)
    device = _known(book.as_written(), approval)
    if device is None:  # somebody removed it again in this very moment
        raise NotInRegistryError("device", approval.address)
    # In this order: were the service killed in between, the device would still be on the list and approved again.
    query = Query(reason=Reason.UNKNOWN_DEVICE, source=approval.source, device=approval.address)
    replayed = quarantine.request_replay(query)
    quarantine.dismiss(approval.source, approval.address)
    return Approved(device, replayed, change)


def _device(registry: Registry, approval: Approval, waiting: Waiting | None) -> Device:
    known = _known(registry, approval)
    if known is None and waiting is None:
        raise NotInRegistryError(f"device of source {approval.source!r} that waits and calls itself", approval.address)
    wanted = approval.id or (known.id if known else _NOT_IN_AN_ID.sub("-", approval.address).strip("-"))
    holder = registry.devices.get(wanted)
    if holder is not None and holder != known:
        raise RegistryRefusedError([Problem("id", f"{wanted!r} is another device already; choose another id")])
    if known is not None and known.id != wanted:
        raise RegistryRefusedError([Problem("id", f"{approval.address!r} is known as {known.id!r} already")])
    problems = [
        Problem("assets", f"there is no asset {asset!r}{meant(asset, registry.assets)}")
        for asset in approval.assets
        if asset not in registry.assets
    ]
    if problems or not approval.assets:
        raise RegistryRefusedError(problems or [Problem("assets", "say which assets it watches")])
    if known is not None:
        return replace(known, assets=approval.assets)
    site = (waiting.site if waiting else "") or registry.assets[approval.assets[0]].site
    address = approval.address if approval.address != wanted else ""
    return Device(wanted, site, approval.assets, source=approval.source, address=address)


def _known(registry: Registry, approval: Approval) -> Device | None:
    devices = registry.devices.values()
    same = (d for d in devices if (d.source, d.address or d.id) == (approval.source, approval.address))
    return next(same, None)
