"""What the filters of the voucher list offer: the people, words and origins there are."""

from __future__ import annotations

from app.contract.voucher_work import VoucherChoices
from app.ledger.voucher_rules import book_words
from app.storage.database import fetch_all, fetch_one

MOST_ORIGINS = 200


def voucher_choices() -> VoucherChoices:
    """Return names of people, words and kinds of origin, few steps down indexes whatever the number of vouchers."""
    people = [row[0] for row in fetch_all("SELECT DISTINCT name FROM {user} ORDER BY name")]
    used = [row[0] for row in fetch_all("SELECT DISTINCT word FROM {number_counter} WHERE last_number > 0")]
    words = list(dict.fromkeys([*book_words(), *sorted(used)]))
    return VoucherChoices(people=people, words=words, origins=list(dict.fromkeys(map(origin_kind, origins()))))


def origin_kind(origin: str) -> str:
    """Return what kind of origin a voucher has: the part before the colon."""
    return origin.partition(":")[0]


def origins(kind: str | None = None) -> list[str]:
    """Return the origins vouchers have, or those of one kind: one step down the index for each."""
    found: list[str] = []
    # ";" is the character after ":", so this bound takes in `kind` itself and all `kind:…`.
    last = "\U0010ffff" if kind is None else f"{kind};"
    row = fetch_one("SELECT MIN(origin) FROM {voucher} WHERE origin >= ? AND origin < ?", (kind or "", last))
    while row and row[0] is not None and len(found) < MOST_ORIGINS:
        found.append(str(row[0]))
        row = fetch_one("SELECT MIN(origin) FROM {voucher} WHERE origin > ? AND origin < ?", (found[-1], last))
    return found if kind is None else [one for one in found if origin_kind(one) == kind]
