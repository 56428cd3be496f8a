"""A shop's first quarter through its server: bought, sold, returned, counted, closed; every figure worked out by hand.

Three goods, each costed in its own way, prices without tax, VAT of 13 %:

    茶叶 A  moving average    100 at 10.00 to begin with    1,000.00
    大米 B  month's average   200 at  5.00                  1,000.00
    咖啡 C  first in, first out 50 at 20.00                 1,000.00

and 50,000.00 in the bank. The sums of each month stand beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.client.api import ApiClient
from app.contract.closing import CloseWish
from app.contract.doctor import DoctorQuery
from app.contract.inventory import WarehouseInput
from app.contract.ledger import EntryInput, Opening, OpeningRow, VoucherInput
from app.contract.orders import AllocationInput, Document, OpenItemQuery, Payment, SettlementInput
from app.contract.statements import StatementQuery
from tests.scenarios.shop import Shop
from tests.scenarios.worked import WorkedBook

EAST, WEST, GROWER, ROASTER = "东街茶馆", "西街饭店", "甲农场", "乙烘焙"


@dataclass
class Quarter:
    """The shop, who it trades with, and what later months come back to."""

    shop: Shop
    east: int
    west: int
    grower: int
    roaster: int
    tea: int
    rice: int
    coffee: int
    branch: int

    @classmethod
    def opened(cls, api: ApiClient) -> Quarter:
        """Open the books: stock of three goods and the bank."""
        shop = Shop(api)
        found = cls(
            shop,
            east=shop.contact(EAST, "customer"),
            west=shop.contact(WEST, "customer"),
            grower=shop.contact(GROWER, "supplier"),
            roaster=shop.contact(ROASTER, "supplier"),
            tea=shop.item("A", "茶叶", "moving"),
            rice=shop.item("B", "大米", "monthly"),
            coffee=shop.item("C", "咖啡", "fifo"),
            branch=api.add_warehouse(WarehouseInput(name="门店")).id,
        )
        rows = [
            OpeningRow(account_code="1002", opening_debit="50000"),
            OpeningRow(account_code="1405", opening_debit="3000", quantity="350"),
            OpeningRow(account_code="3001", opening_credit="53000"),
        ]
        api.replace_opening(Opening(rows=rows))
        shop.stock("opening", "", (found.tea, "100", "1000"), (found.rice, "200", "1000"), (found.coffee, "50", "1000"))
        return found


def test_a_quarter_from_its_opening_stock_to_its_statements(unmade: WorkedBook) -> None:
    unmade.do("new", "--chart", "small_enterprise_2013", "--start", "2026-01", "--name", "街角商行")
    with unmade.client() as api:
        quarter = Quarter.opened(api)
        bought, sold, part_paid = january(quarter)
        check_month(
            quarter,
            "2026-01",
            # tea (1,000 + 1,200) / 200 = 11, less 60; rice (1,000 + 800) / 300 = 6, less 120
            stock={"A": ("140", "1540.00"), "B": ("180", "1080.00"), "C": ("50", "1000.00")},
            total="3620.00",
            # 2,260 + 452 - 2,000; 2,260 - 1,000
            owed={("1122", EAST): "712.00", ("2202", GROWER): "1260.00"},
        )
        assert part_paid.unallocated == "0.00"
        february(quarter, bought, sold)
        check_month(
            quarter,
            "2026-02",
            # tea 140 + 5 back - 2 missing, at 11; rice (1,080 - 160) / 160 = 5.75, less 60; coffee 30 at 24
            stock={"A": ("143", "1573.00"), "B": ("100", "575.00"), "C": ("30", "720.00")},
            total="2868.00",
            # 712 - 113; 3,164 + 678; 1,260 - 500 of the advance - 180.80; 1,356
            owed={
                ("1122", EAST): "599.00",
                ("1122", WEST): "3842.00",
                ("2202", GROWER): "579.20",
                ("2202", ROASTER): "1356.00",
            },
        )
        march(quarter)
        check_month(
            quarter,
            "2026-03",
            # tea (1,573 + 1,300) / 243, 43 of it 508.39; rice 100 less 40 at 5.75; coffee all sold
            stock={"A": ("200", "2364.61"), "B": ("60", "345.00")},
            total="2709.61",
            # 599 + 1,356 + 452; 3,842 + 1,214.75 - 4,342; what came without an invoice 1,300 beside 579.20
            owed={("1122", EAST): "2407.00", ("1122", WEST): "714.75", ("2202", GROWER): "1879.20"},
        )
        check_quarter(quarter)
    unmade.do("verify")


def january(quarter: Quarter) -> tuple[Document, list[Document], Payment]:
    """Order, receipt, invoice and a part payment; quotation, order, two deliveries, two invoices, one collection."""
    shop = quarter.shop
    ordered = shop.trade(
        "purchase_order", "2026-01-05", quarter.grower, (quarter.tea, "100", "12"), (quarter.rice, "100", "8")
    )
    received = shop.follow("goods_receipt", "2026-01-08", ordered)
    assert [line.cost for line in received.lines] == ["1200.00", "800.00"]
    bought = shop.follow("purchase_invoice", "2026-01-10", received)
    assert (bought.net, bought.tax, bought.gross) == ("2000.00", "260.00", "2260.00")

    offered = shop.trade(
        "quotation", "2026-01-11", quarter.east, (quarter.tea, "60", "20"), (quarter.rice, "120", "10")
    )
    wanted = shop.follow("sales_order", "2026-01-12", offered)
    first = shop.follow("delivery", "2026-01-13", wanted, A="40", B="120")
    assert [line.cost for line in first.lines] == ["440.00", ""]  # rice waits for the month's average
    second = shop.follow("delivery", "2026-01-20", wanted)
    assert [(line.item_code, line.quantity, line.cost) for line in second.lines] == [("A", "20", "220.00")]
    billed = [
        shop.follow("sales_invoice", "2026-01-15", first),  # 40 × 20 + 120 × 10 = 2,000
        shop.follow("sales_invoice", "2026-01-22", second),  # 20 × 20 = 400
    ]
    assert [(invoice.net, invoice.tax, invoice.gross) for invoice in billed] == [
        ("2000.00", "260.00", "2260.00"),
        ("400.00", "52.00", "452.00"),
    ]
    assert [shop.api.get_document(document.id).state for document in (offered, wanted, ordered)] == ["done"] * 3
    shop.pay("collection", "2026-01-25", quarter.east, "2000", (billed[0], "1548"), (billed[1], "452"))
    return bought, [first, second], shop.pay("payment", "2026-01-28", quarter.grower, "1000", (bought, "1000"))


def february(quarter: Quarter, bought: Document, sold: list[Document]) -> None:
    """An advance set off, goods invoiced dearer than received, returns both ways, a transfer and a count."""
    shop = quarter.shop
    advance = shop.pay("payment", "2026-02-02", quarter.grower, "500")
    assert advance.unallocated == "500.00"
    received = shop.trade("goods_receipt", "2026-02-03", quarter.roaster, (quarter.coffee, "50", "22"))
    delivered = shop.trade("delivery", "2026-02-05", quarter.west, (quarter.coffee, "70", "40"))
    assert delivered.lines[0].cost == "1440.00"  # 50 at 20 and 20 at 22
    billed = shop.follow("sales_invoice", "2026-02-06", delivered)
    assert billed.gross == "3164.00"
    settled = shop.api.add_settlement(
        SettlementInput(
            date="2026-02-08",
            contact_id=quarter.grower,
            side="purchase",
            payments=[AllocationInput(document_id=advance.id, amount="500")],
            invoices=[AllocationInput(document_id=bought.id, amount="500")],
        )
    )
    assert settled.amount == "500.00"
    # the invoice says 24: 40 more for the 20 that are sold, 60 more for the 30 that are there
    dearer = shop.follow_at("purchase_invoice", "2026-02-10", received, price="24")
    assert (dearer.net, dearer.gross) == ("1200.00", "1356.00")
    assert shop.in_stock("2026-02-10")["C"] == ("30", "720.00")

    shop.stock("transfer", "2026-02-12", (quarter.tea, "50", ""), to_warehouse_id=quarter.branch)
    returned = shop.follow("sales_return", "2026-02-15", sold[0], A="5")
    assert returned.lines[0].cost == "55.00"
    assert shop.follow("sales_credit", "2026-02-15", returned).gross == "113.00"
    receipt = next(link.id for link in bought.links if link.kind == "goods_receipt")
    sent_back = shop.follow("purchase_return", "2026-02-18", shop.api.get_document(receipt), B="20")
    assert sent_back.lines[0].cost == "160.00"
    assert shop.follow("purchase_credit", "2026-02-18", sent_back).gross == "180.80"
    shop.trade("delivery", "2026-02-20", quarter.west, (quarter.rice, "60", "10"), pair=True)
    counted = shop.stock("count", "2026-02-25", (quarter.tea, "48", ""), warehouse_id=quarter.branch)
    assert [(line.book_quantity, line.amount) for line in counted.lines] == [("50", "22.00")]
    assert shop.in_stock("2026-02-28", warehouse=quarter.branch)["A"][0] == "48"


def march(quarter: Quarter) -> None:
    """A receipt written down late, several invoices in one collection, a discount taken, the last of the coffee."""
    shop = quarter.shop
    sold = shop.trade(
        "delivery", "2026-03-03", quarter.west, (quarter.tea, "43", "25"), pair=True, warehouse_id=quarter.branch
    )
    assert sold.lines[0].cost == "473.00"
    shop.trade("goods_receipt", "2026-03-02", quarter.grower, (quarter.tea, "100", "13"))
    # from that day on 243 cost 2,873.00, so the 43 cost 35.39 more
    assert shop.in_stock("2026-03-03")["A"] == ("200", "2364.61")
    owing = shop.api.open_items(OpenItemQuery(contact_id=quarter.west, side="sales")).invoices
    assert [item.open for item in owing] == ["3164.00", "678.00", "1214.75"]
    documents = [shop.api.get_document(item.id) for item in owing]
    shares = list(zip(documents, ("3164", "678", "500"), strict=True))
    shop.pay("collection", "2026-03-10", quarter.west, "4342", *shares)
    due = shop.api.open_items(OpenItemQuery(contact_id=quarter.roaster, side="purchase")).invoices
    shop.pay("payment", "2026-03-12", quarter.roaster, "1350", (shop.api.get_document(due[0].id), "1356"), discount="6")
    coffee = shop.trade("delivery", "2026-03-15", quarter.east, (quarter.coffee, "30", "40"), pair=True)
    assert coffee.lines[0].cost == "720.00"
    shop.trade("delivery", "2026-03-20", quarter.east, (quarter.rice, "40", "10"), pair=True)
    for summary, debit, credit, amount in (
        ("盘亏处理", "560209", "190101", "22"),
        ("银行手续费", "560304", "1002", "10"),
    ):
        lines = [
            EntryInput(summary=summary, account_code=debit, debit=amount),
            EntryInput(summary=summary, account_code=credit, credit=amount),
        ]
        voucher = shop.api.add_voucher(VoucherInput(date="2026-03-31", word="记", entries=lines))
        shop.api.post_voucher(shop.api.review_voucher(voucher.id).id)


def check_month(
    quarter: Quarter, month: str, *, stock: dict[str, tuple[str, str]], total: str, owed: dict[tuple[str, str], str]
) -> None:
    """Close a month; stock and what is owed are as worked out, and the same in the accounts."""
    shop = quarter.shop
    shop.api.close_period(month, CloseWish(carry_forward=True))
    last = {"2026-01": "31", "2026-02": "28", "2026-03": "31"}[month]
    assert shop.in_stock(f"{month}-{last}") == {**stock, "": ("", total)}
    accounts = shop.accounts(month)
    assert accounts["1405"] == total
    open_now = {(account, aux.partition(":")[2]): amount for (account, aux), amount in shop.ageing(month).items()}
    assert open_now == owed
    assert shop.api.diagnosis(DoctorQuery(period=month)).findings == []


def check_quarter(quarter: Quarter) -> None:
    """The balances and statements of the quarter.

    Sales   2,400 + (2,800 - 100 + 600) + (1,075 + 1,200 + 400)                        =  8,375.00
    Cost    (660 + 720) + (1,480 - 55 + 345) + (508.39 + 720 + 230)                    =  4,608.39
    Profit  8,375.00 - 4,608.39 - 22 lost in the branch + 6 discount - 10 to the bank  =  3,740.61
    VAT     (312 + 429 + 347.75) of sales less (260 + 156 - 20.80) of purchases        =    693.55
    Bank    50,000 + 2,000 - 1,000 - 500 + 4,342 - 1,350 - 10                          = 53,482.00
    """
    accounts = quarter.shop.accounts("2026-03")
    assert {code: accounts.get(code) for code in ("1002", "1122", "1405", "1901", "2202", "2221", "3001", "3103")} == {
        "1002": "53482.00",
        "1122": "3121.75",
        "1405": "2709.61",
        "1901": None,
        "2202": "-1879.20",
        "2221": "-693.55",
        "3001": "-53000.00",
        "3103": "-3740.61",
    }
    income = quarter.shop.api.get_statement("income-statement", StatementQuery(to_period="2026-03"))
    assert {row.line: row.amounts["ytd"] for row in income.rows if row.line in {1, 2, 30, 32}} == {
        1: "8375.00",
        2: "4608.39",
        30: "3740.61",
        32: "3740.61",
    }
    sheet = quarter.shop.api.get_statement("balance-sheet", StatementQuery(to_period="2026-03"))
    assert [check.message for check in sheet.checks if not check.ok] == []
    assert {row.line: row.amounts["closing"] for row in sheet.rows if row.line in {1, 9, 30, 47, 53}} == {
        1: "53482.00",
        9: "2709.61",
        30: "59313.36",
        47: "2572.75",
        53: "59313.36",
    }
