"""Log writer: a process that appends groups of ten to a log until it is killed, saying each number it has stored."""

import itertools
import sys

from ingest.sqlite_log import SqliteLog
from tests.contracts.log import entry

GROUP = 10


def main() -> None:
    """Append forever; a printed number means that its group and all before are durable."""
    log = SqliteLog(sys.argv[1])
    for group in itertools.count():
        log.append([entry(number) for number in range(group * GROUP, (group + 1) * GROUP)])
        print(group, flush=True)  # noqa: T201 -- the parent reads it


if __name__ == "__main__":
    main()
