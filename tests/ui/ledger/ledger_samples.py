"""Accounts, currencies and vouchers as the server sends them, for tests of what the window does with them."""

from __future__ import annotations

from itertools import count

from app.contract.ledger import Account, AuxiliaryUse, Currency

_NEXT = count(1)


def account(
    code: str,
    name: str,
    *,
    parent: str | None = None,
    leaf: bool = True,
    pinyin: str = "",
    english: str = "",
    auxiliaries: tuple[str, ...] = (),
    offered: tuple[str, ...] = (),
    currency: str | None = None,
    quantity: bool = False,
    active: bool = True,
    side: str = "debit",
    category: str = "资产",
) -> Account:
    return Account(
        id=next(_NEXT),
        code=code,
        parent_code=parent,
        level=1 if parent is None else 2,
        name_zh=name,
        name_en=english,
        source_name=None,
        category=category,
        normal_side="credit" if side == "credit" else "debit",
        is_leaf=leaf,
        is_cash=code.startswith("100"),
        currency=currency,
        has_quantity=quantity,
        unit="件" if quantity else "",
        auxiliaries=[
            *(AuxiliaryUse(kind=kind) for kind in auxiliaries),
            *(AuxiliaryUse(kind=kind, demanded=False) for kind in offered),
        ],
        pinyin=pinyin,
        active=active,
        version=1,
    )


def chart() -> list[Account]:
    return [
        account("1001", "库存现金", pinyin="kcxj", english="Cash on hand"),
        account("1002", "银行存款", pinyin="yhck", english="Bank deposits", leaf=False),
        account("100201", "工行", parent="1002", pinyin="gh", english="ICBC"),
        account("100202", "美元户", parent="1002", pinyin="myh", english="US dollars", currency="USD"),
        account("1122", "应收账款", pinyin="yszk", english="Accounts receivable", auxiliaries=("客户",)),
        account("1123", "预付账款", pinyin="yfzk", english="Prepayments", auxiliaries=("供应商", "部门")),
        account("1405", "库存商品", pinyin="kcsp", english="Goods", quantity=True),
        account("5001", "主营业务收入", pinyin="zyywsr", english="Main revenue", side="credit", category="损益"),
        account("5602", "管理费用", pinyin="glfy", english="Administrative", leaf=False, category="损益"),
        account("560201", "办公费", parent="5602", pinyin="bgf", english="Office", offered=("部门",), category="损益"),
        account("560202", "差旅费", parent="5602", pinyin="clf", english="Travel", category="损益", active=False),
    ]


def currencies() -> list[Currency]:
    return [
        Currency(id=1, code="CNY", name_zh="人民币", minor_digits=2, is_base=True),
        Currency(id=2, code="USD", name_zh="美元", minor_digits=2, is_base=False),
        Currency(id=3, code="JPY", name_zh="日元", minor_digits=0, is_base=False),
    ]
