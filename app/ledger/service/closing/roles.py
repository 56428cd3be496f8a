"""Which account of a chart plays which part when a month is closed.

The same digits mean different accounts in the two standards, and people renumber: an account is looked for by its
official name below its official parent first, then by its usual code.
"""

from __future__ import annotations

from typing import NamedTuple


class Role(NamedTuple):
    """Where a part is usually played: its code, the names it goes by, and the part of the account above it."""

    code: str
    names: tuple[str, ...]
    parent: str | None = None


SMALL_ENTERPRISE: dict[str, Role] = {
    "profit_of_year": Role("3103", ("本年利润",)),
    "appropriation": Role("3104", ("利润分配",)),
    "undistributed": Role("310415", ("未分配利润",), "appropriation"),
    "reserve_appropriated": Role("310402", ("提取法定盈余公积",), "appropriation"),
    "discretionary_appropriated": Role("310403", ("提取任意盈余公积",), "appropriation"),
    "profit_distributed": Role("310404", ("应付利润", "应付股利"), "appropriation"),
    "losses_made_good": Role("310405", ("盈余公积补亏",), "appropriation"),
    "reserve": Role("3101", ("盈余公积",)),
    "legal_reserve": Role("310101", ("法定盈余公积",), "reserve"),
    "discretionary_reserve": Role("310102", ("任意盈余公积",), "reserve"),
    "capital": Role("3001", ("实收资本", "股本")),
    "profit_payable": Role("2232", ("应付利润", "应付股利")),
    "other_income": Role("5301", ("营业外收入",)),
    "finance_cost": Role("5603", ("财务费用",)),
    "exchange_gain": Role("530105", ("汇兑收益",), "other_income"),
    "exchange_loss": Role("560303", ("汇兑损失", "汇兑损益"), "finance_cost"),
    "relief_income": Role("530111", ("减免税款", "减免税"), "other_income"),
    "taxes_payable": Role("2221", ("应交税费",)),
    "vat": Role("222101", ("应交增值税",), "taxes_payable"),
    "vat_paid": Role("22210103", ("已交税金",), "vat"),
    "vat_out": Role("22210104", ("转出未交增值税",), "vat"),
    "vat_over": Role("22210110", ("转出多交增值税",), "vat"),
    "vat_unpaid": Role("222102", ("未交增值税",), "taxes_payable"),
    "vat_simplified": Role("222108", ("简易计税",), "taxes_payable"),
    "consumption_tax": Role("222116", ("应交消费税", "消费税"), "taxes_payable"),
    "income_tax_payable": Role("222111", ("应交企业所得税", "应交所得税", "企业所得税"), "taxes_payable"),
    "city_tax_payable": Role("222113", ("应交城市维护建设税", "城市维护建设税"), "taxes_payable"),
    "education_payable": Role("222114", ("应交教育费附加", "教育费附加"), "taxes_payable"),
    "local_education_payable": Role("222115", ("应交地方教育附加", "地方教育附加", "地方教育费附加"), "taxes_payable"),
    "tax_expense": Role("5403", ("税金及附加", "营业税金及附加")),
    "city_tax_expense": Role("540302", ("城市维护建设税",), "tax_expense"),
    "education_expense": Role("540309", ("教育费附加",), "tax_expense"),
    "local_education_expense": Role("540310", ("地方教育附加", "地方教育费附加"), "tax_expense"),
    "income_tax_expense": Role("5801", ("所得税费用", "所得税")),
    "main_revenue": Role("5001", ("主营业务收入",)),
    "other_revenue": Role("5051", ("其他业务收入",)),
    "main_cost": Role("5401", ("主营业务成本",)),
    "other_cost": Role("5402", ("其他业务成本",)),
    "materials": Role("1403", ("原材料",)),
    "merchandise": Role("1405", ("库存商品",)),
    "production": Role("4001", ("生产成本",)),
    "overhead": Role("4101", ("制造费用",)),
    "receivable": Role("1122", ("应收账款",)),
    "advance_paid": Role("1123", ("预付账款",)),
    "payable": Role("2202", ("应付账款",)),
    "accrued_purchase": Role("220202", ("暂估应付账款", "暂估应付款", "应付暂估款", "暂估"), "payable"),
    "advance_received": Role("2203", ("预收账款",)),
    "input_vat": Role("22210101", ("进项税额",), "vat"),
    "output_vat": Role("22210107", ("销项税额",), "vat"),
    "pending": Role("1901", ("待处理财产损溢",)),
    "pending_stock": Role("190101", ("待处理流动资产损溢",), "pending"),
    "other_income_rest": Role("530199", ("其他",), "other_income"),
    "administration": Role("5602", ("管理费用",)),
    "administration_rest": Role("560299", ("其他",), "administration"),
    "cash_discount": Role("560305", ("现金折扣",), "finance_cost"),
    "finance_rest": Role("560399", ("其他",), "finance_cost"),
}
"""小企业会计准则, appendix; second-level codes are convention."""

