"""What directives set for the lines after them: default year, account prefix, aliases, tags, number style."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from app.exchange.journal.amounts import NumberStyle
from app.exchange.journal.model import Dialect

Alias = Callable[[str], str]


@dataclass
class Scope:
    """The state of directives at a line."""

    style: NumberStyle
    year: int | None = None
    prefixes: tuple[str, ...] = ()
    """Prefixes of `apply account`, outermost first."""
    applied: tuple[str, ...] = ()
    """What `end` closes, innermost last: account, tag, year."""
    aliases: tuple[Alias, ...] = field(default=())
    """Newest first, as hledger applies them."""
    bucket: str = ""
    """Ledger's balancing account for transactions that leave it out (`bucket`, `A`)."""

    def enter_file(self) -> Scope:
        """Return a copy to go back to after an included file."""
        kept = replace(self)
        kept.style = self.style
        return kept

    def leave_file(self, outer: Scope, dialect: Dialect) -> None:
        """End what an included file has set; Ledger keeps its aliases."""
        self.year, self.prefixes, self.applied = outer.year, outer.prefixes, outer.applied
        if dialect == "hledger":
            self.aliases = outer.aliases

    def account_name(self, name: str) -> str:
        """Return the full account name after prefixes and aliases."""
        full = ":".join([*self.prefixes, name])
        for alias in self.aliases:
            full = alias(full)
        return full


def plain_alias(old: str, new: str) -> Alias:
    """Return an alias that replaces a whole account name, or the beginning of its sub-accounts' names."""

    def rename(name: str) -> str:
        if name == old:
            return new
        return new + name[len(old) :] if name.startswith(old + ":") else name

    return rename


def pattern_alias(pattern: str, replacement: str) -> Alias:
    """Return an alias that replaces every match of a regular expression, letter case ignored. Raises `re.error`."""
    compiled = re.compile(pattern, re.IGNORECASE)
    template = re.sub(r"\\(\d)", r"\\g<\1>", replacement.replace("\\\\", "\\\\\\\\"))
    return lambda name: compiled.sub(template, name)
