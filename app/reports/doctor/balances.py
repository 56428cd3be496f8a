"""What can be wrong with balances: left over, on the wrong side, without the auxiliary or quantity they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from app.contract.doctor import DoctorPlace, Severity
from app.kernel.money import format_amount, format_quantity
from app.kernel.text import message
from app.ledger.integrity import opening_flaws
from app.reports.chart import read_set_texts
from app.reports.doctor.finding import Ailment, at_account, at_entries
from app.reports.doctor.patient import DoctorAccount, Patient, Standing
from app.reports.request import marks
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all

PERIOD_END = DoctorPlace(kind="periods", page="periods")
DECEMBER = 12
EITHER_SIDE: Mapping[str, tuple[str, ...]] = {
    "small_enterprise_2013": (
        *("1122", "1123", "1221", "1404", "1606", "1901"),
        *("2202", "2203", "2221", "2241", "3103", "3104"),
    ),
    "asbe_2006_2019": (
        *("1122", "1123", "1221", "1404", "1606", "1901", "2202", "2203", "2204", "2221", "2241"),
        *("3101", "3201", "3202", "4002", "4003", "4103", "4104"),
    ),
    "household": ("3001", "3101", "3102"),
}
"""Accounts (with all below) whose balance may stand on either side: settlements that turn into their opposite
(会小企01表 shows them there), taxes paid in advance, variances, profit and loss."""
SIDED = ("资产", "负债", "所有者权益", "净资产", "成本")
COUNTED = ("资产", "成本")
Value = TypeVar("Value")


def profit_left(patient: Patient, standing: Standing, period: int) -> Iterator[Ailment]:
    """Yield profit-and-loss accounts that a closed month leaves with a balance; the ledger refuses to close such."""
    if period not in patient.closed:
        return
    sums: dict[int, list[int]] = {}
    for (account_id, _, _), (amount, _, _) in standing.balances.items():
        account = patient.accounts.get(account_id)
        if amount and account is not None and account.is_profit_and_loss:
            sums.setdefault(account_id, []).append(amount)
    for account, amounts in _in_order(patient, sums):
        text = message("{period} 已结账，损益却还有余额 {amount}。", **_left(patient, period, sum(amounts)))
        remedy = message("请反结账这个月，结转损益，再结账。")
        yield Ailment(
            "profit_not_carried", "error", account.called, text, remedy, at_entries(account.code, period, period)
        )


def not_nil(patient: Patient, standing: Standing, period: int) -> Iterator[Ailment]:
    """Yield accounts that must be nil at a month's or year's end: warnings in closed months, else hints.

    Which ones is said by the chart (小企业会计准则 appendix: 4101, 4403 monthly; 1901, 3103 and the details of 3104 at
    the year's end). Profit and loss has a check of its own.
    """
    severity: Severity = "warning" if period in patient.closed else "hint"
    if severity == "hint" and period != patient.last:
        return
    december = period % 100 == DECEMBER
    for account, amount in _in_order(patient, standing.by_account()):
        due = account.month_end_zero or (december and account.year_end_zero)
        if not due or account.is_profit_and_loss:
            continue
        where = account.called
        if account.month_end_zero:
            text = message("{period} 月末应无余额，还有 {amount}。", **_left(patient, period, amount))
        else:
            text = message("{period} 年末应无余额，还有 {amount}。", **_left(patient, period, amount))
        remedy = message("请在期末结账里结转这个科目。")
        yield Ailment("not_nil", severity, where, text, remedy, at_entries(account.code, period, period))


def without_auxiliary(patient: Patient, standing: Standing) -> Iterator[Ailment]:
    """Yield accounts whose sub-ledger falls short: a balance stands without the auxiliary the account demands."""
    kinds: dict[int, set[int]] = {}
    for set_id, kind_id in fetch_all("SELECT set_id, kind_id FROM {auxiliary_set_item}"):
        kinds.setdefault(set_id, set()).add(kind_id)
    missing: dict[tuple[int, int], int] = {}
    for (account_id, set_id), (amount, _) in standing.by_set().items():
        account = patient.accounts.get(account_id)
        if not amount or account is None or not account.demanded:
            continue
        for kind_id in account.demanded - kinds.get(set_id, set()):
            key = (account_id, kind_id)
            missing[key] = missing.get(key, 0) + amount
    if not missing:
        return
    names = {row[0]: row[1] for row in fetch_all("SELECT id, name FROM {auxiliary_kind}")}
    for (account_id, kind_id), amount in sorted(missing.items(), key=lambda item: patient.accounts[item[0][0]].code):
        if not amount:
            continue
        account = patient.accounts[account_id]
        yield Ailment(
            "sub_ledger",
            "error",
            account.called,
            message(
                "按{kind}的明细合计与总账差 {amount}：这部分余额没有{kind}。",
                kind=names.get(kind_id, "?"),
                amount=patient.money(amount),
            ),
            message("请用一张凭证把没有{kind}的余额转到各{kind}名下。", kind=names.get(kind_id, "?")),
            at_entries(account.code, patient.start, patient.last),
        )


def on_parents(patient: Patient, standing: Standing) -> Iterator[Ailment]:
    """Yield accounts with accounts below them that have a balance of their own: the details do not add up to them."""
    for account, amount in _in_order(patient, standing.by_account()):
        if account.is_leaf:
            continue
        yield Ailment(
            "parent_balance",
            "error",
            account.called,
            message("有下级的科目自己还有余额 {amount}，下级合计与它不等。", amount=patient.money(amount)),
            message("程序不会留下这样的余额：数据在程序之外被改动过，请与备份比较。"),
            at_account(account.code),
        )


def trial_balance(patient: Patient, standing: Standing) -> Iterator[Ailment]:
    """Yield the trial balance itself, if debits and credits differ."""
    off = sum(standing.by_account().values())
    if off:
        yield Ailment(
            "trial_balance",
            "error",
            message("试算平衡"),
            message("{period} 借方余额与贷方余额差 {amount}。", **_left(patient, patient.last, off)),
            message("请到“备份”页做完整核验，它会指出哪张凭证或哪笔期初不对。"),
            DoctorPlace(kind="page", page="backup"),
        )


def opening_unbalanced() -> Iterator[Ailment]:
    """Yield opening balances whose sides differ."""
    for flaw in opening_flaws():
        yield Ailment(
            "opening_unbalanced",
            "error",
            message("期初余额"),
            flaw.text,
            message("请核对期初余额的借贷双方。"),
            DoctorPlace(kind="opening", page="opening"),
        )


def quantities(patient: Patient, standing: Standing) -> Iterator[Ailment]:
    """Yield stock whose quantity and value disagree: nothing left with a value, pieces without one, below nothing.

    Accounts that never counted a piece are kept in money only, whatever the chart offers; those that stock keeps are
    compared with it item by item in `stock`.
    """
    governed = set(get_setting("governed_accounts", []))
    counted = [
        account
        for account in patient.accounts.values()
        if account.has_quantity and account.is_leaf and account.category in COUNTED and account.id not in governed
    ]
    used = _ever_counted([account.id for account in counted])
    rows = [
        (patient.accounts[account_id], set_id, amount, quantity)
        for (account_id, set_id), (amount, quantity) in standing.by_set().items()
        if account_id in used
    ]
    if not rows:
        return
    texts = read_set_texts(set_id for _, set_id, _, _ in rows)
    for account, set_id, amount, quantity in sorted(rows, key=lambda row: (row[0].code, texts.get(row[1], ""))):
        sign = 1 if account.normal_side == "debit" else -1
        pieces, money = format_quantity(quantity * sign), format_amount(amount * sign, patient.digits)
        if quantity == 0:
            text = message("数量为零，却有金额 {amount}。", amount=money)
            remedy = message("请把余下的金额转入成本。")
            check = "value_without_quantity"
        elif quantity * sign < 0:
            text = message("库存为负：数量 {quantity}，金额 {amount}。", quantity=pieces, amount=money)
            remedy = message("请补记入库，或更正多记的出库。")
            check = "negative_stock"
        elif amount == 0:
            text = message("有数量 {quantity}，却没有金额。", quantity=pieces)
            remedy = message("请补记入库成本，或按暂估入账。")
            check = "quantity_without_value"
        else:
            continue
        aux = texts.get(set_id, "")
        where = f"{account.called} {aux}".strip()
        place = at_entries(account.code, patient.start, patient.last, aux)
        yield Ailment(check, "warning", where, text, remedy, place)


def _ever_counted(account_ids: list[int]) -> set[int]:
    if not account_ids:
        return set()
    rows = fetch_all(
        f"SELECT DISTINCT account_id FROM {{balance}} WHERE account_id IN ({marks(account_ids)})"
        " AND (quantity_debit <> 0 OR quantity_credit <> 0 OR opening_quantity <> 0)",
        account_ids,
    )
    return {int(row[0]) for row in rows}


def out_of_use(patient: Patient, standing: Standing) -> Iterator[Ailment]:
    """Yield balances on accounts and auxiliary items that are out of use; merged items count as their survivor."""
    for account, amount in _in_order(patient, standing.by_account()):
        if not account.active:
            yield Ailment(
                "inactive_with_balance",
                "warning",
                account.called,
                message("科目已停用，还有余额 {amount}。", amount=patient.money(amount)),
                message("请恢复使用这个科目，转出余额后再停用。"),
                at_account(account.code),
            )
    idle = fetch_all(
        "SELECT i.set_id, k.name, a.name FROM {auxiliary_set_item} i JOIN {auxiliary} a ON a.id = i.auxiliary_id"
        " JOIN {auxiliary_kind} k ON k.id = i.kind_id WHERE a.active = 0 AND a.merged_into IS NULL"
    )
    items: dict[int, list[str]] = {}
    for set_id, kind, name in idle:
        items.setdefault(set_id, []).append(f"{kind}:{name}")
    if not items:
        return
    for (account_id, set_id), (amount, _) in sorted(standing.by_set().items()):
        account_found = patient.accounts.get(account_id)
        if not amount or account_found is None:
            continue
        for item in items.get(set_id, ()):
            yield Ailment(
                "inactive_with_balance",
                "warning",
                f"{account_found.called} {item}",
                message("辅助核算项目已停用，还有余额 {amount}。", amount=patient.money(amount)),
                message("请恢复使用这个项目，转出余额后再停用。"),
                at_entries(account_found.code, patient.start, patient.last, item),
            )


def wrong_side(patient: Patient, standing: Standing) -> Iterator[Ailment]:
    """Yield accounts that stand on the side they do not belong on, such as 累计折旧 in debit.

    Left out are cash (which has a check of its own), profit and loss, and what may stand on either side.
    """
    either = EITHER_SIDE.get(patient.chart, ())
    for account, amount in _in_order(patient, standing.by_account()):
        if not account.is_leaf or account.is_cash or account.has_kinds or account.category not in SIDED:
            continue
        if account.code.startswith(either or ("-",)) or (amount > 0) == (account.normal_side == "debit"):
            continue
        if amount > 0:
            text = message("余额在借方 {amount}，这个科目通常在贷方。", amount=patient.money(amount))
        else:
            text = message("余额在贷方 {amount}，这个科目通常在借方。", amount=patient.money(-amount))
        remedy = message("请查看分录：可能记错了方向或科目。")
        place = at_entries(account.code, patient.first, patient.last)
        yield Ailment("wrong_side", "hint", account.called, text, remedy, place)


def _left(patient: Patient, period: int, amount: int) -> dict[str, str]:
    return {"period": patient.named(period), "amount": patient.money(amount)}


def _in_order(patient: Patient, sums: Mapping[int, Value]) -> Iterator[tuple[DoctorAccount, Value]]:
    known = [
        (patient.accounts[account_id], value) for account_id, value in sums.items() if account_id in patient.accounts
    ]
    yield from sorted(known, key=lambda pair: pair[0].code)
