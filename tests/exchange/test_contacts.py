"""Contacts in tables: a template to fill in, errors by row, and all of them out and in again."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from app.contacts.queries import list_contacts
from app.contacts.service.contacts import change_contact, create_contact
from app.contract.contacts import ContactChange, ContactExport, ContactImport, ContactInput, ContactQuery
from app.contract.ledger import AuxiliaryInput
from app.exchange.contacts import export_contacts, import_contact_file
from app.exchange.errors import FileRefused
from app.exchange.exporting import export_book
from app.exchange.importing import import_paths
from app.exchange.sheet_rows import rows_of_file
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.errors import PermissionDenied
from app.ledger.service.book import set_up_ledger
from app.ledger.service.sets import create_auxiliary
from app.resources import catalogue
from app.storage import jobs, uploads
from app.storage.database import Book, open_database
from tests.calling import Caller, caller_on, set_up

HEAD = "名称,编码,身份,分组,税号,账期（天）,信用额度,电话,在用\n"


@pytest.fixture
def owner(sqlite_book: Book) -> Any:
    with sqlite_book.session():
        actor = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)
        yield actor


def bring_in(owner: Actor, folder: Path, content: str | bytes, name: str = "表.csv", **more: Any) -> Any:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    upload = uploads.keep_file(path, owner.user_id)
    return import_contact_file(owner, ContactImport(upload_id=upload.id, **more), english=catalogue("en"))


def known() -> dict[str, Any]:
    contacts = list_contacts(ContactQuery(include_inactive=True, limit=1000)).contacts
    return {contact.name: contact.model_dump(exclude={"id", "version", "group_id", "pinyin"}) for contact in contacts}


def test_a_table_adds_and_changes_and_knows_what_is_the_same(owner: Actor, tmp_path: Path) -> None:
    create_auxiliary(owner, AuxiliaryInput(kind="客户", name="老客户"))
    text = HEAD + "老客户,L1,供应商,华东,,30,,,\n新厂,,供应商、客户,华东,,,1000,'+86 1,否\n"
    done = bring_in(owner, tmp_path, text)
    assert (done.added, done.changed, done.same, done.errors) == (1, 1, 0, [])
    old, new = known()["老客户"], known()["新厂"]
    assert (old["roles"], old["code"], old["group"], old["terms_days"]) == (["customer", "supplier"], "L1", "华东", 30)
    assert (new["roles"], new["credit_limit"], new["phone"], new["active"]) == (
        ["customer", "supplier"],
        "1000.00",
        "+86 1",
        False,
    )
    again = bring_in(owner, tmp_path, text)
    assert (again.added, again.changed, again.same) == (0, 0, 2)


def test_every_bad_row_is_named_and_nothing_is_kept(owner: Actor, tmp_path: Path) -> None:
    text = (
        HEAD
        + "好的,,,,,,,,\n,没名,,,,,,,\n税错,,,,123,,,,\n身份错,,路人,,,,,,\n好的,,,,,,,,\n"
        + "账期错,,,,,x,,,\n停,,,,,,,,嗯\n"
    )
    done = bring_in(owner, tmp_path, text)
    assert (done.added, done.changed, done.same) == (0, 0, 0)
    assert [error.row for error in done.errors] == [3, 4, 5, 6, 7, 8]
    assert known() == {}
    trial = bring_in(owner, tmp_path, HEAD + "好的,,,,,,,,\n", dry_run=True)
    assert (trial.added, known()) == (1, {})


def test_headings_of_other_programs_and_in_english_are_known(owner: Actor, tmp_path: Path) -> None:
    bring_in(owner, tmp_path, "客户名称\t联系电话\n甲\t1\n".encode("gb18030"))
    bring_in(owner, tmp_path, "Name;Roles;Tax number;Terms (days)\n乙;Supplier/Employee;350100123456789;5\n")
    assert known()["甲"]["phone"] == "1"
    assert (known()["乙"]["roles"], known()["乙"]["terms_days"]) == (["supplier", "employee"], 5)
    with pytest.raises(FileRefused):
        bring_in(owner, tmp_path, "电话,地址\n1,2\n")


def test_a_workbook_is_read_too(owner: Actor, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["名称", "电话", "账期"])
        sheet.write_row(1, 0, ["甲", 13800138000, 30])
    done = bring_in(owner, tmp_path, path.read_bytes(), "表.xlsx")
    assert (done.added, known()["甲"]["phone"], known()["甲"]["terms_days"]) == (1, "13800138000", 30)


def fill(owner: Actor) -> None:
    typed: dict[str, Any] = {
        "name": "甲公司",
        "code": "K1",
        "roles": ["customer", "supplier"],
        "tax_number": "91350100M000100Y43",
        "address": '北京"路",1号',
        "phone": "-1",
        "email": "a@b.c",
        "bank_name": "工行",
        "bank_account": "6222020200112233445",
        "terms_days": 0,
        "credit_limit": "0",
        "note": "=1+1",
    }
    create_contact(owner, ContactInput.model_validate(typed))
    idle = create_contact(owner, ContactInput(name="停用厂", roles=["supplier"]))
    change_contact(owner, idle.id, ContactChange(active=False))
    create_contact(owner, ContactInput(name="只有名", roles=["customer"]))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_goes_out_comes_in_again_as_it_was(owner: Actor, tmp_path: Path, kind: Any, language: str) -> None:
    fill(owner)
    words = catalogue(language) if language == "en" else {}
    out = tmp_path / f"out.{kind}"
    export_contacts(owner, ContactExport(format=kind), out, lambda text: text.render(words))
    before = known()
    done = bring_in(owner, tmp_path, out.read_bytes(), f"in.{kind}")
    assert (done.added, done.changed, done.same, done.errors) == (0, 0, 3, [])
    assert known() == before
    template = tmp_path / f"template.{kind}"
    export_contacts(owner, ContactExport(format=kind, template=True), template)
    assert [cells[0] for _, cells in rows_of_file(template)] == ["名称"]


def test_csv_begins_with_a_mark_and_holds_no_formula(owner: Actor, tmp_path: Path) -> None:
    fill(owner)
    export_contacts(owner, ContactExport(format="csv"), tmp_path / "o.csv")
    data = (tmp_path / "o.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[1][rows[0].index("备注")] == "'=1+1"


def test_csv_book_carries_what_is_known_of_contacts(owner: Actor, tmp_path: Path, empty_file: Path) -> None:
    fill(owner)
    export_book(owner, tmp_path / "out")
    before = known()
    copy = tmp_path / "copy.zhangfang"
    copy.write_bytes(empty_file.read_bytes())
    book = open_database(str(copy))
    with book.session():
        other = ensure_owner("李会计")
        set_up_ledger(name="乙", chart="small_enterprise_2013", start_period=202601)
        import_paths(other, [tmp_path / "out"])
        assert known() == before
    book.close()


def test_it_needs_its_rights(owner: Actor, tmp_path: Path) -> None:
    nobody = Actor(owner.user_id, "无权")
    with pytest.raises(PermissionDenied):
        bring_in(nobody, tmp_path, HEAD)
    with pytest.raises(PermissionDenied):
        export_contacts(nobody, ContactExport(), tmp_path / "x.xlsx")


def done(window: Caller, book: Book, job: dict[str, Any]) -> dict[str, Any]:
    with book.session():
        jobs.wait_for_job(job["id"], 60)
    ended: dict[str, Any] = window.get(f"/api/jobs/{job['id']}").json
    return ended


def test_over_http_a_table_comes_up_and_goes_down(sqlite_book: Book, tmp_path: Path) -> None:
    owner = set_up(sqlite_book)
    window = caller_on(sqlite_book)
    (tmp_path / "t.csv").write_text(HEAD + "甲,,,,,,,,\n,1,,,,,,,\n", encoding="utf-8")
    with sqlite_book.session():
        upload = uploads.keep_file(tmp_path / "t.csv", owner.user_id)
    started = window.post("/api/contacts/import", {"upload_id": upload.id}, headers={"Accept-Language": "en"})
    assert started.status == 202
    result = done(window, sqlite_book, started.json)["result"]
    assert result["errors"] == [{"row": 3, "reason": "Enter the name."}]
    made = done(window, sqlite_book, window.post("/api/contacts/export", {"template": True, "format": "csv"}).json)
    file = window.get(f"/api/jobs/{made['id']}/file")
    assert file.data.decode("utf-8-sig").startswith("名称,编码")
