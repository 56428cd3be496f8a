"""The table of the closing wizard. What each column means stands in docs/ledger.md."""

from __future__ import annotations

import peewee

from app.identity.models import User
from app.ledger.models.tables import LedgerModel


class ClosingStep(LedgerModel):
    """A step of a month's close that was settled or skipped by a person; a step nobody touched has no row."""

    period = peewee.BigIntegerField()
    step = peewee.CharField(40)
    state = peewee.CharField(10)
    reason = peewee.CharField(200, default="")
    parameters = peewee.TextField()
    settled_for = peewee.CharField(64, default="")
    changed_by = peewee.ForeignKeyField(User, on_delete="RESTRICT", index=False, column_name="changed_by")
    changed_at = peewee.BigIntegerField()

    class Meta:
        """One row a month and step."""

        slice = "ledger"
        table_name = "closing_step"
        primary_key = peewee.CompositeKey("period", "step")
