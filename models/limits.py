"""Limits: what the registry says of an asset, checked before any detector relies on it."""

import math
from collections.abc import Iterable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.registry import Asset, AssetClass
from models.elevator_status import fault_codes
from models.errors import ModelError


class BadLimitError(ModelError):
    """A limit of an asset has a value that no detector can work with."""

    def __init__(self, asset: str, limit: str, value: float | str, wanted: str) -> None:
        self.asset = asset
        self.limit = limit
        self.value = value
        super().__init__(f"{limit} of {asset} is {value!r}; it must be {wanted}")


def check_limits(assets: Iterable[Asset]) -> None:
    """Nothing, when every detector can work with what the registry says of these assets.

    A wrong word would else be met in the first window of its asset, long after whoever wrote it has gone.

    Raises:
        UnknownFaultCodeTableError: An elevator's fault codes are those of a table that nobody knows.
        BadLimitError: Another limit is not what it must be.
    """
    for asset in assets:
        if asset.asset_class is AssetClass.ELEVATOR:
            fault_codes(asset)
        duty = asset.limits.get("duty", "daily")
        if duty not in {"daily", "steady"}:
            raise BadLimitError(asset.id, "duty", duty, "daily or steady")
        if "timezone" in asset.limits:
            _check_timezone(asset.id, asset.limits["timezone"])
        if "power_kw" in asset.limits:
            _check_power(asset.id, asset.limits["power_kw"])


def _check_timezone(asset: str, value: float | str) -> None:
    wanted = "a zone of the IANA database, such as Asia/Shanghai"
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadLimitError(asset, "timezone", value, wanted) from error


def _check_power(asset: str, value: float | str) -> None:
    if isinstance(value, str) or not 0.0 < value < math.inf:
        raise BadLimitError(asset, "power_kw", value, "a number of kilowatts over 0")
