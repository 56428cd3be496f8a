"""Where books are kept: opening by URL, units of work, migrations, backup and copy, jobs. Knows no bookkeeping."""

from __future__ import annotations

import importlib
import sys


def _import_peewee_alone() -> None:
    """Import peewee without the database drivers it looks for, which is the greater part of its time.

    peewee imports PyMySQL, and with it `cryptography`, wherever they are installed. `app.storage.engines` opens
    connections to servers by itself, so peewee never needs them; the reason and figures are in
    docs/decisions/peewee-without-drivers.md. The entries that hide the drivers are gone again when this returns.
    """
    hidden = [name for name in ("pymysql", "MySQLdb", "psycopg2", "psycopg") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None makes the import fail at once
    try:
        importlib.import_module("peewee")
    finally:
        for name in hidden:
            if sys.modules.get(name) is None:
                sys.modules.pop(name, None)


_import_peewee_alone()
