"""Tables of the statements: definitions the book has changed or made, and reclassifications."""

from __future__ import annotations

import peewee

from app.identity.models import User
from app.ledger.models.tables import LedgerModel


class StatementDefinition(LedgerModel):
    """A statement's form where it is not the built-in one."""

    id = peewee.BigAutoField()
    name = peewee.CharField(60, unique=True)
    content = peewee.TextField()
    version = peewee.BigIntegerField(default=1)
    changed_by = peewee.ForeignKeyField(User, null=True, on_delete="RESTRICT", column_name="changed_by", index=False)
    changed_at = peewee.BigIntegerField()

    class Meta:
        """Named for what it holds."""

        slice = "ledger"
        table_name = "statement_definition"


class Reclassification(LedgerModel):
    """An amount moved between lines of the balance sheet at a month's end."""

    id = peewee.BigAutoField()
    period = peewee.BigIntegerField()
    from_line = peewee.BigIntegerField()
    to_line = peewee.BigIntegerField()
    amount = peewee.BigIntegerField()
    reason = peewee.CharField(200)
    version = peewee.BigIntegerField(default=1)
    changed_by = peewee.ForeignKeyField(User, null=True, on_delete="RESTRICT", column_name="changed_by", index=False)
    changed_at = peewee.BigIntegerField()

    class Meta:
        """Found by month."""

        slice = "ledger"
        table_name = "reclassification"
        indexes = ((("period",), False),)
