"""What makes a voucher complete (guarantee 1): pure checks over lines and the facts of the accounts they name.

Single vouchers and imports of a hundred thousand use the same functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from app.kernel.money import round_half_up
from app.kernel.period import format_period
from app.kernel.text import message
from app.ledger.faults import Fault
from app.ledger.service.lines import Line


class AccountFacts(NamedTuple):
    """What the rules need to know of an account."""

    id: int
    code: str
    name: str
    is_leaf: bool
    active: bool
    currency_id: int | None
    is_cash: bool
    demanded: frozenset[int]
    offered: frozenset[int]
    kind_names: Mapping[int, str]
    has_quantity: bool


class SetFacts(NamedTuple):
    """What the rules need to know of an auxiliary set: its kinds, and whether every item is in use."""

    kinds: frozenset[int]
    active: bool


EMPTY_SET_FACTS = SetFacts(frozenset(), True)
FEWEST_LINES = 2
SETTLING_KINDS = frozenset({"close_pl", "close_year"})
"""Vouchers that only bring to nil what stands there: they carry the auxiliaries the balance has, whatever the account
demands by now, for a balance from before a demand or of an item out of use could never be carried forward."""


def voucher_faults(
    lines: Sequence[Line],
    *,
    period: int,
    period_open: bool,
    accounts: Mapping[int, AccountFacts],
    sets: Mapping[int, SetFacts],
    digits: Mapping[int, int],
    commodities: Mapping[str, int],
    kind: str = "normal",
) -> list[Fault]:
    """Return every reason why these lines may not be posted, in the order a reader would look for them.

    `digits` are the minor digits by currency id, `commodities` currency ids by code (for stated costs), `kind` is the
    voucher's.
    """
    faults: list[Fault] = []
    if not period_open:
        faults.append(
            Fault("period_not_open", message("日期所在的 {period} 不是开放的会计期间。", period=format_period(period)))
        )
    if len(lines) < FEWEST_LINES:
        faults.append(Fault("too_few_lines", message("一张凭证至少要有两行分录。")))
    debit = credit = 0
    has_unvalued = False
    for line in lines:
        debit += line.debit
        credit += line.credit
        if line.unvalued:
            has_unvalued = True
        account = accounts[line.account_id]
        if (
            not line.summary
            or not account.is_leaf
            or not account.active
            or account.demanded
            or line.auxiliary_set_id
            or account.currency_id is not None
        ):
            kinds = sets.get(line.auxiliary_set_id, EMPTY_SET_FACTS)
            faults.extend(_line_faults(line, account, kinds, settles=kind in SETTLING_KINDS))
    if debit != credit:
        faults.append(Fault("unbalanced", message("借贷不平，请补足差额。")))
    if has_unvalued:
        faults.extend(_unvalued_faults(lines, digits, commodities))
    return faults


def _line_faults(line: Line, account: AccountFacts, kinds: SetFacts, *, settles: bool) -> list[Fault]:
    number = line.line
    faults: list[Fault] = []
    if not line.summary:
        faults.append(Fault("summary_empty", message("第 {line} 行没有摘要。", line=number), number))
    if not account.is_leaf:
        text = message("第 {line} 行的科目 {code} 有下级，请选末级科目。", line=number, code=account.code)
        faults.append(Fault("account_not_leaf", text, number))
    if account.currency_id is not None and account.currency_id != line.currency_id:
        text = message("第 {line} 行的币种不是科目 {code} 的币种。", line=number, code=account.code)
        faults.append(Fault("currency_mismatch", text, number))
    return faults if settles else faults + _use_faults(line, account, kinds)


def _use_faults(line: Line, account: AccountFacts, kinds: SetFacts) -> list[Fault]:
    """Return why a line may not use its account and auxiliaries the way it does."""
    number = line.line
    faults: list[Fault] = []
    if not account.active:
        text = message("第 {line} 行的科目 {code} 已停用。", line=number, code=account.code)
        faults.append(Fault("account_inactive", text, number))
    for kind in sorted(account.demanded - kinds.kinds):
        name = account.kind_names[kind]
        text = message("第 {line} 行的科目 {code} 要填{kind}。", line=number, code=account.code, kind=name)
        faults.append(Fault("auxiliary_missing", text, number))
    if kinds.kinds - account.demanded - account.offered:
        text = message("第 {line} 行的科目 {code} 没有这种辅助核算。", line=number, code=account.code)
        faults.append(Fault("auxiliary_not_offered", text, number))
    if not kinds.active:
        faults.append(Fault("auxiliary_inactive", message("第 {line} 行的辅助核算项目已停用。", line=number), number))
    return faults


def _unvalued_faults(lines: Sequence[Line], digits: Mapping[int, int], commodities: Mapping[str, int]) -> list[Fault]:
    """Check that lines without a base value balance in their commodity, or at the cost stated in their rate.

    A rate such as `7.53 HRK` says what one unit cost in another commodity; the line then counts in that one.
    """
    sums: dict[int, int] = {}
    for line in lines:
        if not line.unvalued or line.foreign_amount == 0:
            continue
        amount = line.foreign_amount * line.side
        price, _, commodity = line.rate.partition(" ")
        if commodity and commodity in commodities:
            target = commodities[commodity]
            scaled = Decimal(amount).scaleb(digits[target] - digits[line.currency_id])
            sums[target] = sums.get(target, 0) + round_half_up(scaled * Decimal(price))
        else:
            sums[line.currency_id] = sums.get(line.currency_id, 0) + amount
    if any(sums.values()):
        return [Fault("unvalued_unbalanced", message("没有本位币金额的分录在原币上借贷不平。"))]
    return []
