"""Whether a line of one account may carry another account's auxiliary items."""

from __future__ import annotations

from app.ledger.service.closing.chart import ClosingAccount
from app.ledger.service.facts import read_account_facts
from app.ledger.service.sets import EMPTY_SET, read_set_facts


def fits(account: ClosingAccount, set_id: int) -> bool:
    """Tell whether a line of the account may carry exactly these items."""
    facts = read_account_facts(ids=[account.id])[account.id]
    kinds = read_set_facts([set_id])[set_id].kinds
    return facts.demanded <= kinds <= facts.demanded | facts.offered


def fitting_set(account: ClosingAccount, set_id: int) -> int:
    """Return the set where the account takes exactly such items, else the empty one."""
    return set_id if fits(account, set_id) else EMPTY_SET
