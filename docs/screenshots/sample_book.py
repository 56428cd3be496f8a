"""A small trading company's book for the pictures: made-up, but a bookkeeper would believe it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sample_stock import STOCK_ACCOUNT, count_sample_stock, move_sample_stock, open_sample_stock
from sample_trade import trade_samples

from app.bootstrap import Runtime
from app.client.api import ApiClient
from app.client.transport import Transport
from app.contract.assets import AssetInput
from app.contract.closing import CloseWish, StepKey, StepRun
from app.contract.contacts import ContactGroupInput, ContactInput, ContactRole
from app.contract.identity import DepartmentInput, PasswordChange, RoleInput, UserChange, UserInput
from app.contract.ledger import (
    AccountChange,
    AccountInput,
    AuxiliaryUse,
    BatchSelection,
    EntryInput,
    Opening,
    OpeningRow,
    VoucherInput,
)
from app.contract.rates import ExchangeRateInput
from app.contract.voucher_work import TemplateEntry, TemplateInput
from app.ui.runtime import NewBook

NAME = "青禾商贸有限公司"
MONTHS = 11
CUSTOMERS = ("远航科技", "明德书店", "南山食品", "星河酒店")
SUPPLIERS = ("华东纸业", "立信文具", "安达物流")
STEPS: tuple[StepKey, ...] = ("depreciation", "vat", "surcharges", "income_tax")
Line = tuple[str, str, str, str]
"""Account, debit, credit, auxiliary."""


def make_sample_book(runtime: Runtime, path: Path) -> None:
    """Make the book and fill it through the API, as a person would through the window."""
    opened = runtime.create_book(NewBook(str(path), NAME, "small_enterprise_2013", "2026-01", "general"))
    api = ApiClient(Transport(opened.url, opened.token))
    try:
        _divide_goods(api)
        _demand_auxiliaries(api)
        _add_contacts(api)
        api.replace_opening(
            Opening(
                rows=[
                    OpeningRow(account_code="1002", year_begin_debit="860000.00"),
                    OpeningRow(account_code="1001", year_begin_debit="5200.00"),
                    OpeningRow(account_code="140501", year_begin_debit="98800.00"),
                    OpeningRow(account_code=STOCK_ACCOUNT, year_begin_debit="36000.00"),
                    OpeningRow(account_code="160103", year_begin_debit="60000.00"),
                    OpeningRow(account_code="160104", year_begin_debit="36000.00"),
                    OpeningRow(account_code="1602", year_begin_credit="24000.00"),
                    OpeningRow(account_code="3001", year_begin_credit="1072000.00"),
                ]
            )
        )
        open_sample_stock(api)
        _add_assets(api)
        _add_rates(api)
        _add_templates(api)
        for month in range(1, MONTHS + 1):
            for voucher in vouchers_of(month):
                api.add_voucher(voucher)
            if month < MONTHS:
                period = f"2026-{month:02d}"
                api.review_vouchers(BatchSelection(period=period))
                api.post_vouchers(BatchSelection(period=period))
            if month < MONTHS - 1:
                _close(api, f"2026-{month:02d}")
        move_sample_stock(api)
        trade_samples(api)
        count_sample_stock(api)
        api.add_voucher(_draft_with_a_fault())
        _add_people(api)
    finally:
        api.close()
        runtime.close_book()


def make_team_book(runtime: Runtime, path: Path) -> None:
    """Make an empty book that people log in to."""
    opened = runtime.create_book(NewBook(str(path), "青禾集团共用账", "small_enterprise_2013", "2026-01", "general"))
    api = ApiClient(Transport(opened.url, opened.token))
    try:
        me = api.session().user
        api.change_user(me.id, UserChange(login_name="wang", name="王会计", version=me.version))
        api.change_own_password(PasswordChange(new_password="correct-horse-9"))  # noqa: S106  # of a picture
        api.add_user(
            UserInput(name="李出纳", age=28, login_name="li", password="battery-staple-7")  # noqa: S106
        )
    finally:
        api.close()
        runtime.close_book()


def vouchers_of(month: int) -> Iterator[VoucherInput]:
    """Yield a month's vouchers in the order of their days."""
    customer, supplier = CUSTOMERS[month % len(CUSTOMERS)], SUPPLIERS[month % len(SUPPLIERS)]
    sales = 42_000 + 3_700 * (month * 7 % 11)
    cost = sales * 62 // 100
    tax = sales * 13 // 100
    bought, bought_tax = cost + 2_400, (cost + 2_400) * 13 // 100
    date = f"2026-{month:02d}"
    yield _voucher(f"{date}-03", "支付本月办公室租金", [("560216", "6500", "", ""), ("1002", "", "6500", "")])
    yield _voucher(
        f"{date}-05",
        f"向{supplier}采购商品",
        [
            ("140501", str(bought), "", ""),
            ("22210101", str(bought_tax), "", ""),
            ("2202", "", str(bought + bought_tax), f"供应商:{supplier}"),
        ],
    )
    yield _voucher(
        f"{date}-09",
        f"销售商品给{customer}",
        [
            ("1122", str(sales + tax), "", f"客户:{customer}"),
            ("5001", "", str(sales), ""),
            ("22210107", "", str(tax), ""),
        ],
    )
    yield _voucher(f"{date}-09", "结转已销商品成本", [("5401", str(cost), "", ""), ("140501", "", str(cost), "")])
    yield _voucher(
        f"{date}-12",
        "购买打印纸和文具",
        [("560204", f"{180 + month * 13}.60", "", ""), ("1001", "", f"{180 + month * 13}.60", "")],
    )
    yield _voucher(f"{date}-15", "计提本月工资", [("560201", "18600", "", ""), ("221101", "", "18600", "")])
    yield _voucher(
        f"{date}-18",
        f"收到{customer}货款",
        [("1002", str(sales), "", ""), ("1122", "", str(sales), f"客户:{customer}")],
    )
    yield _voucher(
        f"{date}-20",
        f"支付{supplier}货款",
        [("2202", str(bought), "", f"供应商:{supplier}"), ("1002", "", str(bought), "")],
    )
    yield _voucher(f"{date}-22", "发放上月工资", [("221101", "18600", "", ""), ("1002", "", "18600", "")])
    yield _voucher(f"{date}-22", "退回多收的快递费", [("560103", "-36.00", "", ""), ("1001", "", "-36.00", "")])


