"""Which account documents post to: the user's rules, and the program's proposal where there is none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

from app.inventory.purposes import PURPOSES, Purpose
from app.kernel.errors import RuleBroken
from app.kernel.text import message
from app.ledger.service.closing.chart import ClosingChart
from app.storage.database import fetch_all

MOST_LEVELS = 20


class PostingRules:
    """The rules of the current book as they are now, read once for many look-ups."""

    def __init__(self, purposes: Collection[Purpose] = ()) -> None:
        """Read the rules; what the chart offers for `purposes`, which will be asked for, is then read together."""
        rows = fetch_all(
            "SELECT r.purpose, r.category_id, r.contact_group_id, a.code FROM {posting_rule} r"
            " JOIN {account} a ON a.id = r.account_id"
        )
        self._codes = {(str(row[0]), int(row[1]), int(row[2])): str(row[3]) for row in rows}
        self._found: dict[tuple[Purpose, int | None, int | None], str] = {}
        self._expected = frozenset(one for one in purposes if (one, 0, 0) not in self._codes)
        self._charts: dict[Purpose, ClosingChart] = {}

    @cached_property
    def _parents(self) -> dict[int, int | None]:
        return {int(row[0]): row[1] for row in fetch_all("SELECT id, parent_id FROM {item_category}")}

    def _chart(self, purpose: Purpose) -> ClosingChart:
        if purpose not in self._charts:
            together = {purpose, *self._expected} - self._charts.keys()
            chart = ClosingChart({role for one in together for role in PURPOSES[one].roles})
            self._charts |= dict.fromkeys(together, chart)
        return self._charts[purpose]

    def account_for(
        self, purpose: Purpose, *, category_id: int | None = None, contact_group_id: int | None = None
    ) -> str:
        """Return the code of the account for a purpose.

        The most specific rule counts: category and contact group, then the category or the nearest above it, then the
        contact group, then the general rule, then what the chart of accounts offers. Raises `RuleBroken`.
        """
        key = (purpose, category_id, contact_group_id)
        if key not in self._found:
            self._found[key] = self._find(purpose, category_id, contact_group_id or 0)
        return self._found[key]

    def _find(self, purpose: Purpose, category_id: int | None, group: int) -> str:
        above = self._categories(category_id)
        wanted = [(category, group) for category in above] if group else []
        wanted += [(category, 0) for category in above]
        wanted += [(0, group), (0, 0)]
        for category, contact_group in wanted:
            code = self._codes.get((purpose, category, contact_group))
            if code is not None:
                return code
        proposed = self.proposal(purpose)
        if proposed is not None:
            return proposed
        raise RuleBroken(
            "posting_account_missing",
            message("不知道“{purpose}”记入哪个科目，请在入账规则里选一个末级科目。", purpose=PURPOSES[purpose].name),
            details={"purpose": purpose},
        )

    def _categories(self, category_id: int | None) -> list[int]:
        found: list[int] = []
        while category_id and len(found) < MOST_LEVELS:
            found.append(category_id)
            category_id = self._parents.get(category_id)
        return found

    def proposal(self, purpose: Purpose) -> str | None:
        """Return the account the chart offers for a purpose, or `None`."""
        for role in PURPOSES[purpose].roles:
            account = self._chart(purpose).leaf(role)
            if account is not None:
                return account.code
        return None


def account_for(purpose: Purpose, *, category_id: int | None = None, contact_group_id: int | None = None) -> str:
    """Return the code of the account documents post to for a purpose; see `PostingRules.account_for`."""
    return PostingRules().account_for(purpose, category_id=category_id, contact_group_id=contact_group_id)


def ruled_accounts(purposes: Sequence[Purpose]) -> set[int]:
    """Return the ids of the accounts that rules of the user name for any of these purposes."""
    rows = fetch_all(
        f"SELECT DISTINCT account_id FROM {{posting_rule}} WHERE purpose IN ({', '.join('?' * len(purposes))})",
        list(purposes),
    )
    return {int(row[0]) for row in rows}
