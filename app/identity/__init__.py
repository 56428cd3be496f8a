"""People: users, roles, rights, departments, sessions, API tokens, the log of changes.

Importing the slice makes its tables known to `app.storage`, so that SQL may name them.
"""

from __future__ import annotations

# The first brings in peewee without the drivers of databases, the second needs peewee.
# isort: off
import app.storage
import app.identity.models  # noqa: F401
# isort: on