def _voucher(date: str, summary: str, lines: list[Line]) -> VoucherInput:
    entries = [
        EntryInput(summary=summary, account_code=code, debit=debit, credit=credit, aux=aux)
        for code, debit, credit, aux in lines
    ]
    return VoucherInput(date=date, entries=entries, attachment_count=1 + len(lines) % 3)


def _draft_with_a_fault() -> VoucherInput:
    lines: list[Line] = [("560206", "1284.50", "", ""), ("1002", "", "1248.50", "")]
    return _voucher(f"2026-{MONTHS:02d}-22", "报销差旅费", lines)


def _close(api: ApiClient, period: str) -> None:
    """Go through the closing steps of a month and close it."""
    for step in STEPS:
        proposal = api.propose_step(period, step)
        if proposal.vouchers:
            api.run_step(period, step, StepRun(vouchers=proposal.vouchers, post=True, fingerprint=proposal.fingerprint))
    api.close_period(period, CloseWish(carry_forward=True))


def _add_assets(api: ApiClient) -> None:
    for name, account, value, life, charged, months in (
        ("依维柯货车", "160103", "60000.00", 48, "15000.00", 12),
        ("办公电脑及服务器", "160104", "36000.00", 36, "9000.00", 9),
    ):
        api.add_asset(
            AssetInput(
                name=name,
                category="运输工具" if account == "160103" else "电子设备",
                acquired_on="2024-12-10" if account == "160103" else "2025-03-20",
                asset_account_code=account,
                accumulated_account_code="1602",
                expense_account_code="560202",
                original_value=value,
                residual_value="0",
                life_months=life,
                opening_accumulated=charged,
                opening_months=months,
            )
        )


