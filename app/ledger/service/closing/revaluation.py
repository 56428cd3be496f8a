"""期末调汇: monetary balances in foreign currency at the closing rate of the month.

小企业会计准则 art. 76–78, CAS 19 art. 11: monetary items are converted at the rate of the balance-sheet date, the
difference goes to profit and loss; non-monetary items keep theirs. Gains go to 营业外收入——汇兑收益 and losses to
财务费用——汇兑损失 under the small standard, both to 财务费用 under 企业会计准则.
"""

from __future__ import annotations

from decimal import Decimal

from app.kernel.errors import UserError
from app.kernel.money import convert, format_amount, format_rate, group_thousands, parse_rate
from app.kernel.text import message
from app.ledger.queries.closing import KeyBalance
from app.ledger.queries.rates import rate_on
from app.ledger.service.closing.scene import Computation, Draft, Scene

STEP = "revaluation"
SUMMARY = "期末调汇"


def compute(scene: Scene) -> Computation:
    """Compute what the monetary balances lack to stand at the closing rate."""
    found = Computation()
    accounts = [one for one in scene.chart.accounts if one.is_leaf and scene.chart.is_monetary(one)]
    keys = [key for key in scene.balances(accounts, foreign_only=True) if scene.currencies[key.currency_id][2]]
    if not keys:
        found.note = message("没有外币货币性项目的余额。")
        return found
    scene.read_aux(key.set_id for key in keys)
    rates = _rates(scene, found, {key.currency_id for key in keys if key.foreign})
    if found.blocked:
        return found
    booked: dict[tuple[int, int, int], int] = {}
    for entry in scene.booked(STEP):
        place = (entry.account_id, entry.currency_id, entry.set_id)
        booked[place] = booked.get(place, 0) + entry.debit - entry.credit
    draft = Draft(scene, "transfer", SUMMARY)
    gain = loss = 0
    for key in keys:
        worth = (
            convert(key.foreign, scene.currencies[key.currency_id][1], rates[key.currency_id], scene.base_digits)
            if (key.foreign)
            else 0
        )
        difference = worth - key.base
        whole = difference + booked.get((key.account_id, key.currency_id, key.set_id), 0)
        gain, loss = gain + max(whole, 0), loss + max(-whole, 0)
        _show(scene, found, key, worth, rates.get(key.currency_id))
        if difference:
            draft.add(
                scene.chart.by_id[key.account_id],
                abs(difference),
                credit=difference < 0,
                set_id=key.set_id,
                currency_id=key.currency_id,
            )
    found.show(message("汇兑收益"), scene.shown(gain), total=True)
    found.show(message("汇兑损失"), scene.shown(loss), total=True)
    if draft.entries:
        _book_differences(scene, draft, gain, loss)
        found.drafts.append(draft)
    return found


def _rates(scene: Scene, found: Computation, currency_ids: set[int]) -> dict[int, Decimal]:
    rates: dict[int, Decimal] = {}
    for currency_id in sorted(currency_ids):
        code = scene.currencies[currency_id][0]
        known = rate_on(currency_id, scene.month_end.isoformat()) or ""
        text = scene.ask(
            f"rate.{code}",
            "rate",
            str(message("{code} 期末汇率", code=code)),
            known,
            note=str(message("汇率表中 {date} 适用的汇率", date=scene.month_end.isoformat())) if known else "",
        )
        if not text.strip():
            found.blocked = message(
                "没有 {code} 在 {date} 的汇率，请在汇率表里登记，或在这里填写。",
                code=code,
                date=scene.month_end.isoformat(),
            )
            continue
        try:
            rates[currency_id] = parse_rate(text)
        except UserError as error:
            scene.refuse(f"rate.{code}", error.message)
    scene.require_readable()
    return rates


def _show(scene: Scene, found: Computation, key: KeyBalance, worth: int, rate: Decimal | None) -> None:
    account, (code, digits, _) = scene.chart.by_id[key.account_id], scene.currencies[key.currency_id]
    aux = scene.aux(key.set_id)
    found.show(
        f"{account.title} {aux}".strip(),
        scene.shown(worth - key.base),
        message(
            "{foreign} {code} × {rate} = {worth}，账面 {base}",
            foreign=group_thousands(format_amount(key.foreign, digits)),
            code=code,
            rate=format_rate(rate) if rate is not None else "—",
            worth=scene.shown(worth),
            base=scene.shown(key.base),
        ),
        account=account.code,
        aux=aux,
    )


def _book_differences(scene: Scene, draft: Draft, gain: int, loss: int) -> None:
    """Book what the gain and the loss of the whole month lack; a smaller gain than before comes out red on its side."""
    chart = scene.chart
    gains, losses = chart.need("exchange_gain"), chart.need("exchange_loss")
    booked = scene.booked(STEP)
    if gains.id == losses.id:
        draft.add(losses, -draft.balance, credit=False)
        return
    gain -= sum(entry.credit - entry.debit for entry in booked if entry.account_id == gains.id)
    loss -= sum(entry.debit - entry.credit for entry in booked if entry.account_id == losses.id)
    # What somebody edited before must not leave this voucher out of balance: the rest goes where the larger part goes.
    rest = draft.balance - (gain - loss)
    if rest and abs(gain) >= abs(loss):
        gain += rest
    elif rest:
        loss -= rest
    if gain:
        draft.add(gains, gain, credit=True)
    if loss:
        draft.add(losses, loss, credit=False)
