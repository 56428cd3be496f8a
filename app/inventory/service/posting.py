"""Vouchers from documents: made by the posting rules in the document's own unit, linked to it, and taken back with it.

Posting needs no right of its own: whoever may finish a document may, for what the user's rules say, also book it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from app.contract.ledger import Entry, EntryInput, Reversal, Voucher, VoucherInput, VoucherKind
from app.identity.actor import Actor
from app.inventory.purposes import Purpose
from app.inventory.queries.posting import RECOST, document_of_voucher, vouchers_of
from app.inventory.queries.posting_accounts import PostingRules, account_for
from app.inventory.service.settings import govern, stock_settings
from app.kernel.errors import RuleBroken
from app.kernel.money import QUANTITY_DIGITS, format_amount, format_quantity, parse_amount
from app.kernel.text import message
from app.ledger.errors import account_unknown
from app.ledger.queries.vouchers import base_digits, get_voucher
from app.ledger.service.entering import Known
from app.ledger.service.facts import read_account_facts
from app.ledger.service.review_rule import review_by_other
from app.ledger.service.rules import AccountFacts
from app.ledger.service.sets import SetResolver, parse_aux
from app.ledger.service.states import reverse_voucher, review_and_post, save_and_post, void_voucher
from app.ledger.service.vouchers import save_voucher
from app.storage.database import execute, fetch_all

__all__ = [
    "DocumentRef",
    "PostingLine",
    "PostingWish",
    "account_for",
    "document_of_voucher",
    "post_document",
    "reverse_vouchers",
    "vouchers_of",
]

Side = Literal["debit", "credit"]
POSTING_RIGHTS = frozenset(f"ledger:voucher:{verb}" for verb in ("add", "review", "post", "void", "reverse", "sign"))
STOCK_KINDS = frozenset({"opening", "transfer", "count", "assembly", "other_in", "other_out", RECOST, "month_costing"})
ITEM_KINDS = ("存货", "产品", "商品")
"""Dimensions of accounts that mean the item itself; a line's `item_name` fills them."""
MOST_ENTRIES = 2_000
"""Lines of one voucher."""


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document of stock or orders; kinds are unique over both."""

    kind: str
    id: int
    number: str


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One line a document books: an amount in minor units (negative is red and stays on its side).

    `purpose` finds the account by the rules, `account_code` names it. `quantity` is × 10^8. Auxiliaries the account
    does not take are left out; `item_name` fills its dimension of items, where it has one.
    """

    side: Side
    amount_minor: int
    purpose: Purpose | None = None
    account_code: str = ""
    aux_text: str = ""
    quantity: int = 0
    category_id: int | None = None
    contact_group_id: int | None = None
    summary: str = ""
    item_name: str = ""


@dataclass(frozen=True, slots=True)
class PostingWish:
    """What a voucher wants that is not usual: an origin of its own, kind `transfer`, posted (or not) at once."""

    origin: str = ""
    kind: VoucherKind = "normal"
    post: bool | None = None


def post_document(
    actor: Actor,
    document: DocumentRef,
    date: str,
    lines: Sequence[PostingLine],
    *,
    summary: str,
    wish: PostingWish | None = None,
    rules: PostingRules | None = None,
) -> int | None:
    """Book what a document means and return the voucher's id, or `None` where nothing is to be booked.

    Part of the unit under way. `rules` are those the caller looked accounts up with already. The voucher is reviewed
    and posted at once where the book's settings say so and no other person has to review it, else it stays a complete
    draft. Raises `RuleBroken` when no account is known for a purpose, the month is closed, or the voucher would have
    faults; nothing is kept then.
    """
    booked = _booked(lines, summary, rules)
    return _post(actor, document, date, booked, wish=wish or PostingWish(), reverses=None)


def _post(
    actor: Actor,
    document: DocumentRef,
    date: str,
    booked: _Booked,
    *,
    wish: PostingWish,
    reverses: int | None,
) -> int | None:
    entries = booked.entries
    if not entries or _moves_nothing(entries):
        return None
    if len(entries) > MOST_ENTRIES:
        raise RuleBroken(
            "posting_too_long",
            message("单据 {number} 的凭证超过 {most} 行，请分成几张单据。", number=document.number, most=MOST_ENTRIES),
        )
    poster = Actor(actor.user_id, actor.name, POSTING_RIGHTS)
    slice_name = "inventory" if document.kind in STOCK_KINDS else "orders"
    origin = wish.origin or f"{slice_name}:{document.kind}"
    save = save_and_post if _posts(wish.post) else save_voucher
    typed = VoucherInput(date=date, kind=wish.kind, entries=entries)
    voucher = save(poster, typed, origin=origin, known=booked.known)
    if voucher.faults:
        raise RuleBroken(
            "posting_incomplete",
            message(
                "单据 {number} 的凭证不完整：{reason}请改入账规则或科目设置后再试。",
                number=document.number,
                reason=voucher.faults[0].message,
            ),
            details={"faults": [fault.message for fault in voucher.faults]},
        )
    _link(document, voucher.id, reverses)
    return voucher.id


def _moves_nothing(entries: Sequence[EntryInput]) -> bool:
    """Tell whether both sides are one account: what became of what does not show in the ledger."""
    return len(entries) == 2 and len({(one.account_code, one.aux) for one in entries}) == 1


def _posts(wished: bool | None = None) -> bool:
    """Tell whether a document's voucher is posted at once: as wished, else as the book says, if none must review it."""
    post = stock_settings().post_vouchers if wished is None else wished
    return post and not review_by_other()


def _link(document: DocumentRef, voucher_id: int, reverses: int | None) -> None:
    execute(
        "INSERT INTO {document_voucher} (voucher_id, document_kind, document_id, document_number, reverses)"
        " VALUES (?, ?, ?, ?, ?)",
        (voucher_id, document.kind, document.id, document.number, reverses),
    )