def _add_rates(api: ApiClient) -> None:
    rates = (("USD", "03", "7.1830"), ("USD", "16", "7.1712"), ("USD", "30", "7.1645"), ("EUR", "30", "8.3120"))
    api.save_exchange_rates(
        [
            ExchangeRateInput(currency=currency, date=f"2026-11-{day}", rate=rate, source="中国人民银行")
            for currency, day, rate in rates
        ]
    )


def _add_templates(api: ApiClient) -> None:
    rent = [
        TemplateEntry(summary="支付{月}月办公室租金", account_code="560216", debit="6500"),
        TemplateEntry(summary="支付{月}月办公室租金", account_code="1002", credit="6500"),
    ]
    api.add_template(TemplateInput(name="办公室租金", entries=rent, every_months=1, day=3, first_period="2026-11"))
    parcel = [
        TemplateEntry(summary="快递费", account_code="560103"),
        TemplateEntry(summary="快递费", account_code="1001"),
    ]
    api.add_template(TemplateInput(name="快递费", entries=parcel))


def _demand_auxiliaries(api: ApiClient) -> None:
    for account in api.list_accounts().accounts:
        kind = {"1122": "客户", "2202": "供应商"}.get(account.code)
        if kind:
            api.change_account(
                account.id, AccountChange(auxiliaries=[AuxiliaryUse(kind=kind)], version=account.version)
            )


def _divide_goods(api: ApiClient) -> None:
    for code, name in (("140501", "纸制品"), (STOCK_ACCOUNT, "文具礼品")):
        api.add_account(AccountInput(code=code, name_zh=name, parent_code="1405"))


def _add_contacts(api: ApiClient) -> None:
    groups = [api.add_contact_group(ContactGroupInput(name=name)).id for name in ("华东", "华南")]
    roles: tuple[tuple[ContactRole, str, tuple[str, ...]], ...] = (
        ("customer", "K", CUSTOMERS),
        ("supplier", "G", SUPPLIERS),
    )
    for role, letter, names in roles:
        for place, name in enumerate(names, 1):
            api.add_contact(
                ContactInput(
                    name=name,
                    code=f"{letter}{place:03d}",
                    roles=[role],
                    group_id=groups[place % 2],
                    phone=f"0571-8800 {place:02d}{place * 7:02d}",
                    terms_days=15 * place,
                    credit_limit=f"{place * 50_000}" if role == "customer" else "",
                )
            )


def _add_people(api: ApiClient) -> None:
    me = api.session().user
    api.change_user(me.id, UserChange(name="王会计", version=me.version))
    firm = api.add_department(DepartmentInput(name="总经理办公室", code="10")).id
    finance = api.add_department(DepartmentInput(name="财务部", code="20", parent_id=firm)).id
    trade = api.add_department(DepartmentInput(name="购销部", code="30", parent_id=firm)).id
    store = api.add_department(DepartmentInput(name="仓储", code="31", parent_id=trade)).id
    rights = ["ledger:voucher:view", "ledger:voucher:sign", "orders:payment:view", "orders:payment:add"]
    api.add_role(RoleInput(name="出纳", description="签字、登记收付款", permissions=rights))
    roles = {role.name: role.id for role in api.list_roles().roles}
    for name, age, department, role in (
        ("李出纳", 28, finance, "出纳"),
        ("陈经理", 45, firm, "查看"),
        ("赵仓管", 33, store, "制单"),
        ("刘会计", 39, finance, "审核"),
    ):
        api.add_user(UserInput(name=name, age=age, department_id=department, roles=[roles[role]]))
