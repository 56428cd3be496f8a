"""Tables of voucher work: templates, recurring vouchers, attachments."""

from __future__ import annotations

import peewee

from app.identity.models import User
from app.ledger.models.tables import LedgerModel, Voucher


class VoucherTemplate(LedgerModel):
    """A voucher kept to be made again; with `every_months` it comes due by itself."""

    id = peewee.BigAutoField()
    name = peewee.CharField(60, unique=True)
    content = peewee.TextField()
    every_months = peewee.BigIntegerField(default=0)
    day = peewee.BigIntegerField(default=1)
    first_period = peewee.BigIntegerField(null=True)
    last_period = peewee.BigIntegerField(null=True)
    maker = peewee.ForeignKeyField(User, on_delete="RESTRICT", index=False)
    created_at = peewee.BigIntegerField()
    updated_at = peewee.BigIntegerField()
    version = peewee.BigIntegerField(default=1)

    class Meta:
        """Named as in docs/ledger.md."""

        slice = "ledger"
        table_name = "voucher_template"


class RecurringVoucher(LedgerModel):
    """That a template was made for a month, and into which voucher: never twice."""

    template = peewee.ForeignKeyField(VoucherTemplate, on_delete="RESTRICT", index=False)
    period = peewee.BigIntegerField()
    voucher = peewee.ForeignKeyField(Voucher, on_delete="RESTRICT")

    class Meta:
        """Keyed by template and month."""

        slice = "ledger"
        table_name = "recurring_voucher"
        without_rowid = True
        primary_key = peewee.CompositeKey("template", "period")


class Attachment(LedgerModel):
    """A document that belongs to a voucher."""

    id = peewee.BigAutoField()
    voucher = peewee.ForeignKeyField(Voucher, on_delete="RESTRICT")
    name = peewee.CharField(200)
    media_type = peewee.CharField(100)
    size = peewee.BigIntegerField()
    sha256 = peewee.CharField(64, index=True)
    added_by = peewee.ForeignKeyField(User, on_delete="RESTRICT", index=False, column_name="added_by")
    added_at = peewee.BigIntegerField()

    class Meta:
        """Named as in docs/ledger.md."""

        slice = "ledger"
        table_name = "attachment"


class AttachmentChunk(LedgerModel):
    """At most 1 MB of an attachment; its parts run from 0."""

    attachment = peewee.ForeignKeyField(Attachment, on_delete="RESTRICT", index=False)
    number = peewee.BigIntegerField()
    data = peewee.BlobField()

    class Meta:
        """Keyed by attachment and number."""

        slice = "ledger"
        table_name = "attachment_chunk"
        primary_key = peewee.CompositeKey("attachment", "number")
