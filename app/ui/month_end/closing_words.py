"""The words and signs of the month's end in the window's language."""

from __future__ import annotations

from app.contract.closing import ClosingStep, PreCheck, RateKey, StepState
from app.ui.language import tr
from app.ui.navigation import OpenAccount, OpenEntries, OpenVoucher, OpenVoucherList, Target

SIGNS: dict[StepState, str] = {"done": "✓", "due": "●", "nothing": "–", "skipped": "↷", "blocked": "✗"}
"""Beside the word, so that a glance down the list tells how far the month is."""


def state_name(state: StepState) -> str:
    """Return how far a step is."""
    names: dict[StepState, str] = {
        "done": tr("已完成"),
        "due": tr("待处理"),
        "nothing": tr("本月不需要"),
        "skipped": tr("已跳过"),
        "blocked": tr("先处理问题"),
    }
    return names[state]


def step_line(step: ClosingStep) -> str:
    """Return a step as the list shows it."""
    return f"{SIGNS[step.state]}  {step.title}"


def voucher_state(state: str) -> str:
    """Return how far a voucher is."""
    names = {"draft": tr("草稿"), "reviewed": tr("已审核"), "posted": tr("已记账"), "void": tr("作废")}
    return names.get(state, state)


def target_of(check: PreCheck, period: str) -> Target | None:
    """Return where an offending row is, or None."""
    if check.voucher_id is not None:
        return OpenVoucher(check.voucher_id)
    if check.account_code and check.code.startswith("account"):
        return OpenAccount(check.account_code)
    if check.account_code:
        return OpenEntries(check.account_code, period, period, aux=check.aux, include_unposted=True)
    return OpenVoucherList(period, period)


def rate_name(key: RateKey) -> str:
    """Return what a rate is."""
    names: dict[RateKey, str] = {
        "city_maintenance_city": tr("城市维护建设税（市区）"),
        "city_maintenance_county": tr("城市维护建设税（县城、镇）"),
        "city_maintenance_other": tr("城市维护建设税（其他）"),
        "education_surcharge": tr("教育费附加"),
        "local_education_surcharge": tr("地方教育附加"),
        "surcharge_relief": tr("附加税费减征比例"),
        "income_tax": tr("企业所得税"),
        "small_profit_income_tax": tr("小型微利企业所得税"),
        "legal_reserve": tr("法定盈余公积"),
        "legal_reserve_limit": tr("法定盈余公积上限（占资本）"),
        "small_exempt_quarter": tr("小规模季度免税销售额"),
    }
    return names[key]
