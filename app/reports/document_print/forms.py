"""From documents, payments, stock documents and accounts of a contact to what stands on their paper.

Texts are those of the language being spoken (`app.kernel.text.speaking`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.contract.document_printing import DocumentPrintSettings, PrintedTexts
from app.contract.orders import Document, DocumentLine, Payment
from app.contract.stock import StockDocument
from app.kernel.money import capital_amount, group_thousands, parse_amount
from app.kernel.text import Message, message
from app.reports.document_print.form import Column, Issuer, PrintedForm

TITLES: Mapping[str, Message] = {
    "quotation": message("报价单"),
    "sales_order": message("销售订单"),
    "delivery": message("送货单"),
    "sales_return": message("销售退货单"),
    "sales_invoice": message("销售账单"),
    "sales_credit": message("销售红字账单"),
    "purchase_order": message("采购订单"),
    "goods_receipt": message("入库单"),
    "purchase_return": message("采购退货单"),
    "purchase_invoice": message("采购账单"),
    "purchase_credit": message("采购红字账单"),
    "collection": message("收款收据"),
    "payment": message("付款单"),
    "opening": message("期初库存单"),
    "transfer": message("调拨单"),
    "count": message("盘点单"),
    "assembly": message("组装单"),
    "other_in": message("其他入库单"),
    "other_out": message("其他出库单"),
    "statement": message("对账单"),
}
"""What the paper is called when the book has no title of its own for its kind."""
DIRECTIONS: Mapping[str, Message] = {"借": message("借"), "贷": message("贷"), "平": message("平")}
PURCHASES = frozenset({"purchase_order", "goods_receipt", "purchase_return", "purchase_invoice", "purchase_credit"})
MOVES_GOODS = frozenset({"delivery", "sales_return", "goods_receipt", "purchase_return"})
BILLS = frozenset({"sales_invoice", "sales_credit"})
UNFINISHED = frozenset({"draft", "cancelled"})


class Party(NamedTuple):
    """Whom a document is for: what a contact says of himself, empty where it is not known."""

    name: str
    address: str = ""
    phone: str = ""
    tax_number: str = ""
    bank: str = ""


class AccountRow(NamedTuple):
    """A line of a statement of account; amounts are decimal texts, empty where there is none."""

    date: str
    what: str
    number: str
    debit: str
    credit: str
    direction: str
    balance: str


class Words(NamedTuple):
    """What is the same on all papers of a book: what it prints, its name, whether amounts have fen."""

    settings: DocumentPrintSettings
    book_name: str
    has_fen: bool

    def texts(self, kind: str) -> PrintedTexts:
        """Return the book's own texts on a kind of document."""
        return next((one for one in self.settings.texts if one.kind == kind), PrintedTexts(kind=kind))

    def title(self, kind: str) -> str:
        """Return what the paper is called."""
        usual = str(TITLES[kind])
        return self.texts(kind).title or usual[:1].upper() + usual[1:]

    def issuer(self) -> Issuer:
        """Return who prints."""
        own = self.settings
        facts = [(message("地址："), own.address), (message("电话："), own.phone), (message("税号："), own.tax_number)]
        bank = [(message("开户行："), own.bank_name), (message("账号："), own.bank_account)]
        lines = ["　".join(f"{label}{value}" for label, value in part if value) for part in (facts, bank)]
        return Issuer(own.name or self.book_name, [line for line in lines if line], bool(own.logo))

    def capital(self, label: Message, amount: str) -> str:
        """Return an amount in Chinese capitals, where the currency has fen."""
        return f"{label}{capital_amount(parse_amount(amount, 2))}" if self.has_fen else ""


def document_form(document: Document, party: Party, words: Words, *, with_prices: bool) -> PrintedForm:
    """Return what stands on a document of sales or purchases."""
    priced = with_prices or document.kind not in MOVES_GOODS
    is_purchase = document.kind in PURCHASES
    own = words.texts(document.kind)
    closing = own.terms
    if document.kind in BILLS:
        closing = "\n".join([*([closing] if closing else []), str(message("本单不是税务发票。"))])
    columns, rows = (_priced if priced else _unpriced)(document.lines)
    return PrintedForm(
        title=words.title(document.kind),
        issuer=words.issuer(),
        left=_party_facts(party, is_purchase=is_purchase),
        right=_facts(
            (message("单号："), document.number),
            (message("日期："), document.date),
            (message("到期日："), document.due_date),
            (message("对方单号："), document.reference),
            (message("来源："), "、".join(dict.fromkeys(line.source for line in document.lines if line.source))),
        ),
        columns=columns,
        rows=rows,
        totals=_totals(document) if priced else (),
        capital=words.capital(message("大写："), document.gross) if priced else "",
        opening=own.opening,
        closing="\n".join(text for text in (_noted(document.note), closing) if text),
        signatures=_signatures(document.kind, document.maker),
        mark=_mark(document.state),
        of_pages=str(message("第 {page} 页，共 {pages} 页", page="{page}", pages="{pages}")),
    )


