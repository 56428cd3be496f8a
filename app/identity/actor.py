"""Who acts: every use case takes an actor first and requires its right of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.identity.right_names import names_of
from app.kernel.errors import PermissionDenied
from app.kernel.text import message


@dataclass(frozen=True, slots=True)
class Actor:
    """A person as the services see him: stable id, name, and the rights he has now."""

    user_id: int
    name: str
    permissions: frozenset[str] = field(default_factory=frozenset)
    is_owner: bool = False

    def may(self, permission: str) -> bool:
        """Tell whether the actor has a right; the owner has all."""
        return self.is_owner or permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise `PermissionDenied` unless the actor has the right."""
        if not self.may(permission):
            raise PermissionDenied(
                "permission_denied",
                message("您没有“{permission}”的权限，请向管理员申请。", permission=names_of([permission])),
                details={"permission": permission},
            )
