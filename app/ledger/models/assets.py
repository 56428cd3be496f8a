"""The tables of asset cards and of exchange rates. What each column means stands in docs/ledger.md."""

from __future__ import annotations

import peewee

from app.identity.models import User
from app.ledger.models.tables import Account, AuxiliarySet, Currency, LedgerModel, Voucher


class ExchangeRate(LedgerModel):
    """How many units of the base currency one unit of a currency is worth on a day."""

    currency = peewee.ForeignKeyField(Currency, on_delete="RESTRICT", index=False)
    date = peewee.CharField(10)
    rate = peewee.CharField(64)
    source = peewee.CharField(60, default="")
    changed_by = peewee.ForeignKeyField(User, on_delete="RESTRICT", index=False, column_name="changed_by")
    changed_at = peewee.BigIntegerField()

    class Meta:
        """One rate a currency and day."""

        slice = "ledger"
        table_name = "exchange_rate"
        primary_key = peewee.CompositeKey("currency", "date")
        indexes = ((("date",), False),)


class Asset(LedgerModel):
    """A card: a fixed or biological asset, an intangible, or a deferred expense."""

    id = peewee.BigAutoField()
    code = peewee.CharField(40, unique=True)
    name = peewee.CharField(200)
    kind = peewee.CharField(16)
    category = peewee.CharField(60, default="")
    specification = peewee.CharField(200, default="")
    location = peewee.CharField(120, default="")
    quantity = peewee.BigIntegerField(default=100_000_000)
    unit = peewee.CharField(20, default="")
    user_set = peewee.ForeignKeyField(AuxiliarySet, on_delete="RESTRICT", index=False)
    acquired_on = peewee.CharField(10)
    in_use_on = peewee.CharField(10)
    asset_account = peewee.ForeignKeyField(Account, on_delete="RESTRICT", index=False)
    asset_set = peewee.ForeignKeyField(AuxiliarySet, on_delete="RESTRICT", index=False)
    accumulated_account = peewee.ForeignKeyField(Account, null=True, on_delete="RESTRICT", index=False)
    accumulated_set = peewee.ForeignKeyField(AuxiliarySet, on_delete="RESTRICT", index=False)
    opening_accumulated = peewee.BigIntegerField(default=0)
    opening_months = peewee.BigIntegerField(default=0)
    disposed_on = peewee.CharField(10, null=True)
    disposal_reason = peewee.CharField(16, null=True)
    disposal_note = peewee.CharField(200, default="")
    disposal_proceeds = peewee.BigIntegerField(default=0)
    disposal_voucher = peewee.ForeignKeyField(Voucher, null=True, on_delete="RESTRICT", index=False)
    note = peewee.CharField(500, default="")
    version = peewee.BigIntegerField(default=1)
    created_by = peewee.ForeignKeyField(User, on_delete="RESTRICT", index=False, column_name="created_by")
    created_at = peewee.BigIntegerField()
    updated_at = peewee.BigIntegerField()

    class Meta:
        """Named as in the design."""

        slice = "ledger"
        table_name = "asset"


class AssetTerm(LedgerModel):
    """What a card is charged by from a month on (0: from the beginning); a change of it is a further row."""

    asset = peewee.ForeignKeyField(Asset, on_delete="RESTRICT", index=False)
    from_period = peewee.BigIntegerField()
    original_value = peewee.BigIntegerField()
    residual_value = peewee.BigIntegerField()
    residual_rate = peewee.CharField(20, default="")
    life_months = peewee.BigIntegerField()
    method = peewee.CharField(20)
    expense_account = peewee.ForeignKeyField(Account, on_delete="RESTRICT", index=False)
    expense_set = peewee.ForeignKeyField(AuxiliarySet, on_delete="RESTRICT", index=False)
    reason = peewee.CharField(200, default="")
    changed_by = peewee.ForeignKeyField(User, on_delete="RESTRICT", index=False, column_name="changed_by")
    changed_at = peewee.BigIntegerField()

    class Meta:
        """One row a card and month."""

        slice = "ledger"
        table_name = "asset_term"
        primary_key = peewee.CompositeKey("asset", "from_period")


class AssetCharge(LedgerModel):
    """What a voucher charged on a card for a month; counts while that voucher stands and is not reversed."""

    asset = peewee.ForeignKeyField(Asset, on_delete="RESTRICT", index=False)
    period = peewee.BigIntegerField()
    voucher = peewee.ForeignKeyField(Voucher, on_delete="RESTRICT", index=False)
    amount = peewee.BigIntegerField()

    class Meta:
        """One row a card, month and voucher."""

        slice = "ledger"
        table_name = "asset_charge"
        primary_key = peewee.CompositeKey("asset", "period", "voucher")
        indexes = ((("voucher",), False), (("period",), False))
