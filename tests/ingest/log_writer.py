"""Log writer: a process that takes groups of ten into a log until it is killed, saying each group it has stored.

Run by two processes on one file, each with its name: what a group holds follows from what the log held before it, so
that a group judged on anything but all that was stored would be seen.
"""

import itertools
import sys
from collections.abc import Mapping

from ingest.log import Entry, Group, LastWord
from ingest.quarantine import Refusal
from ingest.readings import Batch, Event
from ingest.sqlite_log import SqliteLog
from tests.contracts.log import digest, entry

GROUP = 10
COUNTED = "counted"
"""A site whose watermark counts the groups that were ever stored."""


def main() -> None:
    """Append forever, a named one from where it was killed; a printed group and all before it are durable."""
    path, name = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    log = SqliteLog(path)
    for group in itertools.count(int(log.kept().get(name, b"-1")) + 1):
        if not name:
            log.append([entry(number) for number in range(group * GROUP, (group + 1) * GROUP)])
        else:
            _take(log, name, group)
        print(group, flush=True)  # noqa: T201 -- the parent reads it


def _take(log: SqliteLog, name: str, group: int) -> None:
    numbers = range(group * GROUP, (group + 1) * GROUP)

    def judge(watermarks: Mapping[str, int]) -> Group:
        counted = watermarks.get(COUNTED, 0) + 1
        batches = [Batch(COUNTED, name, n, events=(Event(name, "n", n, {"group": counted}),)) for n in numbers]
        return Group(
            entries=[Entry(batch, digest(f"{name} {n}"), counted) for n, batch in zip(numbers, batches, strict=True)],
            refusals=[Refusal("t", b"{", "not_json", name, group, digest(f"bad {name} {group}"), device=name)],
            keeps={name: str(group).encode()},
            last_words={name: LastWord(group, group)},
        )

    log.take(judge)  # the other one's turns are short: it never finds the log unavailable


if __name__ == "__main__":
    main()
