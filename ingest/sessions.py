"""Sessions: under which names the broker keeps messages for us, and what each is subscribed to.

A broker keeps a session longer than we keep its name: one that nobody takes up again would fill its disk or, as part of
a shared subscription, take its turn of the messages and lose them when it expires. So the log remembers every name.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from ingest.log import Group, Log

_KEY = "\nsession\n"
"""Before a client name; no source has an empty id, so no wire format keeps anything under such a key."""


class Sessions:
    """What the log remembers of our sessions at the broker."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def all(self) -> dict[str, tuple[str, ...]]:
        """The filters of every session that may still be there, by client name."""
        decode = msgspec.json.Decoder(tuple[str, ...]).decode
        return {key[len(_KEY) :]: decode(value) for key, value in self._log.kept().items() if key.startswith(_KEY)}

    @contextmanager
    def changing(self, client: str, filters: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Subscribe a client to other filters within the block; gives those it had, so that it leaves them.

        Until the block has ended well, both are remembered: after a crash neither is forgotten.
        """
        had = self.all().get(client, ())
        wanted = tuple(dict.fromkeys(filters))
        if set(wanted) - set(had):
            self._remember(client, tuple(dict.fromkeys([*had, *wanted])))
        yield had
        if set(wanted) != set(had):
            self._remember(client, wanted)

    def forget(self, client: str) -> None:
        """Take note that a client has no session any more."""
        self._log.take(lambda _: Group(keeps={_KEY + client: None}))

    def _remember(self, client: str, filters: tuple[str, ...]) -> None:
        self._log.take(lambda _: Group(keeps={_KEY + client: msgspec.json.encode(filters)}))
