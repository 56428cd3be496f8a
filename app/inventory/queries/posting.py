"""Reads of posting rules, and of the vouchers documents made."""

from __future__ import annotations

from app.contacts.queries.groups import get_group
from app.contract.stock import DocumentLink, PostingRule, PostingRuleList, VoucherLink
from app.inventory.purposes import PURPOSES, Purpose
from app.inventory.queries.posting_accounts import PostingRules
from app.kernel.errors import NotFound
from app.kernel.period import format_period
from app.kernel.text import message
from app.storage.database import Row, fetch_all, fetch_one

RECOST = "stock_recost"
"""The kind under which vouchers of recosts are linked; people see them with the document that made them necessary."""
_RULES = (
    "SELECT r.id, r.purpose, r.category_id, c.name, r.contact_group_id, a.code, a.name_zh, r.version"
    " FROM {posting_rule} r JOIN {account} a ON a.id = r.account_id LEFT JOIN {item_category} c ON c.id = r.category_id"
)


def list_rules() -> PostingRuleList:
    """Return every purpose with its general rule (or the program's proposal), and the narrowed rules below it."""
    rows = fetch_all(f"{_RULES} ORDER BY r.category_id, r.contact_group_id")
    rules = PostingRules(list(PURPOSES))
    found: list[PostingRule] = []
    for purpose in PURPOSES:
        own = [row for row in rows if row[1] == purpose]
        if not any(row[2] == 0 and row[4] == 0 for row in own):
            found.append(_proposed(rules, purpose, 0, 0))
        found.extend(_view(row) for row in own)
    return PostingRuleList(rules=found)


def rule_of(purpose: Purpose, category_id: int, contact_group_id: int) -> PostingRule:
    """Return a rule, or the program's proposal in its place."""
    rows = fetch_all(
        f"{_RULES} WHERE r.purpose = ? AND r.category_id = ? AND r.contact_group_id = ?",
        (purpose, category_id, contact_group_id),
    )
    return _view(rows[0]) if rows else _proposed(PostingRules(), purpose, category_id, contact_group_id)


def _view(row: Row) -> PostingRule:
    facts = PURPOSES[row[1]]
    return PostingRule(
        id=row[0],
        purpose=row[1],
        purpose_name=str(facts.name),
        category_id=row[2] or None,
        category=row[3] or "",
        contact_group_id=row[4] or None,
        contact_group=_group_name(int(row[4])),
        account_code=row[5],
        account_name=row[6],
        used_by=str(facts.used_by),
        by_category=facts.by_category,
        by_group=facts.by_group,
        version=row[7],
    )


def _proposed(rules: PostingRules, purpose: Purpose, category_id: int, contact_group_id: int) -> PostingRule:
    facts = PURPOSES[purpose]
    code = rules.proposal(purpose) or ""
    name = fetch_one("SELECT name_zh FROM {account} WHERE code = ?", (code,)) if code else None
    return PostingRule(
        id=None,
        purpose=purpose,
        purpose_name=str(facts.name),
        category_id=category_id or None,
        category="",
        contact_group_id=contact_group_id or None,
        contact_group="",
        account_code=code,
        account_name=name[0] if name else "",
        used_by=str(facts.used_by),
        by_category=facts.by_category,
        by_group=facts.by_group,
        version=0,
    )


def _group_name(group_id: int) -> str:
    return get_group(group_id).name if group_id else ""


def vouchers_of(kind: str, document_id: int) -> list[VoucherLink]:
    """Return the vouchers of a document in the order they were made, those of recosts it made necessary with them."""
    rows = fetch_all(
        "SELECT v.id, v.period, v.word, v.number, v.state FROM {voucher} v WHERE v.id IN"
        " (SELECT voucher_id FROM {document_voucher} WHERE document_kind = ? AND document_id = ?"
        " UNION SELECT d.voucher_id FROM {document_voucher} d JOIN {stock_recost} r ON r.id = d.document_id"
        " WHERE d.document_kind = ? AND r.document_kind = ? AND r.document_id = ?) ORDER BY v.id",
        (kind, document_id, RECOST, kind, document_id),
    )
    return [
        VoucherLink(
            voucher_id=row[0],
            name=f"{format_period(row[1])} {row[2]}-{row[3] if row[3] is not None else '?'}",
            state=row[4],
        )
        for row in rows
    ]


def document_of_voucher(voucher_id: int) -> tuple[str, int, str] | None:
    """Return kind, id and number of the document a voucher belongs to, or `None`."""
    row = fetch_one(
        "SELECT document_kind, document_id, document_number FROM {document_voucher} WHERE voucher_id = ?", (voucher_id,)
    )
    if row is not None and row[0] == RECOST:
        row = fetch_one(
            "SELECT document_kind, document_id, document_number FROM {stock_recost} WHERE id = ?", (row[1],)
        )
    return None if row is None else (str(row[0]), int(row[1]), str(row[2]))


def get_document_of_voucher(voucher_id: int) -> DocumentLink:
    """Return the document a voucher belongs to. Raises `NotFound` where nobody but people made it."""
    found = document_of_voucher(voucher_id)
    if found is None:
        raise NotFound("voucher_without_document", message("这张凭证不是由单据生成的。"))
    return DocumentLink(kind=found[0], id=found[1], number=found[2])
