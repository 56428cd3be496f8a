"""The ledger's tables. No rules here; what each column means stands in docs/ledger.md.

Amounts are integers in minor units, quantities and unit prices are scaled by 10^8, dates are ISO text, timestamps UTC
milliseconds.
"""

from __future__ import annotations

import peewee

from app.identity.models import User
from app.storage.model import SliceModel

LAYER_POSTED = 0
LAYER_UNPOSTED = 1
SIDE_DEBIT = 1
SIDE_CREDIT = -1
EMPTY_SET = 0


class LedgerModel(SliceModel):
    """Base of the ledger's tables."""

    class Meta:
        """All of them belong to the slice `ledger`."""

        slice = "ledger"


class Currency(LedgerModel):
    """A currency or commodity; minor digits are fixed at creation."""

    id = peewee.BigAutoField()
    code = peewee.CharField(24, unique=True)
    name_zh = peewee.CharField(60, default="")
    name_en = peewee.CharField(60, default="")
    minor_digits = peewee.BigIntegerField()
    is_money = peewee.BigIntegerField()

    class Meta:
        """Named as in the design."""

        slice = "ledger"
        table_name = "currency"


class Account(LedgerModel):
    """An account of the chart (会计科目)."""

    id = peewee.BigAutoField()
    code = peewee.CharField(40, unique=True)
    parent = peewee.ForeignKeyField("self", null=True, on_delete="RESTRICT")
    name_zh = peewee.CharField(120)
    name_en = peewee.CharField(120, default="")
    source_name = peewee.CharField(500, null=True, unique=True)
    category = peewee.CharField(16)
    normal_side = peewee.CharField(6)
    level = peewee.BigIntegerField()
    is_leaf = peewee.BigIntegerField(default=1)
    is_cash = peewee.BigIntegerField(default=0)
    currency = peewee.ForeignKeyField(Currency, null=True, on_delete="RESTRICT")
    has_quantity = peewee.BigIntegerField(default=0)
    unit = peewee.CharField(20, default="")
    attributes = peewee.TextField(default="{}")
    pinyin_initials = peewee.CharField(120, default="")
    pinyin_sort = peewee.CharField(500, default="")
    active = peewee.BigIntegerField(default=1)
    version = peewee.BigIntegerField(default=1)

    class Meta:
        """Named as in the design."""

        slice = "ledger"
        table_name = "account"


class AuxiliaryKind(LedgerModel):
    """A dimension of auxiliary accounting (辅助核算类别)."""

    id = peewee.BigAutoField()
    name = peewee.CharField(60, unique=True)
    name_en = peewee.CharField(60, default="")
    active = peewee.BigIntegerField(default=1)

    class Meta:
        """Named as in the design."""

        slice = "ledger"
        table_name = "auxiliary_kind"


class AccountAuxiliary(LedgerModel):
    """Which dimensions an account offers, and which it demands."""

    account = peewee.ForeignKeyField(Account, on_delete="RESTRICT")
    kind = peewee.ForeignKeyField(AuxiliaryKind, on_delete="RESTRICT")
    demanded = peewee.BigIntegerField(default=1)

    class Meta:
        """Keyed by both."""

        slice = "ledger"
        table_name = "account_auxiliary"
        primary_key = peewee.CompositeKey("account", "kind")


class Auxiliary(LedgerModel):
    """An item of a dimension."""

    id = peewee.BigAutoField()
    kind = peewee.ForeignKeyField(AuxiliaryKind, on_delete="RESTRICT")
    name = peewee.CharField(200)
    code = peewee.CharField(40, default="")
    pinyin_initials = peewee.CharField(200, default="")
    pinyin_sort = peewee.CharField(500, default="")
    active = peewee.BigIntegerField(default=1)
    merged_into = peewee.ForeignKeyField("self", null=True, on_delete="RESTRICT", column_name="merged_into")
    version = peewee.BigIntegerField(default=1)

    class Meta:
        """A name is unique in its kind."""

        slice = "ledger"
        table_name = "auxiliary"
        indexes = ((("kind", "name"), True),)


class AuxiliarySet(LedgerModel):
    """A set of auxiliary items as one id; the empty set is id 0."""

    id = peewee.BigAutoField()
    signature = peewee.CharField(400, unique=True)

    class Meta:
        """Named as in the design."""

        slice = "ledger"
        table_name = "auxiliary_set"


