"""Errors: what can go wrong in alerts that its caller must handle."""

from collections.abc import Sequence


class AlertsError(Exception):
    """The base of every error this room raises."""


class UnknownWorkOrderError(AlertsError):
    """No work order has this id."""

    def __init__(self, order: int) -> None:
        self.order = order
        super().__init__(f"there is no work order {order}")


class MoveRefusedError(AlertsError):
    """A work order may not go there from where it is."""

    def __init__(self, state: str, to: str, reason: str, allowed: Sequence[str]) -> None:
        self.state = state
        self.to = to
        self.reason = reason
        self.allowed = tuple(allowed)
        super().__init__(f"from {state} to {to}: {reason}; allowed now: {', '.join(allowed) or 'none'}")


class StaleVersionError(AlertsError):
    """Somebody else changed the thing since it was read."""

    def __init__(self, expected: int, found: int, allowed: Sequence[str] = ()) -> None:
        self.expected = expected
        self.found = found
        self.allowed = tuple(allowed)
        super().__init__(f"version {expected} was expected, it is at version {found} now: read it again")


class OutOfBoundsError(AlertsError):
    """A threshold was given a value that its tunable does not allow."""

    def __init__(self, name: str, value: float, low: float, high: float, unit: str) -> None:
        self.name = name
        self.value = value
        self.low = low
        self.high = high
        super().__init__(f"{name} must be from {low:g} to {high:g}{'' if unit == '1' else ' ' + unit}, not {value:g}")


class UnknownScopeError(AlertsError):
    """A threshold's scope names a site, asset class or asset that the registry does not have."""

    def __init__(self, kind: str, scope_id: str) -> None:
        self.kind = kind
        self.scope_id = scope_id
        super().__init__(f"there is no {kind} named {scope_id!r}")


class PhotoRefusedError(AlertsError):
    """An upload is not a photo this product keeps."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the photo was refused: {reason}")


class KeyReusedError(AlertsError):
    """An idempotency key came back with another request."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"idempotency key {key!r} was used for another request; use a new one")


class SnapshotFailedError(AlertsError):
    """History and main database could not be copied for a backup."""


class UnknownModelError(AlertsError):
    """No fitted model has this name and version."""

    def __init__(self, name: str, version: int | None = None) -> None:
        self.name = name
        which = name if version is None else f"{name} version {version}"
        super().__init__(f"there is no fitted model {which}; precomplaint models list shows those there are")


class NothingToRollBackError(AlertsError):
    """A model that was never activated cannot be rolled back."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"model {name} was never activated, so there is nothing to roll back")