def payment_form(payment: Payment, party: Party, words: Words) -> PrintedForm:
    """Return what stands on a receipt for money, or on a payment slip."""
    own = words.texts(payment.kind)
    rows = [[one.document_date, one.document_number, _money(one.amount)] for one in payment.allocations]
    if parse_amount(payment.unallocated, 8):
        rows.append(
            [
                "",
                str(message("预收款") if payment.kind == "collection" else message("预付款")),
                _money(payment.unallocated),
            ]
        )
    return PrintedForm(
        title=words.title(payment.kind),
        issuer=words.issuer(),
        left=_party_facts(party, is_purchase=payment.kind == "payment"),
        right=_facts(
            (message("单号："), payment.number),
            (message("日期："), payment.date),
            (message("账户："), payment.account_name),
            (message("对方单号："), payment.reference),
        ),
        columns=[
            Column(str(message("账单日期")), 3, "centre"),
            Column(str(message("账单")), 6),
            Column(str(message("金额")), 3, "right"),
        ],
        rows=rows,
        totals=[
            (str(message("金额")), _money(payment.amount)),
            *([(str(message("现金折扣")), _money(payment.discount))] if _is_some(payment.discount) else []),
        ],
        capital=words.capital(message("大写："), payment.amount),
        opening=own.opening,
        closing="\n".join(text for text in (_noted(payment.note), own.terms) if text),
        signatures=_signatures(payment.kind, payment.maker),
        mark=_mark(payment.state),
        of_pages=str(message("第 {page} 页，共 {pages} 页", page="{page}", pages="{pages}")),
    )


def stock_form(document: StockDocument, words: Words, *, with_prices: bool) -> PrintedForm:
    """Return what stands on a stock document; a count shows what the book had and the difference."""
    own = words.texts(document.kind)
    is_count = document.kind == "count"
    columns = [
        Column(str(message("行")), 1, "centre"),
        Column(str(message("编码")), 3),
        Column(str(message("名称规格")), 6),
        Column(str(message("批次")), 2),
        Column(str(message("单位")), 1, "centre"),
        *([Column(str(message("账面数量")), 2, "right")] if is_count else []),
        Column(str(message("实盘数量") if is_count else message("数量")), 2, "right"),
        *([Column(str(message("金额")), 3, "right")] if with_prices else []),
        Column(str(message("备注")), 3),
    ]
    rows = [
        [
            str(line.line),
            line.item_code,
            line.item_name,
            " ".join(part for part in (line.lot, line.expiry) if part),
            line.unit,
            *([_plain(line.book_quantity)] if is_count else []),
            _plain(line.quantity),
            *([_money(line.amount)] if with_prices else []),
            line.note,
        ]
        for line in document.lines
    ]
    return PrintedForm(
        title=words.title(document.kind),
        issuer=words.issuer(),
        left=_facts(
            (message("仓库："), document.warehouse),
            (message("调入仓库："), document.to_warehouse),
        ),
        right=_facts((message("单号："), document.number), (message("日期："), document.date)),
        columns=columns,
        rows=rows,
        opening=own.opening,
        closing="\n".join(text for text in (_noted(document.note), own.terms) if text),
        signatures=_signatures(document.kind, document.maker),
        mark=_mark(document.state),
        of_pages=str(message("第 {page} 页，共 {pages} 页", page="{page}", pages="{pages}")),
    )


def statement_form(rows: Sequence[AccountRow], days: tuple[str, str], party: Party, words: Words) -> PrintedForm:
    """Return what stands on a statement of account, with a line for the other side to confirm it.

    The last row is the closing balance.
    """
    own = words.texts("statement")
    closing = rows[-1]
    return PrintedForm(
        title=words.title("statement"),
        issuer=words.issuer(),
        left=_party_facts(party, is_purchase=False),
        right=_facts((message("期间："), str(message("{first} 至 {last}", first=days[0], last=days[1])))),
        columns=[
            Column(str(message("日期")), 3, "centre"),
            Column(str(message("摘要")), 6),
            Column(str(message("单号")), 4),
            Column(str(message("借方")), 3, "right"),
            Column(str(message("贷方")), 3, "right"),
            Column(str(message("方向")), 1, "centre"),
            Column(str(message("余额")), 3, "right"),
        ],
        rows=[
            [
                *(one.date, one.what, one.number, _money(one.debit), _money(one.credit)),
                *(str(DIRECTIONS.get(one.direction, one.direction)), _money(one.balance)),
            ]
            for one in rows
        ],
        totals=[
            (
                str(message("期末余额（{direction}）", direction=DIRECTIONS.get(closing.direction, closing.direction))),
                _money(closing.balance),
            )
        ],
        capital=words.capital(message("大写："), closing.balance),
        opening=own.opening,
        closing=own.terms or str(message("请核对；如有不符，请在收到后七日内告知。")),
        signatures=[str(message("制单：")), str(message("对方确认（盖章）：")), str(message("日期："))],
        of_pages=str(message("第 {page} 页，共 {pages} 页", page="{page}", pages="{pages}")),
    )