ASBE: dict[str, Role] = {
    **SMALL_ENTERPRISE,
    "profit_of_year": Role("4103", ("本年利润",)),
    "appropriation": Role("4104", ("利润分配",)),
    "undistributed": Role("410415", ("未分配利润",), "appropriation"),
    "reserve_appropriated": Role("410402", ("提取法定盈余公积",), "appropriation"),
    "discretionary_appropriated": Role("410403", ("提取任意盈余公积",), "appropriation"),
    "profit_distributed": Role("410404", ("应付现金股利或利润", "应付股利", "应付利润"), "appropriation"),
    "losses_made_good": Role("410405", ("盈余公积补亏",), "appropriation"),
    "reserve": Role("4101", ("盈余公积",)),
    "legal_reserve": Role("410101", ("法定盈余公积",), "reserve"),
    "discretionary_reserve": Role("410102", ("任意盈余公积",), "reserve"),
    "capital": Role("4001", ("实收资本", "股本")),
    "profit_payable": Role("2232", ("应付股利", "应付利润")),
    "other_income": Role("6117", ("其他收益",)),
    "finance_cost": Role("6603", ("财务费用",)),
    "exchange_gain": Role("660303", ("汇兑差额", "汇兑损益", "汇兑损失"), "finance_cost"),
    "exchange_loss": Role("660303", ("汇兑差额", "汇兑损益", "汇兑损失"), "finance_cost"),
    "relief_income": Role("611701", ("减免税款", "减免税"), "other_income"),
    "tax_expense": Role("6403", ("税金及附加", "营业税金及附加")),
    "city_tax_expense": Role("640302", ("城市维护建设税",), "tax_expense"),
    "education_expense": Role("640309", ("教育费附加",), "tax_expense"),
    "local_education_expense": Role("640310", ("地方教育附加", "地方教育费附加"), "tax_expense"),
    "income_tax_expense": Role("6801", ("所得税费用", "所得税")),
    "main_revenue": Role("6001", ("主营业务收入",)),
    "other_revenue": Role("6051", ("其他业务收入",)),
    "main_cost": Role("6401", ("主营业务成本",)),
    "other_cost": Role("6402", ("其他业务成本",)),
    "production": Role("5001", ("生产成本",)),
    "overhead": Role("5101", ("制造费用",)),
    "prior_years": Role("6901", ("以前年度损益调整",)),
    "non_operating_income": Role("6301", ("营业外收入",)),
    "other_income_rest": Role("630199", ("其他",), "non_operating_income"),
    "administration": Role("6602", ("管理费用",)),
    "administration_rest": Role("660299", ("其他",), "administration"),
    "cash_discount": Role("660305", ("现金折扣",), "finance_cost"),
    "finance_rest": Role("660399", ("其他",), "finance_cost"),
}
"""企业会计准则应用指南, appendix; later accounts and all details carry vendors' numbers."""

HOUSEHOLD: dict[str, Role] = {
    "profit_of_year": Role("3101", ("本期结余",)),
    "undistributed": Role("3102", ("历年结余",)),
    "exchange_gain": Role("4003", ("汇兑收益", "汇兑损益", "投资收益")),
    "exchange_loss": Role("5901", ("汇兑损失", "汇兑损益", "投资亏损")),
}

ROLES = {"small_enterprise_2013": SMALL_ENTERPRISE, "asbe_2006_2019": ASBE, "household": HOUSEHOLD}

NON_MONETARY = {
    # goods, equity investments, assets, deferred expenses, advances; bonds (1501) are claims to money
    "small_enterprise_2013": ("1101", "1123", "14", "1511", "16", "17", "18", "19", "2203", "2401"),
    "asbe_2006_2019": (
        *("1101", "1123", "14", "1504", "1511", "1512", "152", "16", "17", "18", "19"),
        *("2203", "2204", "2401", "2901"),
    ),
    "household": ("1101", "1204", "15"),
}
"""Codes (and all below them) whose foreign balances are no claims to a fixed or determinable amount of money: they keep
the rate of the day they arose (小企业会计准则 art. 75; CAS 19 art. 11)."""
