"""Surcharges on VAT and consumption tax: 城市维护建设税, 教育费附加, 地方教育附加.

城市维护建设税法 art. 2–4: on the VAT and consumption tax actually paid, at 7, 5 or 1 %; 教育费附加 3 %, 地方教育附加
2 % on the same base; half of them for small-scale taxpayers and small low-profit firms while 公告2023年第12号 holds.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from app.contract.closing import RateKey
from app.kernel.money import round_half_up
from app.kernel.text import Message, message
from app.ledger.queries.closing import turnovers
from app.ledger.service.closing.scene import Computation, Draft, Scene, no_rate, percent_text
from app.ledger.service.closing.vat import ends_quarter, exempted, quarter_of, quarter_tax, vat_month

STEP = "surcharges"
SUMMARY = "计提税金及附加"
FULL = Decimal(100)


class Surcharge(NamedTuple):
    """One surcharge: its rate, and the accounts it is booked on."""

    key: str
    rate: RateKey
    name: Message
    expense: str
    payable: str


CITY_RATES: dict[str, RateKey] = {
    "city": "city_maintenance_city",
    "county": "city_maintenance_county",
    "other": "city_maintenance_other",
}


def compute(scene: Scene) -> Computation:
    """Compute the surcharges that are missing this month (small-scale taxpayers: this quarter)."""
    found = Computation()
    if scene.is_household or not scene.chart.has("vat"):
        found.note = message("没有应交增值税科目，不用计提附加税费。")
        return found
    if scene.is_small_taxpayer and not ends_quarter(scene.period):
        found.note = message("小规模纳税人按季度申报，季末计提附加税费。")
        return found
    base = _base(scene, found)
    relief = _relief(scene)
    draft = Draft(scene, "transfer", SUMMARY)
    for one in (
        Surcharge(
            "city",
            CITY_RATES[scene.parameters.city_location],
            message("城市维护建设税"),
            "city_tax_expense",
            "city_tax_payable",
        ),
        Surcharge("education", "education_surcharge", message("教育费附加"), "education_expense", "education_payable"),
        Surcharge(
            "local_education",
            "local_education_surcharge",
            message("地方教育附加"),
            "local_education_expense",
            "local_education_payable",
        ),
    ):
        _accrue(scene, found, draft, one, base, relief)
    scene.require_readable()
    if draft.entries:
        found.drafts.append(draft)
    else:
        found.note = message("没有要计提的附加税费。")
    return found


def _base(scene: Scene, found: Computation) -> int:
    chart = scene.chart
    if scene.is_small_taxpayer:
        ids = [one.id for one in chart.leaves(chart.find("vat"))]
        vat = quarter_tax(scene, ids) - exempted(scene, ids)
        note = message("应交增值税本季贷方发生额，减免征税额")
    else:
        month = vat_month(scene)
        vat = month.wanted_out + max(month.paid, 0) - month.wanted_over
        note = message("本月转出未交 + 已交税金 − 转出多交")
        if chart.has("vat_simplified"):
            vat += _credits(scene, "vat_simplified", scene.period)
            note = message("本月转出未交 + 已交税金 − 转出多交 + 简易计税贷方发生额")
    first = quarter_of(scene.period) if scene.is_small_taxpayer else scene.period
    consumption = _credits(scene, "consumption_tax", first) if chart.has("consumption_tax") else 0
    vat = scene.ask_amount("vat_base", str(message("增值税计税依据")), vat, note=str(note))
    consumption = scene.ask_amount("consumption_base", str(message("消费税计税依据")), consumption)
    found.show(message("增值税"), scene.shown(vat), note)
    if consumption:
        found.show(message("消费税"), scene.shown(consumption), message("应交消费税贷方发生额"))
    found.show(message("计税依据合计"), scene.shown(vat + consumption), total=True)
    return max(vat + consumption, 0)


def _credits(scene: Scene, role: str, first: int) -> int:
    ids = [one.id for one in scene.chart.leaves(scene.chart.find(role))]
    return sum(one.credit for one in turnovers(first, scene.period, ids))


def _relief(scene: Scene) -> Decimal:
    """Return the percentage that is due: less than 100 where the relief holds."""
    if not scene.parameters.surcharge_relief:
        return FULL
    rate = scene.rate("surcharge_relief")
    if rate is None:
        return FULL
    return scene.ask_percent("relief", str(message("减征后征收比例")), rate.value, note=rate.source)


def _accrue(scene: Scene, found: Computation, draft: Draft, one: Surcharge, base: int, relief: Decimal) -> None:
    rate = scene.rate(one.rate)
    if rate is None:
        found.warnings.append(no_rate(scene, one.name))
        return
    percent = scene.ask_percent(f"{one.key}_rate", str(one.name), rate.value, note=rate.source)
    wanted = round_half_up(Decimal(base) * percent * relief / (FULL * FULL))
    booked = _booked(scene, one)
    elsewhere = 0
    if scene.chart.has(one.payable):
        first = quarter_of(scene.period) if scene.is_small_taxpayer else scene.period
        elsewhere = _credits(scene, one.payable, first) - booked
    if elsewhere or f"{one.key}_elsewhere" in scene.typed:
        elsewhere = scene.ask_amount(
            f"{one.key}_elsewhere",
            str(message("{name}：另行计提", name=one.name)),
            elsewhere,
            note=str(message("不是本步骤生成的贷方发生额；不属于本期的请改为 0")),
        )
    missing = wanted - booked - elsewhere
    how = f"{scene.shown(base)} × {percent_text(percent)}"
    if relief != FULL:
        how = f"{how} × {percent_text(relief)}"
    found.show(one.name, scene.shown(wanted), how)
    if booked + elsewhere:
        found.show(message("减：已计提"), scene.shown(booked + elsewhere))
    if missing:
        draft.add(scene.chart.need(one.expense), missing, credit=False, summary=f"计提{one.name.source}")
        draft.add(scene.chart.need(one.payable), missing, credit=True, summary=f"计提{one.name.source}")


def _booked(scene: Scene, one: Surcharge) -> int:
    """Return what vouchers of this step hold of a surcharge: by its own expense account, else its own payable."""
    chart = scene.chart
    entries = scene.booked(STEP)
    if chart.has(one.expense):
        account = chart.need(one.expense)
        return sum(entry.debit - entry.credit for entry in entries if entry.account_id == account.id)
    if chart.has(one.payable):
        account = chart.need(one.payable)
        return sum(entry.credit - entry.debit for entry in entries if entry.account_id == account.id)
    return 0
