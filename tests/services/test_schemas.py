"""Each service in a schema of its own on one MariaDB server: one transaction over all, and every tool of a book."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.cli import main
from app.kernel.text import Message, message
from app.storage.creation import make_room
from app.storage.database import Book, fetch_one, open_database
from app.storage.migrate import migrate, pending
from app.storage.progress import WorkCancelled
from tests.calling import caller_on, set_up
from tests.mariadb import MariaDBServer
from tests.orders.desk import Desk

SCHEMAS = {
    "identity": "svc_user_db",
    "orders": "svc_order_db",
    "inventory": "svc_inventory_db",
    "ledger": "svc_ledger_db",
}
MAIN = "svc_main"
QUERY = "&".join(f"{part}={schema}" for part, schema in SCHEMAS.items())


@pytest.fixture
def address(mariadb_server: MariaDBServer) -> Iterator[str]:
    """The address of a book in five schemas, none of which is there yet."""
    names = [MAIN, *SCHEMAS.values()]
    mariadb_server.drop(*names)
    yield mariadb_server.url(MAIN, QUERY)
    mariadb_server.drop(*names)


@pytest.fixture
def parted(address: str, mariadb_server: MariaDBServer) -> Iterator[Book]:
    """A book in five schemas with its owner and accounts."""
    book = open_database(address, password=mariadb_server.password)
    make_room(book)
    migrate(book)
    set_up(book)
    yield book
    book.close()


def tables(server: MariaDBServer, schema: str) -> dict[str, int]:
    """Return how many rows each table of a schema has."""
    with server.connect(schema) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        names = [str(row[0]) for row in cursor.fetchall()]
        found = {}
        for name in names:
            cursor.execute(f"SELECT COUNT(*) FROM `{name}`")
            row = cursor.fetchone()
            found[name] = int(row[0]) if row else 0
        return found


def desk_of(book: Book) -> Desk:
    """Return a window with something to trade in: ten pieces in stock."""
    window = caller_on(book)
    customer = window.post("/api/contacts", {"name": "甲公司", "roles": ["customer"]}).json["id"]
    item = window.post("/api/items", {"code": "A1", "name": "苹果", "unit": "个", "tax_rate": "13"}).json["id"]
    lines = [{"item_id": item, "quantity": "10", "amount": "500"}]
    draft = window.post("/api/stock-documents", {"kind": "other_in", "date": "2026-06-05", "lines": lines}).json
    assert window.post(f"/api/stock-documents/{draft['id']}/finish", {}).status == 200
    return Desk(window, customer, customer, item, item)


def test_each_service_has_its_tables_in_its_own_schema(parted: Book, mariadb_server: MariaDBServer) -> None:
    assert "voucher" in tables(mariadb_server, SCHEMAS["ledger"])
    assert "user" in tables(mariadb_server, SCHEMAS["identity"])
    assert "stock_move" in tables(mariadb_server, SCHEMAS["inventory"])
    assert {"contact", "job", "upload", "schema_migration"} <= set(tables(mariadb_server, MAIN))
    assert tables(mariadb_server, SCHEMAS["orders"])


def test_an_order_posts_stock_and_voucher_in_one_transaction(parted: Book, mariadb_server: MariaDBServer) -> None:
    desk = desk_of(parted)
    schemas = [SCHEMAS["orders"], SCHEMAS["inventory"], SCHEMAS["ledger"]]
    order = desk.finished("sales_order", desk.line("4", "113"))
    draft = desk.window.post("/api/documents", desk.follower("delivery", order["id"])).json
    before = {schema: tables(mariadb_server, schema) for schema in schemas}
    # the ledger refuses the voucher after the stock has moved
    mariadb_server.execute(
        f"CREATE TRIGGER {SCHEMAS['ledger']}.refuse BEFORE INSERT ON {SCHEMAS['ledger']}.entry FOR EACH ROW "
        "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused by a test'"
    )
    assert desk.window.post(f"/api/documents/{draft['id']}/finish", {}).status >= 500
    assert {schema: tables(mariadb_server, schema) for schema in schemas} == before
    assert desk.get(draft["id"])["state"] == "draft"
    assert desk.window.get("/inventory").json[0]["quantity"] == "10"
    mariadb_server.execute(f"DROP TRIGGER {SCHEMAS['ledger']}.refuse")
    delivery = desk.finish(draft["id"])
    invoice = desk.follow("sales_invoice", delivery["id"])
    assert desk.window.get("/inventory").json[0]["quantity"] == "6"
    assert delivery["vouchers"] or invoice["vouchers"]
    assert desk.balances()["1405", "debit"] == "300.00"
    after = tables(mariadb_server, SCHEMAS["ledger"])
    assert after["voucher"] > before[SCHEMAS["ledger"]]["voucher"]


def test_copy_backup_and_verify_reach_all_schemas(
    parted: Book, address: str, mariadb_server: MariaDBServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(parted)
    desk.follow("delivery", desk.finished("sales_order", desk.line("4", "113"))["id"])
    monkeypatch.setenv("ZHANGFANG_DB_PASSWORD", mariadb_server.password)
    backup, copied, back = (str(tmp_path / f"{name}.zhangfang") for name in ("backup", "copied", "restored"))
    for command in (
        ("verify", address),
        ("backup", address, backup),
        ("verify", backup),
        ("restore", backup, back),
        ("copy", address, copied),
    ):
        assert main(command) == 0, command
    with closing(open_database(copied)) as book, book.session():
        assert fetch_one("SELECT COUNT(*) FROM {entry}") == (tables(mariadb_server, SCHEMAS["ledger"])["entry"],)
        assert fetch_one("SELECT COUNT(*) FROM {stock_move}") == (
            tables(mariadb_server, SCHEMAS["inventory"])["stock_move"],
        )


def test_a_migration_that_broke_off_between_schemas_is_taken_up_again(
    address: str, mariadb_server: MariaDBServer
) -> None:
    def die_halfway(done: int, total: int, _text: Message) -> None:
        if done * 2 > total:
            raise WorkCancelled("cancelled", message("已取消。"))

    with closing(open_database(address, password=mariadb_server.password)) as book:
        make_room(book)
        with pytest.raises(WorkCancelled):
            migrate(book, die_halfway)
        made = {schema: len(tables(mariadb_server, schema)) for schema in SCHEMAS.values()}
        assert made[SCHEMAS["identity"]] > 0
        assert made[SCHEMAS["orders"]] == 0
    with closing(open_database(address, password=mariadb_server.password)) as book:
        assert pending(book)
        migrate(book)
        assert not pending(book)
        set_up(book)
        assert caller_on(book).get("/api/items").status == 200