class AuxiliarySetItem(LedgerModel):
    """One item of a set; one per kind."""

    set = peewee.ForeignKeyField(AuxiliarySet, on_delete="RESTRICT")
    kind = peewee.ForeignKeyField(AuxiliaryKind, on_delete="RESTRICT")
    auxiliary = peewee.ForeignKeyField(Auxiliary, on_delete="RESTRICT")

    class Meta:
        """Keyed by set and kind."""

        slice = "ledger"
        table_name = "auxiliary_set_item"
        primary_key = peewee.CompositeKey("set", "kind")


class Opening(LedgerModel):
    """Opening balances as entered; period 0 of the start year."""

    account = peewee.ForeignKeyField(Account, on_delete="RESTRICT")
    currency = peewee.ForeignKeyField(Currency, on_delete="RESTRICT")
    auxiliary_set = peewee.ForeignKeyField(AuxiliarySet, on_delete="RESTRICT")
    year_begin_debit = peewee.BigIntegerField(default=0)
    year_begin_credit = peewee.BigIntegerField(default=0)
    ytd_debit = peewee.BigIntegerField(default=0)
    ytd_credit = peewee.BigIntegerField(default=0)
    year_begin_foreign = peewee.BigIntegerField(default=0)
    opening_foreign = peewee.BigIntegerField(default=0)
    year_begin_quantity = peewee.BigIntegerField(default=0)
    ytd_debit_quantity = peewee.BigIntegerField(default=0)
    ytd_credit_quantity = peewee.BigIntegerField(default=0)
    ytd_pl_actual = peewee.BigIntegerField(default=0)

    class Meta:
        """Keyed as balances are."""

        slice = "ledger"
        table_name = "opening"
        primary_key = peewee.CompositeKey("account", "currency", "auxiliary_set")


class OpeningCashFlow(LedgerModel):
    """Year-to-date cash flow of the months before the book's start."""

    cash_flow_line = peewee.BigIntegerField(primary_key=True)
    ytd_amount = peewee.BigIntegerField()

    class Meta:
        """Named as in the design."""

        slice = "ledger"
        table_name = "opening_cash_flow"


class Voucher(LedgerModel):
    """A voucher (记账凭证)."""

    id = peewee.BigAutoField()
    period = peewee.BigIntegerField()
    word = peewee.CharField(10)
    number = peewee.BigIntegerField(null=True)
    date = peewee.CharField(10)
    attachment_count = peewee.BigIntegerField(default=0)
    state = peewee.CharField(10)
    kind = peewee.CharField(16)
    maker = peewee.ForeignKeyField(User, on_delete="RESTRICT", index=False)
    reviewer = peewee.ForeignKeyField(User, null=True, on_delete="RESTRICT", index=False)
    poster = peewee.ForeignKeyField(User, null=True, on_delete="RESTRICT", index=False)
    cashier = peewee.ForeignKeyField(User, null=True, on_delete="RESTRICT", index=False)
    origin = peewee.CharField(200, default="")
    reversal_of = peewee.ForeignKeyField("self", null=True, on_delete="RESTRICT", column_name="reversal_of")
    correction_of = peewee.ForeignKeyField("self", null=True, on_delete="RESTRICT", column_name="correction_of")
    summary = peewee.CharField(200, default="")
    debit_total = peewee.BigIntegerField(default=0)
    faults = peewee.TextField(default="")
    version = peewee.BigIntegerField(default=1)
    hash = peewee.CharField(64, null=True)
    chain_position = peewee.BigIntegerField(null=True, unique=True)
    created_at = peewee.BigIntegerField()
    updated_at = peewee.BigIntegerField()
    posted_at = peewee.BigIntegerField(null=True)

    class Meta:
        """A number is unique in its month and word."""

        slice = "ledger"
        table_name = "voucher"
        indexes = (
            (("period", "word", "number"), True),
            (("date",), False),
            (("number", "period"), False),
            (("debit_total",), False),
            (("state", "period"), False),
        )


class Entry(LedgerModel):
    """A line of a voucher (分录)."""

    voucher = peewee.ForeignKeyField(Voucher, on_delete="RESTRICT", index=False)
    line = peewee.BigIntegerField()
    period = peewee.BigIntegerField()
    summary = peewee.CharField(200)
    account = peewee.ForeignKeyField(Account, on_delete="RESTRICT", index=False)
    auxiliary_set = peewee.ForeignKeyField(AuxiliarySet, on_delete="RESTRICT", index=False)
    side = peewee.BigIntegerField()
    debit = peewee.BigIntegerField()
    credit = peewee.BigIntegerField()
    currency = peewee.ForeignKeyField(Currency, on_delete="RESTRICT", index=False)
    foreign_amount = peewee.BigIntegerField()
    rate = peewee.CharField(64)
    quantity = peewee.BigIntegerField()
    unit_price = peewee.BigIntegerField()
    cash_flow_line = peewee.BigIntegerField(null=True)
    unvalued = peewee.BigIntegerField(default=0)

    class Meta:
        """Keyed by voucher and line; found by account and month."""

        slice = "ledger"
        table_name = "entry"
        without_rowid = True
        primary_key = peewee.CompositeKey("voucher", "line")
        indexes = (
            (("account", "period"), False),
            (("auxiliary_set", "period"), False),
            (("debit", "credit"), False),
        )


