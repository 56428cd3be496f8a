"""Documents of vouchers: known by their content, kept whole, carried by backups, named when damaged."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from app.contract.ledger import VoucherQuery
from app.contract.voucher_work import AttachInput, AttachmentList
from app.identity.actor import Actor
from app.kernel.errors import Conflict, MalformedInput, NotFound, RuleBroken, TooLarge
from app.ledger import media_types
from app.ledger.queries.attachments import list_attachments, read_chunks
from app.ledger.queries.voucher_list import list_vouchers
from app.ledger.queries.vouchers import get_voucher
from app.ledger.service import attachments, states, vouchers
from app.ledger.verify import verify_book
from app.storage import uploads
from app.storage.backup import backup
from app.storage.database import Book, execute, fetch_all, open_database
from app.web.book_eyes import chain_head, findings
from tests.ledger.build import draft, line

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20


def attach(owner: Actor, voucher_id: int, name: str, content: bytes) -> AttachmentList:
    upload = uploads.begin_upload(owner.user_id, name, len(content))
    for number, start in enumerate(range(0, len(content), uploads.PART_BYTES)):
        uploads.put_part(upload.id, owner.user_id, number, content[start : start + uploads.PART_BYTES])
    return attachments.attach(owner, voucher_id, AttachInput(upload_id=upload.id))


def one(owner: Actor) -> int:
    return draft(owner, "2026-01-05", line("560205", "1"), line("1405", credit="1")).id


def zipped(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("发票.pdf", b"%PDF-1.7 ...", media_types.PDF),
        ("图.PNG", PNG, media_types.PNG),
        ("照片.jpg", b"\xff\xd8\xff\xe0 ...", media_types.JPEG),
        ("发票.ofd", zipped("OFD.xml", "Doc_0/Document.xml"), media_types.OFD),
        ("表.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml"), media_types.XLSX),
        ("合同.docx", zipped("[Content_Types].xml", "word/document.xml"), media_types.DOCX),
        ("包.zip", zipped("a.pdf"), media_types.ZIP),
        ("数电票.xml", b"\xef\xbb\xbf<?xml version='1.0'?><EInvoice/>", media_types.XML),
        ("说明.txt", "收据一张".encode("gb18030"), media_types.TEXT),
        ("无名", b"\x00\x01\x02", media_types.UNKNOWN),
        ("页", b"<!DOCTYPE html><script>", media_types.UNKNOWN),
    ],
)
def test_a_file_is_known_by_its_content(owner: Actor, name: str, content: bytes, media_type: str) -> None:
    kept = attach(owner, one(owner), name, content).attachments[0]
    assert (kept.name, kept.media_type, kept.size) == (name, media_type, len(content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("发票.pdf", b"MZ\x90\x00"),
        ("发票.pdf", b"\x7fELF"),
        ("发票", b"#!/bin/sh"),
        ("病毒.exe", b"%PDF-1.7"),
        ("宏.xlsm", zipped("[Content_Types].xml", "xl/workbook.xml")),
        ("宏.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin")),
        ("发票.pdf", PNG),
        ("发票.png", b"%PDF-1.7"),
        ("发票.ofd", zipped("a.txt")),
        ("发票.xml", b"<!DOCTYPE html><script>"),
    ],
)
def test_programs_and_files_that_lie_are_refused(owner: Actor, name: str, content: bytes) -> None:
    voucher_id = one(owner)
    with pytest.raises(MalformedInput):
        attach(owner, voucher_id, name, content)
    assert list_attachments(voucher_id).attachments == []


def test_large_ones_are_kept_in_parts_and_read_back_whole(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"%PDF-1.7" + bytes(range(256)) * 10_000
    voucher_id = one(owner)
    kept = attach(owner, voucher_id, "大.pdf", content).attachments[0]
    sizes = [len(data) for data in read_chunks(kept.id)]
    assert max(sizes) <= attachments.CHUNK_BYTES
    assert len(sizes) == 3
    assert b"".join(read_chunks(kept.id)) == content
    assert fetch_all("SELECT id FROM {upload}") == []
    monkeypatch.setattr(attachments, "MAX_BYTES", 100)
    with pytest.raises(TooLarge):
        attach(owner, voucher_id, "更大.pdf", content)


def test_the_number_of_documents_follows_the_files_until_somebody_types_it(owner: Actor) -> None:
    voucher_id = one(owner)
    assert attach(owner, voucher_id, "1.png", PNG).attachment_count == 1
    kept = attach(owner, voucher_id, "2.png", PNG + b"2")
    assert (kept.attachment_count, kept.version) == (2, get_voucher(voucher_id).version)
    assert attachments.remove_attachment(owner, kept.attachments[0].id).attachment_count == 1
    execute("UPDATE {voucher} SET attachment_count = 7 WHERE id = ?", (voucher_id,))
    assert attach(owner, voucher_id, "3.png", PNG + b"3").attachment_count == 7
    with pytest.raises(Conflict, match=r"3\.png"):
        attach(owner, voucher_id, "4.png", PNG + b"3")


def test_what_belongs_to_a_posted_voucher_stays_and_more_may_come(owner: Actor) -> None:
    voucher_id = one(owner)
    kept = attach(owner, voucher_id, "1.png", PNG).attachments[0]
    states.review_and_post(owner, voucher_id)
    with pytest.raises(RuleBroken, match="附件不能删"):
        attachments.remove_attachment(owner, kept.id)
    later = attach(owner, voucher_id, "2.png", PNG + b"2")
    assert (len(later.attachments), later.attachment_count) == (2, 1)
    assert verify_book().findings == []


def test_a_deleted_draft_takes_its_documents_along(owner: Actor) -> None:
    voucher_id = one(owner)
    attach(owner, voucher_id, "1.png", PNG)
    vouchers.delete_draft(owner, voucher_id)
    assert fetch_all("SELECT attachment_id FROM {attachment_chunk}") == []
    with pytest.raises(NotFound):
        list_attachments(voucher_id)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE {attachment_chunk} SET data = ? WHERE number = 1",
        "UPDATE {attachment_chunk} SET number = 5 WHERE number = 1 AND data <> ?",
        "UPDATE {attachment} SET sha256 = '0' WHERE name <> ?",
    ],
)
def test_verify_names_a_damaged_document(owner: Actor, sql: str) -> None:
    voucher_id = one(owner)
    attach(owner, voucher_id, "单据.pdf", b"%PDF-" + b"x" * (attachments.CHUNK_BYTES + 9))
    assert verify_book().findings == []
    execute(sql, (b"y",))
    found = verify_book().findings
    assert [finding.check for finding in found] == ["attachment"]
    assert "单据.pdf" in found[0].where


def test_backups_carry_documents(owner: Actor, book: Book, tmp_path: Path) -> None:
    voucher_id = one(owner)
    kept = attach(owner, voucher_id, "单据.pdf", b"%PDF-" + b"x" * (attachments.CHUNK_BYTES + 9)).attachments[0]
    target = tmp_path / "b.zhangfang"
    backup(book, target, verify=findings, head=chain_head)
    other = open_database(str(target))
    try:
        with other.session():
            assert sum(len(data) for data in read_chunks(kept.id)) == kept.size
            assert verify_book().findings == []
    finally:
        other.close()


def test_vouchers_are_found_by_whether_they_have_files(owner: Actor) -> None:
    bare, full = one(owner), one(owner)
    attach(owner, full, "1.png", PNG)
    found = {
        wanted: [head.id for head in list_vouchers(VoucherQuery(has_attachments=wanted)).vouchers]
        for wanted in ("yes", "no", "")
    }
    assert found == {"yes": [full], "no": [bare], "": [bare, full]}
