"""Errors: what can be wrong with a fitted model or with what it is to be fitted to."""

from collections.abc import Sequence

from models.errors import ModelError


class ModelDamagedError(ModelError):
    """The stored bytes of a model are not those that its card was written for."""

    def __init__(self, name: str, version: int, said: str, found: str) -> None:
        self.said, self.found = said, found
        super().__init__(
            f"model {name} version {version} is damaged: its card says sha256 {said[:12]}…, its bytes have "
            f"{found[:12]}…; activate another version, or restore a backup"
        )


class ModelTypesError(ModelError):
    """A stored model holds types that are not on the list of what may be loaded."""

    def __init__(self, name: str, types: Sequence[str]) -> None:
        self.types = tuple(types)
        super().__init__(f"model {name} is not loaded: it holds {', '.join(types)}, which no model of ours does")


class ModelUnreadableError(ModelError):
    """The stored bytes are no model of the kind that the card names."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"model {name} cannot be read: {why}")


class TooFewRowsError(ModelError):
    """There is too little to fit a model to."""

    def __init__(self, what: str, have: int, need: int) -> None:
        self.have, self.need = have, need
        super().__init__(f"{what}: {have}, and {need} are needed")
