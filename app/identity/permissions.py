"""Rights: a code `slice:thing:verb` with its name, declared by each slice and synced into the book at opening."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.text import Message, message


@dataclass(frozen=True, slots=True)
class Permission:
    """A right: its stable code, and what people call it."""

    code: str
    name: Message


PERMISSIONS: tuple[Permission, ...] = (
    Permission("identity:user:view", message("查看用户")),
    Permission("identity:user:add", message("新增用户")),
    Permission("identity:user:edit", message("修改用户")),
    Permission("identity:user:changeStatus", message("停用和启用用户")),
    Permission("identity:user:resetPwd", message("重置他人密码")),
    Permission("identity:user:unlock", message("解除登录锁定")),
    Permission("identity:role:view", message("查看角色")),
    Permission("identity:role:add", message("新增角色")),
    Permission("identity:role:edit", message("修改角色和授权")),
    Permission("identity:role:remove", message("删除角色")),
    Permission("identity:department:view", message("查看部门")),
    Permission("identity:department:add", message("新增部门")),
    Permission("identity:department:edit", message("修改部门")),
    Permission("identity:department:remove", message("删除部门")),
    Permission("identity:session:view", message("查看登录状态")),
    Permission("identity:session:forceLogout", message("强制退出登录")),
    Permission("identity:token:view", message("查看接口令牌")),
    Permission("identity:token:add", message("新建接口令牌")),
    Permission("identity:token:remove", message("作废接口令牌")),
    Permission("identity:audit:view", message("查看操作日志")),
    Permission("identity:audit:export", message("导出操作日志")),
    Permission("identity:login:view", message("查看登录日志")),
    # rights on the book as a whole, which no slice owns
    Permission("book:backup:add", message("备份账簿")),
    Permission("book:book:add", message("把账簿收进服务器")),
    Permission("book:book:move", message("把账簿迁到别处")),
)
