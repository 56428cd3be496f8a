"""What is looked at before a month is closed; every finding names its row (财会〔2024〕12号 art. 24)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from app.contract.closing import PreCheck
from app.kernel.money import QUANTITY_DIGITS, format_amount, format_quantity
from app.kernel.period import format_period, next_period
from app.kernel.text import Message, message
from app.ledger.queries.assets.comparing import agreement
from app.ledger.queries.closing import number_gaps, trial_sums, turnovers, unposted_vouchers
from app.ledger.service.closing import guests
from app.ledger.service.closing.scene import Scene
from app.ledger.service.locks import start_period
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all, fetch_one

LONGEST_LIST = 100
DECEMBER = 12


def check_month(scene: Scene) -> list[PreCheck]:
    """Return what keeps the month from being closed, and what should be looked at."""
    return [
        *_earlier_open(scene),
        *_unposted(scene),
        *_gaps(scene),
        *_trial(scene),
        *_cash(scene),
        *_stock(scene),
        *_must_be_nil(scene),
        *_assets(scene),
        *guests.checks(scene.period),
    ]


def _earlier_open(scene: Scene) -> Iterator[PreCheck]:
    row = fetch_one("SELECT MAX(period) FROM {period} WHERE state = 'closed'")
    due = next_period(int(row[0])) if row and row[0] else start_period()
    if due < scene.period:
        yield _found("earlier_open", "stop", message("前面的月份还没有结账。"), format_period(due))


def _unposted(scene: Scene) -> Iterator[PreCheck]:
    for voucher_id, word, number, state, faults in unposted_vouchers(scene.period, LONGEST_LIST):
        if faults:
            text = message("有错误的草稿，改好后审核记账。")
        else:
            text = message("还没有审核。") if state == "draft" else message("已审核，还没有记账。")
        name = f"{word}-{number if number is not None else '?'}"
        yield _found("voucher_unposted", "stop", text, name, voucher_id=int(voucher_id))


def _gaps(scene: Scene) -> Iterator[PreCheck]:
    for word, number in number_gaps(scene.period)[:LONGEST_LIST]:
        yield _found("number_gap", "stop", message("缺这个号的凭证。"), f"{word}-{number}")


def _trial(scene: Scene) -> Iterator[PreCheck]:
    opening, debit, credit = trial_sums(scene.period)
    where = format_period(scene.period)
    if opening:
        text = message("期初余额借贷不平，差 {amount}。", amount=scene.shown(opening))
        yield _found("trial_opening", "stop", text, where)
    if debit != credit:
        text = message(
            "本期发生额借贷不平：借方 {debit}，贷方 {credit}。", debit=scene.shown(debit), credit=scene.shown(credit)
        )
        yield _found("trial_turnover", "stop", text, where)
    if opening + debit - credit:
        text = message("期末余额借贷不平，差 {amount}。", amount=scene.shown(opening + debit - credit))
        yield _found("trial_closing", "stop", text, where)


def _cash(scene: Scene) -> Iterator[PreCheck]:
    sums: dict[tuple[int, int], list[int]] = {}
    for key in scene.balances(one for one in scene.chart.accounts if one.is_leaf and one.is_cash):
        row = sums.setdefault((key.account_id, key.currency_id), [0, 0])
        row[0], row[1] = row[0] + key.base, row[1] + key.foreign
    for (account_id, currency_id), (base, foreign) in sorted(sums.items()):
        account = scene.chart.by_id[account_id]
        if currency_id != scene.base_id and foreign < 0:
            code, digits, _ = scene.currencies[currency_id]
            amount = f"{format_amount(foreign, digits)} {code}"
        elif currency_id == scene.base_id and base < 0:
            amount = scene.shown(base)
        else:
            continue
        text = message("现金或存款的余额是负数：{amount}。", amount=amount)
        yield _found("cash_negative", "warning", text, account.title, account_code=account.code)


def _stock(scene: Scene) -> Iterator[PreCheck]:
    governed = set(get_setting("governed_accounts", []))  # stock keeps these, item by item
    accounts = [
        one
        for one in scene.chart.accounts
        if one.is_leaf and one.has_quantity and one.category == "资产" and one.id not in governed
    ]
    counted = {
        (one.account_id, one.set_id)
        for one in turnovers(scene.year_begin, scene.period, [one.id for one in accounts])
        if one.quantity_debit or one.quantity_credit
    }
    keys = scene.balances(accounts)
    scene.read_aux(key.set_id for key in keys)
    for key in keys:
        account, aux = scene.chart.by_id[key.account_id], scene.aux(key.set_id)
        if key.quantity < 0:
            have = format_quantity(key.quantity, QUANTITY_DIGITS)
            text = message("库存数量是负数：{quantity}。", quantity=have)
            yield _found("stock_negative", "warning", text, account.title, account_code=account.code, aux=aux)
        elif not key.quantity and key.base and (key.account_id, key.set_id) in counted:
            text = message("数量为零，还有金额 {amount}。", amount=scene.shown(key.base))
            yield _found("stock_residue", "warning", text, account.title, account_code=account.code, aux=aux)


def _must_be_nil(scene: Scene) -> Iterator[PreCheck]:
    """Cost accounts the chart wants nil at each month's end, and others at the year's (小企业会计准则 appendix)."""
    wanted = {"month_end_zero"} | ({"year_end_zero"} if scene.period % 100 == DECEMBER else set())
    steps_do_it = {one.id for one in scene.chart.leaves(scene.chart.find("appropriation"))}
    steps_do_it |= {one.id for one in scene.chart.leaves(scene.chart.find("profit_of_year"))}
    ids = {
        int(account_id)
        for account_id, attributes in fetch_all("SELECT id, attributes FROM {account} WHERE is_leaf = 1")
        if any(json.loads(attributes or "{}").get(name) == "Y" for name in wanted)
    }
    own = {one.id for one in scene.chart.profit_and_loss()}
    accounts = [one for one in scene.chart.accounts if one.id in ids - own - steps_do_it]
    keys = scene.balances(accounts)
    scene.read_aux(key.set_id for key in keys)
    for key in keys:
        if key.base:
            account = scene.chart.by_id[key.account_id]
            text = message("期末应当没有余额，现有 {amount}。", amount=scene.shown(key.base))
            yield _found(
                *("must_be_nil", "warning", text, account.title),
                account_code=account.code,
                aux=scene.aux(key.set_id),
            )


def _assets(scene: Scene) -> Iterator[PreCheck]:
    for row in agreement(scene.period):
        if not row.agrees:
            text = message(
                "账面 {ledger}，资产卡片 {cards}。",
                ledger=scene.shown(row.ledger_minor),
                cards=scene.shown(row.cards_minor),
            )
            where = f"{row.account_code} {row.account_name}"
            yield _found("assets_differ", "warning", text, where, account_code=row.account_code)


def _found(
    code: str,
    severity: str,
    text: Message,
    where: str,
    *,
    voucher_id: int | None = None,
    account_code: str = "",
    aux: str = "",
) -> PreCheck:
    return PreCheck(
        code=code,
        severity="stop" if severity == "stop" else "warning",
        message=str(text),
        where=where,
        voucher_id=voucher_id,
        account_code=account_code,
        aux=aux,
    )
