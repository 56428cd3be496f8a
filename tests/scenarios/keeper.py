"""A process that keeps one backup after another until it is killed: `python -m tests.scenarios.keeper BOOK`.

It prints the name of each backup once it is kept.
"""

from __future__ import annotations

import sys

from app.storage.database import open_database
from app.web.keeping import keeper_of


def main() -> int:
    """Keep backups for ever."""
    keeper = keeper_of(open_database(sys.argv[1]))
    while True:
        _, made = keeper.keep("manual", even_if_unchanged=True)
        sys.stdout.write(f"{made.kept.name}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
