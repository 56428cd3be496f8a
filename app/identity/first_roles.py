"""The roles every new book begins with; an administrator may change, rename or delete them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_WRITING = frozenset({"view", "add", "edit", "remove"})
_OWNERS_ONLY = "book:book:"
"""Rights over whole books are in no first role: owners have them, and give them to whom they like."""


@dataclass(frozen=True, slots=True)
class FirstRole:
    """What a first role is for, and the verbs it has of everything but people; None stands for all."""

    description: str
    verbs: frozenset[str] | None

    def includes(self, code: str) -> bool:
        """Tell whether a right is in it."""
        slice_name, _, verb = code.split(":")
        if slice_name == "identity" or code.startswith(_OWNERS_ONLY):
            return False
        return self.verbs is None or verb in self.verbs


FIRST_ROLES: Mapping[str, FirstRole] = {
    "会计主管": FirstRole("账务的全部权限", None),
    "制单": FirstRole("填制和修改凭证", _WRITING),
    "审核": FirstRole("审核凭证", frozenset({"view", "review"})),
    "查看": FirstRole("只能查看", frozenset({"view"})),
}
"""By their names, which are what tells them from roles people made."""
