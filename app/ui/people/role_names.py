"""What roles are called here: those every book begins with are named by the program, until somebody changes that.

What people typed stays as it is.
"""

from __future__ import annotations

from app.contract.identity import Role
from app.ui.language import tr


def role_title(role: Role) -> str:
    """Return a role's name as it is shown."""
    names = {"会计主管": tr("会计主管"), "制单": tr("制单"), "审核": tr("审核"), "查看": tr("查看")}
    return names.get(role.name, role.name) if role.built_in else role.name


def role_purpose(role: Role) -> str:
    """Return what a role is for, as it is shown."""
    purposes = {
        "账务的全部权限": tr("账务的全部权限"),
        "填制和修改凭证": tr("填制和修改凭证"),
        "审核凭证": tr("审核凭证"),
        "只能查看": tr("只能查看"),
    }
    return purposes.get(role.description, role.description) if role.built_in else role.description
