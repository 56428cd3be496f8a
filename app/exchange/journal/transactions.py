"""Reads one transaction: its first line, its postings and their comments."""

from __future__ import annotations

import datetime
import re

from app.exchange.journal.amounts import AmountReader, AmountSyntaxError
from app.exchange.journal.model import Journal, Place, Posting, Transaction, Virtual
from app.exchange.journal.scope import Scope
from app.kernel.period import FIRST_YEAR, LAST_YEAR
from app.kernel.text import clean_text, message

_DATE = re.compile(r"(?:(\d{4})([-/.]))?(\d{1,2})([-/.])(\d{1,2})(?!\d)")
_STATUS = re.compile(r"[*!]\s*")
_CODE = re.compile(r"\(([^)]*)\)\s*")
_ACCOUNT_END = re.compile(r"\t|[ \u00a0]{2,}|[ \u00a0]\t")
_OWN_DATE = re.compile(r"\[\s*(\d[\d/.-]*)?\s*(=\s*[\d/.-]+)?\s*\]")
_DATE_TAG = re.compile(r"(?:^|[\s,])(date2?):\s*\S")
_LEDGER_CHECKS = re.compile(r"(assert|check|expr)\s")
_BRACKETS: dict[str, tuple[Virtual, str]] = {"(": ("(", ")"), "[": ("[", "]")}


def parse_date(text: str, year: int | None, place: Place) -> tuple[datetime.date, int]:
    """Read a date at the beginning of `text`; return it and where it ends. `year` is used where none is written."""
    found = _DATE.match(text)
    if found is None or (found[2] and found[2] != found[4]):
        raise place.refuse(message("“{text}”不是日期，请写成 2026-06-30 的样子。", text=text.split(maxsplit=1)[0]))
    if found[1] is None and year is None:
        raise place.refuse(message("日期“{text}”没有年份，请写全，或用 Y 指令给出年份。", text=found[0]))
    try:
        date = datetime.date(int(found[1] or year or 0), int(found[3]), int(found[5]))
    except ValueError as error:
        raise place.refuse(message("没有“{text}”这一天。", text=found[0])) from error
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise place.refuse(message("没有“{text}”这一天。", text=found[0]))
    return date, found.end()


def parse_transaction(
    line: str, block: list[tuple[int, str]], place: Place, scope: Scope, journal: Journal
) -> Transaction:
    """Read a transaction from its first line and its indented block of (line number, text)."""
    date, end = parse_date(line, scope.year, place)
    transaction = Transaction(date, place)
    rest = line[end:]
    if rest.startswith("="):
        _, end = parse_date(rest[1:], date.year, place)
        transaction.has_second_date = True
        journal.notice("second_date")
        rest = rest[1 + end :]
    if rest and not rest[0].isspace():
        raise place.refuse(message("“{text}”不是日期，请写成 2026-06-30 的样子。", text=line.split(maxsplit=1)[0]))
    rest = rest.strip()
    if found := _STATUS.match(rest):
        rest = rest[found.end() :]
    if found := _CODE.match(rest):
        transaction.code = clean_text(found[1])
        rest = rest[found.end() :]
    description, comment = _split_comment(rest, everywhere=journal.dialect == "hledger")
    transaction.description = clean_text(description)
    transaction.comment = clean_text(comment)
    for number, text in block:
        _add_line(transaction, text, Place(place.file, number), scope, journal)
    if scope.bucket and len(transaction.postings) == 1 and transaction.postings[0].amount is not None:
        transaction.postings.append(Posting(scope.bucket, place))
    return transaction


def _split_comment(text: str, *, everywhere: bool) -> tuple[str, str]:
    """Split at the comment sign; Ledger demands two spaces or a tab before it."""
    if text.startswith(";"):
        return "", text[1:].strip()
    if everywhere:
        before, _, after = text.partition(";")
        return before.strip(), after.strip()
    found = re.search(r"(?:\t|[ ]{2,})\s*;", text)
    return (text[: found.start()].strip(), text[found.end() :].strip()) if found else (text, "")


def _add_line(transaction: Transaction, text: str, place: Place, scope: Scope, journal: Journal) -> None:
    stripped = text.strip()
    if stripped.startswith(";"):
        comment = clean_text(stripped[1:])
        if transaction.postings:
            posting = transaction.postings[-1]
            posting.comment = f"{posting.comment} {comment}".strip()
            _note_dates(posting, comment, journal)
        else:
            transaction.comment = f"{transaction.comment} {comment}".strip()
        return
    if journal.dialect == "ledger" and _LEDGER_CHECKS.match(stripped):
        raise place.refuse(message("不支持指令“{word}”。", word=stripped.split()[0]))
    transaction.postings.append(parse_posting_line(text, place, scope, journal))


def _note_dates(posting: Posting, comment: str, journal: Journal) -> None:
    for first, second in _OWN_DATE.findall(comment):
        if first:
            posting.has_own_date = True
            journal.notice("own_date")
        if second:
            journal.notice("second_date")
    if journal.dialect == "hledger":
        for tag in _DATE_TAG.findall(comment):
            posting.has_own_date |= tag == "date"
            journal.notice("own_date" if tag == "date" else "second_date")


def parse_posting_line(text: str, place: Place, scope: Scope, journal: Journal) -> Posting:
    """Read `  ! account  amount @ cost = balance ; comment`. Raises `FileRefused`."""
    body = text.strip()
    if found := _STATUS.match(body):
        body = body[found.end() :]
    end = _ACCOUNT_END.search(body)
    name, rest = (body[: end.start()], body[end.end() :].strip()) if end else (body, "")
    if ";" in name:
        raise place.refuse(message("科目“{name}”里有分号；注释和科目之间要有两个空格。", name=name[:60]))
    rest, comment = _cut_comment(rest)
    virtual: Virtual = ""
    name = name.strip()
    if name[:1] in _BRACKETS:
        virtual, closing = _BRACKETS[name[0]]
        if not name.endswith(closing):
            raise place.refuse(message("科目“{name}”的括号没有写完。", name=name))
        name = name[1:-1].strip()
    full = clean_account_name(name, place)
    posting = Posting(clean_account_name(scope.account_name(full), place), place, virtual, comment=clean_text(comment))
    _note_dates(posting, posting.comment, journal)
    if rest:
        _read_amounts(posting, rest, scope)
    return posting


def clean_account_name(name: str, place: Place) -> str:
    """Return an account name with clean parts. Raises `FileRefused` for an empty part."""
    parts = [clean_text(part) for part in name.split(":")]
    if not all(parts):
        raise place.refuse(message("科目“{name}”写得不对：冒号之间不能是空的。", name=name))
    return ":".join(parts)


def _cut_comment(rest: str) -> tuple[str, str]:
    quoted = False
    for index, sign in enumerate(rest):
        if sign == '"':
            quoted = not quoted
        elif sign == ";" and not quoted:
            return rest[:index].strip(), rest[index + 1 :].strip()
    return rest, ""


def _read_amounts(posting: Posting, rest: str, scope: Scope) -> None:
    reader = AmountReader(rest, scope.style, posting.place)
    try:
        reader.skip_space()
        if rest.startswith("("):
            raise AmountSyntaxError(message("不支持金额里的算式“{text}”，请写成数字。", text=rest))
        if not rest.startswith("="):
            posting.amount = reader.amount()
            posting.lot_cost = reader.lot()
            posting.cost = reader.cost()
            posting.lot_cost = posting.lot_cost or reader.lot()
        posting.assertion = reader.assertion()
        reader.end()
    except AmountSyntaxError as error:
        raise posting.place.refuse(error.reason) from error
