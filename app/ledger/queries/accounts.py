"""Reads of the chart of accounts."""

from __future__ import annotations

from app.contract.ledger import Account, AccountList, AccountQuery, AuxiliaryUse, Currency, CurrencyList
from app.kernel.text import clean_text
from app.ledger.errors import account_unknown
from app.storage.book_settings import get_setting
from app.storage.database import Row, fetch_all
from app.storage.matching import contains, starts_with

_SELECT = (
    "SELECT a.id, a.code, p.code, a.level, a.name_zh, a.name_en, a.source_name, a.category, a.normal_side, a.is_leaf,"
    " a.is_cash, c.code, a.has_quantity, a.unit, a.pinyin_initials, a.active, a.version"
    " FROM {account} a LEFT JOIN {account} p ON p.id = a.parent_id LEFT JOIN {currency} c ON c.id = a.currency_id"
)


def _view(row: Row, uses: list[AuxiliaryUse]) -> Account:
    return Account(
        id=row[0],
        code=row[1],
        parent_code=row[2],
        level=row[3],
        name_zh=row[4],
        name_en=row[5],
        source_name=row[6],
        category=row[7],
        normal_side=row[8],
        is_leaf=bool(row[9]),
        is_cash=bool(row[10]),
        currency=row[11],
        has_quantity=bool(row[12]),
        unit=row[13],
        auxiliaries=uses,
        pinyin=row[14],
        active=bool(row[15]),
        version=row[16],
    )


def _uses(condition: str = "1 = 1", params: tuple[object, ...] = ()) -> dict[int, list[AuxiliaryUse]]:
    rows = fetch_all(
        "SELECT u.account_id, k.name, u.demanded FROM {account_auxiliary} u"
        f" JOIN {{auxiliary_kind}} k ON k.id = u.kind_id WHERE {condition} ORDER BY u.account_id, k.id",
        params,
    )
    uses: dict[int, list[AuxiliaryUse]] = {}
    for account_id, kind, demanded in rows:
        uses.setdefault(account_id, []).append(AuxiliaryUse(kind=kind, demanded=bool(demanded)))
    return uses


def get_account(account_id: int) -> Account:
    """Return one account. Raises `NotFound`."""
    rows = fetch_all(f"{_SELECT} WHERE a.id = ?", (account_id,))
    if not rows:
        raise account_unknown(str(account_id))
    return _view(rows[0], _uses("u.account_id = ?", (account_id,)).get(account_id, []))


def account_id_of(code: str) -> int:
    """Return the id of the account with this code. Raises `NotFound`."""
    rows = fetch_all("SELECT id FROM {account} WHERE code = ?", (clean_text(code),))
    if not rows:
        raise account_unknown(code)
    return int(rows[0][0])


def list_accounts(query: AccountQuery | None = None) -> AccountList:
    """Return the accounts that a look-up finds, ordered by code; an exact code or prefix comes first."""
    wanted = query or AccountQuery()
    conditions, params = ["1 = 1"], list[object]()
    if wanted.leaf_only:
        conditions.append("a.is_leaf = 1")
    if not wanted.include_inactive:
        conditions.append("a.active = 1")
    order = "a.code"
    if wanted.q:
        word = clean_text(wanted.q)
        like = "LIKE ? ESCAPE '!'"
        conditions.append(f"(a.code {like} OR a.name_zh {like} OR a.name_en {like} OR a.pinyin_initials {like})")
        params.extend([starts_with(word), contains(word), contains(word), contains(word.lower())])
        order = f"CASE WHEN a.code {like} OR a.pinyin_initials {like} THEN 0 ELSE 1 END, a.code"
        params.extend([starts_with(word), starts_with(word.lower())])
    rows = fetch_all(f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT ?", [*params, wanted.limit])
    uses = _uses()
    return AccountList(accounts=[_view(row, uses.get(row[0], [])) for row in rows])


def list_currencies() -> CurrencyList:
    """Return all currencies, the base currency first."""
    base = get_setting("base_currency_id")
    rows = fetch_all("SELECT id, code, name_zh, minor_digits FROM {currency} ORDER BY code")
    views = [
        Currency(id=row[0], code=row[1], name_zh=row[2], minor_digits=row[3], is_base=row[0] == base) for row in rows
    ]
    return CurrencyList(currencies=sorted(views, key=lambda view: not view.is_base))
