"""The words of a book's vouchers: one 记, or 收 付 转, or words of its own; and which word a voucher's lines ask for.

收 needs a debit of cash or bank, 付 a credit, 转 has neither; between cash and bank there is a 付 voucher only
(practice, 《会计基础工作规范》 art. 50). A book with the one word 记 judges no words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.kernel.text import Message, message
from app.ledger.faults import Fault
from app.ledger.service.branches import read_branches
from app.ledger.service.lines import Line
from app.ledger.service.rules import AccountFacts
from app.ledger.voucher_rules import book_words, judges_words

CASH_ON_HAND = "1001"
"""The root of cash on hand in all charts; other cash accounts are at banks and the like."""
RECEIPT, PAYMENT, TRANSFER = 1, -1, 0


class Meaning(NamedTuple):
    """What a word says: money received, paid or neither; and whether on hand (`现`) or at a bank (`银`)."""

    direction: int
    place: str = ""


MEANINGS: Mapping[str, Meaning] = {
    "收": Meaning(RECEIPT),
    "付": Meaning(PAYMENT),
    "转": Meaning(TRANSFER),
    "现收": Meaning(RECEIPT, "现"),
    "现付": Meaning(PAYMENT, "现"),
    "银收": Meaning(RECEIPT, "银"),
    "银付": Meaning(PAYMENT, "银"),
}


class CashSides(NamedTuple):
    """Where cash stands in a voucher: the places debited and credited, whether there is nothing else, the net."""

    debited: frozenset[str]
    credited: frozenset[str]
    only_cash: bool
    net: int


def cash_sides(lines: Sequence[Line], accounts: Mapping[int, AccountFacts]) -> CashSides:
    """Look for cash among the lines of a voucher."""
    cash = [line for line in lines if accounts[line.account_id].is_cash]
    on_hand = _on_hand({line.account_id for line in cash}) if cash else frozenset()

    def places(side: int) -> frozenset[str]:
        return frozenset("现" if line.account_id in on_hand else "银" for line in cash if line.side == side)

    net = sum(line.debit - line.credit for line in cash)
    return CashSides(places(1), places(-1), bool(cash) and len(cash) == len(lines), net)


def _on_hand(account_ids: set[int]) -> frozenset[int]:
    tree = read_branches(account_ids)

    def is_on_hand(account_id: int) -> bool:
        above: int | None = account_id
        while above is not None:
            if tree[above].code == CASH_ON_HAND:
                return True
            above = tree[above].parent_id
        return False

    return frozenset(account_id for account_id in account_ids if is_on_hand(account_id))


def proposed_word(words: Sequence[str], sides: CashSides) -> str:
    """Return the word the lines ask for; the first of the book where none says so."""
    if not sides.debited and not sides.credited:
        wanted, places = TRANSFER, frozenset[str]()
    elif sides.only_cash or not sides.debited or (sides.credited and sides.net <= 0):
        wanted, places = PAYMENT, sides.credited or sides.debited
    else:
        wanted, places = RECEIPT, sides.debited
    fitting = [word for word in words if word in MEANINGS and MEANINGS[word].direction == wanted]
    exact = [word for word in fitting if MEANINGS[word].place in places or not MEANINGS[word].place]
    return (exact or fitting or list(words))[0]


def word_fits(word: str, sides: CashSides) -> bool:
    """Tell whether a word says what the lines do; a word without a meaning fits everything."""
    meaning = MEANINGS.get(word)
    if meaning is None:
        return True
    if meaning.direction == TRANSFER:
        return not sides.debited and not sides.credited
    places = sides.debited if meaning.direction == RECEIPT else sides.credited
    if meaning.direction == RECEIPT and sides.only_cash and sides.credited:
        return False
    return meaning.place in places if meaning.place else bool(places)


def word_faults(word: str, lines: Sequence[Line], accounts: Mapping[int, AccountFacts]) -> list[Fault]:
    """Return the fault of a voucher whose word says something else than its lines; words of imports pass."""
    if not judges_words():
        return []
    words = book_words()
    sides = cash_sides(lines, accounts)
    if word not in words or word_fits(word, sides):
        return []
    right = proposed_word(words, sides)
    return [Fault("word_wrong", message("按分录应是“{right}”字凭证，不是“{word}”字。", right=right, word=word))]


def unknown_word(word: str) -> Message | None:
    """Return the sentence for a word this book does not have; `None` where it may stand."""
    words = book_words()
    if not judges_words() or word in words:
        return None
    return message("本账簿没有凭证字“{word}”，可用的是 {words}。", word=word, words="、".join(words))