class SummaryGram(LedgerModel):
    """Which posted vouchers have two neighbouring characters in a summary; see `app.ledger.word_index`."""

    gram = peewee.CharField(2)
    block = peewee.BigIntegerField()
    offsets = peewee.BlobField()

    class Meta:
        """Keyed by gram and block."""

        slice = "ledger"
        table_name = "summary_gram"
        without_rowid = True
        primary_key = peewee.CompositeKey("gram", "block")


class Balance(LedgerModel):
    """What entries add up to, per month; month 0 holds the year's opening."""

    period = peewee.BigIntegerField()
    layer = peewee.BigIntegerField()
    account = peewee.ForeignKeyField(Account, on_delete="RESTRICT", index=False)
    currency = peewee.ForeignKeyField(Currency, on_delete="RESTRICT", index=False)
    auxiliary_set = peewee.ForeignKeyField(AuxiliarySet, on_delete="RESTRICT", index=False)
    opening = peewee.BigIntegerField(default=0)
    opening_foreign = peewee.BigIntegerField(default=0)
    opening_quantity = peewee.BigIntegerField(default=0)
    debit = peewee.BigIntegerField(default=0)
    credit = peewee.BigIntegerField(default=0)
    foreign_debit = peewee.BigIntegerField(default=0)
    foreign_credit = peewee.BigIntegerField(default=0)
    quantity_debit = peewee.BigIntegerField(default=0)
    quantity_credit = peewee.BigIntegerField(default=0)
    close_debit = peewee.BigIntegerField(default=0)
    close_credit = peewee.BigIntegerField(default=0)

    class Meta:
        """Clustered by month, so that a year is one range; found by account too."""

        slice = "ledger"
        table_name = "balance"
        without_rowid = True
        primary_key = peewee.CompositeKey("period", "layer", "account", "currency", "auxiliary_set")
        indexes = ((("account", "period"), False),)


class CashFlowBalance(LedgerModel):
    """Sums of entries tagged with a cash-flow line, per month."""

    period = peewee.BigIntegerField()
    layer = peewee.BigIntegerField()
    cash_flow_line = peewee.BigIntegerField()
    debit = peewee.BigIntegerField(default=0)
    credit = peewee.BigIntegerField(default=0)

    class Meta:
        """Keyed by month, layer and line."""

        slice = "ledger"
        table_name = "cash_flow_balance"
        without_rowid = True
        primary_key = peewee.CompositeKey("period", "layer", "cash_flow_line")


class Period(LedgerModel):
    """A month's state. A month without a row is open; row 0 is the lock under which years are added."""

    period = peewee.BigIntegerField(primary_key=True)
    state = peewee.CharField(10)
    changed_by = peewee.ForeignKeyField(User, null=True, on_delete="RESTRICT", column_name="changed_by", index=False)
    changed_at = peewee.BigIntegerField(null=True)

    class Meta:
        """Named as in the design."""

        slice = "ledger"
        table_name = "period"


class FiscalYear(LedgerModel):
    """A year that has balance rows."""

    year = peewee.BigIntegerField(primary_key=True)

    class Meta:
        """Named as in the design."""

        slice = "ledger"
        table_name = "fiscal_year"


class NumberCounter(LedgerModel):
    """The last number given in a month and word."""

    period = peewee.BigIntegerField()
    word = peewee.CharField(10)
    last_number = peewee.BigIntegerField()

    class Meta:
        """Keyed by month and word."""

        slice = "ledger"
        table_name = "number_counter"
        primary_key = peewee.CompositeKey("period", "word")


class ChainHead(LedgerModel):
    """Count and last hash of the chain of posted and voided vouchers; one row, id 1."""

    id = peewee.BigIntegerField(primary_key=True)
    count = peewee.BigIntegerField()
    last_hash = peewee.CharField(64)

    class Meta:
        """Named as in the design."""

        slice = "ledger"
        table_name = "chain_head"