class _Place(NamedTuple):
    side: Side
    code: str
    aux: str
    summary: str


class _Booked(NamedTuple):
    """The entries of a voucher, and what was looked up for them."""

    entries: list[EntryInput]
    known: Known


def entries_of(lines: Sequence[PostingLine], summary: str) -> list[EntryInput]:
    """Return lines as entries: accounts found, those of one account and auxiliary added up, debits first."""
    return _booked(lines, summary, settles=False).entries


def _booked(
    lines: Sequence[PostingLine], summary: str, rules: PostingRules | None = None, *, settles: bool = True
) -> _Booked:
    """Return lines as entries. With `settles`, missing auxiliaries are made, accounts of stock noted as kept by it."""
    rules = rules or PostingRules()
    placed = [(line, line.account_code or _account_of(rules, line)) for line in lines if line.amount_minor]
    accounts = read_account_facts(codes={code for _, code in placed})
    facts = {one.code: one for one in accounts.values()}
    stock_accounts: set[int] = set()
    resolver = SetResolver(make_missing=True)
    sums: dict[_Place, list[int]] = {}
    for line, code in placed:
        account = facts.get(code)
        if account is None:
            raise account_unknown(code)
        aux = _aux(account, line)
        if settles:
            resolver.resolve(aux)
        row = sums.setdefault(_Place(line.side, code, aux, line.summary or summary), [0, 0])
        row[0] += line.amount_minor
        row[1] += line.quantity if account.has_quantity else 0
        if line.purpose == "stock":
            stock_accounts.add(account.id)
    if settles:
        govern(stock_accounts)
    digits = base_digits()
    entries = [
        EntryInput(
            summary=place.summary[:200],
            account_code=place.code,
            debit=format_amount(amount, digits) if place.side == "debit" else "",
            credit=format_amount(amount, digits) if place.side == "credit" else "",
            aux=place.aux,
            quantity=format_quantity(quantity, QUANTITY_DIGITS) if quantity else "",
        )
        for place, (amount, quantity) in sorted(sums.items(), key=lambda one: one[0].side == "credit")
        if amount
    ]
    return _Booked(entries, Known(accounts, resolver))


def _account_of(rules: PostingRules, line: PostingLine) -> str:
    if line.purpose is None:
        raise ValueError("a posting line needs a purpose or an account")
    return rules.account_for(line.purpose, category_id=line.category_id, contact_group_id=line.contact_group_id)


def _aux(account: AccountFacts, line: PostingLine) -> str:
    """Return what of a line's auxiliaries the account takes, and the item where it asks for one."""
    names = set(account.kind_names.values())
    items = {kind: name for kind, name in parse_aux(line.aux_text).items() if kind in names}
    if line.item_name:
        for kind in ITEM_KINDS:
            if kind in names:
                items.setdefault(kind, line.item_name.replace(";", " ").replace("；", " "))
    return ";".join(f"{kind}:{name}" for kind, name in items.items())


def reverse_vouchers(actor: Actor, document: DocumentRef, counter: DocumentRef, date: str) -> list[int]:
    """Take a document's vouchers back for its counter-document; return the red copies made.

    A posted one is reversed in red on `date`; a draft in the same month is voided, one of another month gets a red
    draft beside it, so that each month keeps what the document meant there. Vouchers of recosts stay: taking the moves
    back books their opposite by itself.
    """
    poster = Actor(actor.user_id, actor.name, POSTING_RIGHTS)
    made: list[int] = []
    rows = fetch_all(
        "SELECT d.voucher_id FROM {document_voucher} d JOIN {voucher} v ON v.id = d.voucher_id"
        " WHERE d.document_kind = ? AND d.document_id = ? AND d.reverses IS NULL AND v.state <> 'void'"
        " AND NOT EXISTS (SELECT 1 FROM {voucher} r WHERE r.reversal_of = v.id AND r.state <> 'void')"
        " ORDER BY d.voucher_id",
        (document.kind, document.id),
    )
    for (voucher_id,) in rows:
        voucher = get_voucher(int(voucher_id))
        if voucher.state == "posted":
            wish = Reversal(date=date, estimate=voucher.date[:4] != date[:4])
            red = reverse_voucher(poster, voucher.id, wish, by_document=True)
            _link(counter, red.id, voucher.id)
            if _posts():
                review_and_post(poster, red.id)
            made.append(red.id)
        elif voucher.date[:7] == date[:7]:
            void_voucher(poster, voucher.id, by_document=True)
        else:
            red_id = _red_draft(actor, voucher, counter, date)
            made.extend([red_id] if red_id is not None else [])
    return made


def _red_draft(actor: Actor, voucher: Voucher, counter: DocumentRef, date: str) -> int | None:
    summary = str(message("冲回 {date} {word}字 {number} 号", **_named(voucher)))
    lines = [_red_line(entry, summary) for entry in voucher.entries]
    return _post(actor, counter, date, _booked(lines, summary), wish=PostingWish(), reverses=voucher.id)


def _named(voucher: Voucher) -> dict[str, object]:
    return {"date": voucher.date, "word": voucher.word, "number": voucher.number or "?"}


def _red_line(entry: Entry, summary: str) -> PostingLine:
    amount = parse_amount(entry.debit if entry.side == "debit" else entry.credit, base_digits())
    quantity = parse_amount(entry.quantity, QUANTITY_DIGITS) if entry.quantity else 0
    return PostingLine(
        side=entry.side,
        amount_minor=-amount,
        account_code=entry.account_code,
        aux_text=entry.aux,
        quantity=-quantity,
        summary=summary,
    )