# --- parts -----------------------------------------------------------------------------------------------------------


def _priced(lines: Sequence[DocumentLine]) -> tuple[list[Column], list[list[str]]]:
    has_discount = any(_is_some(line.discount_percent) for line in lines)
    columns = [
        Column(str(message("行")), 4, "centre"),
        Column(str(message("编码")), 10),
        Column(str(message("名称规格")), 22),
        Column(str(message("单位")), 5, "centre"),
        Column(str(message("数量")), 9, "right"),
        Column(str(message("单价")), 10, "right"),
        *([Column(str(message("折扣%")), 6, "right")] if has_discount else []),
        Column(str(message("税率%")), 6, "right"),
        Column(str(message("金额")), 12, "right"),
        Column(str(message("税额")), 10, "right"),
        Column(str(message("价税合计")), 12, "right"),
    ]
    rows = [
        [
            str(line.line),
            line.item_code,
            _described(line),
            line.unit,
            _plain(line.quantity),
            _plain(line.unit_price),
            *([_plain(line.discount_percent)] if has_discount else []),
            _plain(line.tax_rate),
            _money(line.net),
            _money(line.tax),
            _money(line.gross),
        ]
        for line in lines
    ]
    return columns, rows


def _unpriced(lines: Sequence[DocumentLine]) -> tuple[list[Column], list[list[str]]]:
    columns = [
        Column(str(message("行")), 1, "centre"),
        Column(str(message("编码")), 3),
        Column(str(message("名称规格")), 8),
        Column(str(message("单位")), 1, "centre"),
        Column(str(message("数量")), 3, "right"),
        Column(str(message("仓库")), 3),
    ]
    rows = [
        [str(line.line), line.item_code, _described(line), line.unit, _plain(line.quantity), line.warehouse]
        for line in lines
    ]
    return columns, rows


def _described(line: DocumentLine) -> str:
    lot = str(message("批次 {lot}", lot=line.lot)) if line.lot else ""
    expiry = str(message("有效期至 {date}", date=line.expiry)) if line.expiry else ""
    return " ".join(part for part in (line.description, lot, expiry) if part)


def _totals(document: Document) -> list[tuple[str, str]]:
    discount = [(str(message("整单折扣")), _money(document.discount))] if _is_some(document.discount) else []
    return [
        *discount,
        (str(message("金额合计")), _money(document.net)),
        (str(message("税额合计")), _money(document.tax)),
        (str(message("价税合计")), _money(document.gross)),
    ]


def _party_facts(party: Party, *, is_purchase: bool) -> list[tuple[str, str]]:
    return _facts(
        (message("供应商：") if is_purchase else message("客户："), party.name),
        (message("地址："), party.address),
        (message("电话："), party.phone),
        (message("税号："), party.tax_number),
        (message("银行："), party.bank),
    )


def _facts(*facts: tuple[Message, str]) -> list[tuple[str, str]]:
    return [(str(label), value) for label, value in facts if value]


def _signatures(kind: str, maker: str) -> list[str]:
    made = str(message("制单：{name}", name=maker))
    if kind in MOVES_GOODS or kind in {"transfer", "other_in", "other_out", "assembly", "opening"}:
        return [made, str(message("仓管：")), str(message("送货：")), str(message("收货（签字）："))]
    if kind == "count":
        return [made, str(message("盘点：")), str(message("监盘：")), str(message("复核："))]
    if kind in {"collection", "payment"}:
        return [made, str(message("出纳：")), str(message("经手："))]
    return [made, str(message("审核：")), str(message("对方确认："))]


def _mark(state: str) -> str:
    if state not in UNFINISHED:
        return ""
    return str(message("草稿") if state == "draft" else message("作废"))


def _noted(note: str) -> str:
    return str(message("备注：{note}", note=note)) if note else ""


def _is_some(text: str) -> bool:
    return any(character in "123456789" for character in text)


def _plain(text: str) -> str:
    """Return a quantity or price without needless zeros."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _money(text: str) -> str:
    return group_thousands(text) if text else ""
