"""What a path holds, found from its content; a file's name only decides where two formats look alike."""

from __future__ import annotations

import re
from pathlib import Path

from app.exchange.archive import find_files, is_zip
from app.exchange.csv_book.columns import (
    ACCOUNT_COLUMNS,
    ACCOUNTS_FILE,
    CASH_FLOW_COLUMNS,
    OPENING_CASH_FLOW_FILE,
    OPENING_COLUMNS,
    OPENING_FILE,
    RATE_COLUMNS,
    RATES_FILE,
    TELLING_FILES,
    VOUCHER_COLUMNS,
    VOUCHERS_FILE,
)
from app.exchange.errors import FileRefused, refused
from app.kernel.text import message

IMPORT_FORMATS = ("csv-book", "hledger", "ledger")
EXPORT_FORMATS = ("csv-book", "beancount", "hledger", "xlsx", "json")
_HEAD_BYTES = 256 << 10

_TRANSACTION = re.compile(
    r"^(?:\d{4}[-/.])?\d{1,2}[-/.]\d{1,2}(?:[= ][^\n]*)?\n(?:[ \t]+;[^\n]*\n)*[ \t]+[^\s;\d,]", re.MULTILINE
)
_DIRECTIVE = re.compile(
    r"^[@!]?(?:(?:account|commodity|include|alias) +\S|apply (?:account|tag|year) )"
    r"|^(?:P \d{4}[-/.]|D \S+ ?\d|Y ?\d{4}$|[~=] \S)",
    re.MULTILINE,
)
_BEANCOUNT = re.compile(
    r"^(?:\d{4}-\d{2}-\d{2} +(?:open|close|balance|pad|commodity|price|note|txn|document|event|query|custom) "
    r'|option +"|plugin +")',
    re.MULTILINE,
)
_LEDGER_ONLY = re.compile(
    r"^(= */|N \S|bucket |A \S|[@!](include|alias|account)|apply tag |end tag|define |test$|%|\|)|-\*- ledger -\*-",
    re.MULTILINE,
)
_HLEDGER_ONLY = re.compile(r"^decimal-mark |^commodity .*\d|^account .*;.*type:|[^=]==?\*|^alias */", re.MULTILINE)
_LEDGER_NAMES = frozenset({".ledger", ".ldg", ".dat"})


def known_formats() -> str:
    """Return the names of the formats that can be imported, for messages."""
    return "、".join(IMPORT_FORMATS)


def sniff(path: Path) -> str:
    """Return the name of the format a file or folder is in. Raises `FileRefused` when it is none of those known."""
    name = path.name or str(path)
    try:
        if path.is_dir() or is_zip(path):
            if find_files(path, TELLING_FILES) is not None:
                return "csv-book"
            raise _unknown(name)
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError as error:
        raise refused(name, 0, message("打不开文件“{path}”。", path=name), code="file_missing") from error
    if b"\0" in head[:4096] and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unknown(name)
    text = _text_of(head)
    if csv_file_of(text) is not None:
        return "csv-book"
    is_journal = _TRANSACTION.search(text) or _DIRECTIVE.search(text)
    if is_journal and not _BEANCOUNT.search(text):
        if _LEDGER_ONLY.search(text):
            return "ledger"
        if _HLEDGER_ONLY.search(text) or path.suffix.lower() not in _LEDGER_NAMES:
            return "hledger"
        return "ledger"
    raise _unknown(name)


def _unknown(name: str) -> FileRefused:
    reason = message("不认识这种文件；能导入的格式是 {formats}，可以用 --as 指明。", formats=known_formats())
    return refused(name, 0, reason, code="format_unknown")


def _text_of(head: bytes) -> str:
    """Return the beginning of a file as text, good enough to recognise ASCII signs in it."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace").replace("\r\n", "\n")
    encoding = "utf-8-sig"
    try:
        head[: head.rfind(b"\n") + 1].decode(encoding)
    except UnicodeDecodeError:
        encoding = "gb18030"
    return head.decode(encoding, "replace").replace("\r\n", "\n")


def csv_file_of(text: str) -> str | None:
    """Return which file of a csv-book a text is by its header, or `None`."""
    header = {cell.strip().strip('"').lower() for cell in text.split("\n", 1)[0].split(",")}
    kinds = {
        VOUCHERS_FILE: (VOUCHER_COLUMNS, {"date", "account_code", "debit", "credit"}),
        OPENING_FILE: (OPENING_COLUMNS, {"account_code", "year_begin_debit"}),
        OPENING_CASH_FLOW_FILE: (CASH_FLOW_COLUMNS, {"cash_flow_line", "ytd_amount"}),
        ACCOUNTS_FILE: (ACCOUNT_COLUMNS, {"code", "name_zh"}),
        RATES_FILE: (RATE_COLUMNS, {"date", "currency", "rate"}),
    }
    for file, (_, telling) in kinds.items():
        if telling <= header:
            return file
    return None


def csv_file_at(path: Path) -> str | None:
    """Return which file of a csv-book lies at a path, or `None`."""
    with path.open("rb") as stream:
        return csv_file_of(_text_of(stream.read(_HEAD_BYTES)))
