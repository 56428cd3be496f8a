"""Adding and changing people. The owner is known by his flag and id, never by a name."""

from __future__ import annotations

from typing import Any

import peewee

from app.contract.identity import OwnerFlag, PasswordReset, User, UserChange, UserInput, UserStatus
from app.identity import audit
from app.identity.actor import Actor
from app.identity.errors import taken
from app.identity.passwords import hash_password
from app.identity.queries.people import CAN_LOG_IN, logins_required, read_user
from app.identity.service.access import end_sessions
from app.identity.service.granting import bump_permission_version, require_grantable_roles, require_not_above
from app.identity.service.versions import check_version, lock_row
from app.kernel import clock
from app.kernel.errors import MalformedInput, PermissionDenied, RuleBroken
from app.kernel.text import clean_text, message
from app.storage.database import execute, fetch_all, fetch_one, insert_returning_id, lock_suffix, run_unit

MAX_LOGIN_NAME = 60


def add_user(actor: Actor, new: UserInput) -> User:
    """Add a person, with a login when name and password for it are given.

    Raises `MalformedInput`, `Conflict` for taken names, `PermissionDenied` for roles with rights the actor lacks, and
    `RuleBroken` (`owner_needs_password`) when a second login would come before the owner has one.
    """
    actor.require("identity:user:add")
    password_hash = hash_password(new.password) if new.password else None

    def work() -> User:
        login = _login_name(new.login_name)
        if password_hash is not None and login is None:
            sentence = message("有密码的人要有登录名。")
            raise MalformedInput("login_name_missing", sentence, fields={"login_name": sentence})
        name = _name(new.name)
        require_grantable_roles(actor, new.roles)
        _check_names(None, name, login)
        _check_department(new.department_id)
        if login is not None and password_hash is not None:
            _require_owner_login()
        now = clock.utc_ms()
        values = {
            "name": name,
            "name_key": _key(name) if login else None,
            "age": new.age,
            "email": _email(new.email),
            "login_name": login,
            "login_key": _key(login) if login else None,
            "password_hash": password_hash,
            "must_change_password": int(new.must_change_password and password_hash is not None),
            "department_id": new.department_id,
            "created_at": now,
            "updated_at": now,
        }
        user_id = _insert(values)
        _set_roles(user_id, new.roles)
        user = read_user(user_id)
        audit.record(actor, "identity:user:add", "user", user_id, after=user)
        return user

    return run_unit(work)


def change_user(actor: Actor, user_id: int, change: UserChange) -> User:
    """Change a person's name, login name, roles or department; what the body leaves out stays.

    Raises `NotFound`, `Conflict` (stale version, taken name), `MalformedInput`, `PermissionDenied`.
    """
    actor.require("identity:user:edit")

    def work() -> User:
        lock_row("user", user_id)
        before = read_user(user_id)
        check_version(change.version, before.version, "user", user_id, lambda: before)
        require_not_above(actor, user_id)
        given = change.model_fields_set
        name = _name(change.name) if change.name is not None else before.name
        login = _login_name(change.login_name) if "login_name" in given else before.login_name
        if login is None and before.has_password:
            sentence = message("有密码的人要有登录名。")
            raise MalformedInput("login_name_missing", sentence, fields={"login_name": sentence})
        _check_names(user_id, name, login)
        department_id = change.department_id if "department_id" in given else before.department_id
        _check_department(department_id)
        _write(
            user_id,
            {
                "name": name,
                "name_key": _key(name) if login else None,
                "age": change.age if "age" in given else before.age,
                "email": _email(change.email) if "email" in given else before.email,
                "login_name": login,
                "login_key": _key(login) if login else None,
                "department_id": department_id,
            },
        )
        if change.roles is not None and sorted(set(change.roles)) != before.roles:
            _change_roles(actor, before, change.roles)
        after = read_user(user_id)
        audit.record(actor, "identity:user:edit", "user", user_id, before=before, after=after)
        return after

    return run_unit(work)


def set_user_active(actor: Actor, user_id: int, status: UserStatus) -> User:
    """Let a person act or not; deactivated, he is out at once: sessions end and tokens no longer count.

    Raises `RuleBroken` (`last_owner`) for the last active owner, `NotFound`, `Conflict`, `PermissionDenied`.
    """
    actor.require("identity:user:changeStatus")

    def work() -> User:
        lock_row("user", user_id)
        before = read_user(user_id)
        check_version(status.version, before.version, "user", user_id, lambda: before)
        require_not_above(actor, user_id)
        if before.is_owner and not status.active:
            _require_other_owner(user_id)
        _write(user_id, {"active": int(status.active)})
        if not status.active:
            end_sessions(user_id)
        bump_permission_version([user_id])
        after = read_user(user_id)
        audit.record(actor, "identity:user:changeStatus", "user", user_id, before=before, after=after)
        return after

    return run_unit(work)


def set_owner(actor: Actor, user_id: int, flag: OwnerFlag) -> User:
    """Make a person an owner, or no longer one. Only an owner can, and one must remain.

    Raises `PermissionDenied`, `RuleBroken` (`last_owner`), `NotFound`, `Conflict`.
    """
    actor.require("identity:user:edit")
    if not actor.is_owner:
        raise PermissionDenied("owner_only", message("只有账簿所有者能指定所有者。"))

    def work() -> User:
        lock_row("user", user_id)
        before = read_user(user_id)
        check_version(flag.version, before.version, "user", user_id, lambda: before)
        if before.is_owner and not flag.is_owner:
            _require_other_owner(user_id)
        _write(user_id, {"is_owner": int(flag.is_owner)})
        bump_permission_version([user_id])
        after = read_user(user_id)
        audit.record(actor, "identity:user:edit", "user", user_id, before=before, after=after)
        return after

    return run_unit(work)


def reset_password(actor: Actor, user_id: int, reset: PasswordReset) -> User:
    """Give a person a password; all his sessions end, and he changes it at the next login unless told otherwise.

    One's own password is changed with the old one (`access.change_own_password`), except where nobody logs in yet.
    Raises `MalformedInput`, `RuleBroken`, `PermissionDenied`, `NotFound`.
    """
    actor.require("identity:user:resetPwd")
    password_hash = hash_password(reset.password)

    def work() -> User:
        before = read_user(user_id)
        require_not_above(actor, user_id)
        own = actor.user_id == user_id
        if own and logins_required():
            raise RuleBroken("own_password", message("修改自己的密码要先输入旧密码。"))
        if before.login_name is None:
            raise RuleBroken("login_name_missing", message("请先给“{name}”设置登录名。", name=before.name))
        if not before.is_owner:
            _require_owner_login()
        must_change = int(reset.must_change_password and not own)
        _write(user_id, {"password_hash": password_hash, "must_change_password": must_change})
        end_sessions(user_id)
        after = read_user(user_id)
        audit.record(actor, "identity:user:resetPwd", "user", user_id, after={"password": "changed"})
        return after

    return run_unit(work)


def unlock(actor: Actor, user_id: int) -> None:
    """Forget a person's failed logins, so that he may try again at once. Raises `NotFound`."""
    actor.require("identity:user:unlock")

    def work() -> None:
        user = read_user(user_id)
        execute(
            "INSERT INTO {login_attempt} (login_key, user_id, at, outcome) VALUES (?, ?, ?, 'unlocked')",
            (_key(user.login_name or ""), user_id, clock.utc_ms()),
        )
        audit.record(actor, "identity:user:unlock", "user", user_id)

    run_unit(work)


def _name(value: str) -> str:
    name = clean_text(value)
    if not name:
        sentence = message("姓名不能为空。")
        raise MalformedInput("name_empty", sentence, fields={"name": sentence})
    return name


def _login_name(value: str | None) -> str | None:
    login = clean_text(value or "")
    if any(c.isspace() for c in login):
        sentence = message("登录名里不能有空格。")
        raise MalformedInput("login_name_malformed", sentence, fields={"login_name": sentence})
    return login or None


def _email(value: str | None) -> str | None:
    email = clean_text(value or "")
    if email and ("@" not in email[1:-1] or any(c.isspace() for c in email)):
        sentence = message("电子邮箱写得不对。")
        raise MalformedInput("email_malformed", sentence, fields={"email": sentence})
    return email or None


def _key(name: str) -> str:
    return name.casefold()


def _check_names(user_id: int | None, name: str, login: str | None) -> None:
    """Two logins never share a login name or a shown name, in whatever case: nobody can pose as another."""
    if login is None:
        return
    here = user_id or 0
    if fetch_one("SELECT 1 FROM {user} WHERE login_key = ? AND id <> ?", (_key(login), here)):
        raise taken("login_name", message("登录名"))
    if fetch_one("SELECT 1 FROM {user} WHERE name_key = ? AND id <> ?", (_key(name), here)):
        raise taken("name", message("姓名"))


def _check_department(department_id: int | None) -> None:
    if department_id is None:
        return
    if not fetch_one("SELECT 1 FROM {department} WHERE id = ?", (department_id,)):
        sentence = message("没有编号为 {number} 的部门。", number=department_id)
        raise MalformedInput("department_unknown", sentence, fields={"department_id": sentence})


def _require_owner_login() -> None:
    if not fetch_one(f"SELECT 1 FROM {{user}} WHERE is_owner = 1 AND {CAN_LOG_IN}"):
        raise RuleBroken(
            "owner_needs_password",
            message("请先给账簿所有者设置登录名和密码：有第二个登录后，每个人都要登录。"),
        )


def _require_other_owner(user_id: int) -> None:
    # locked: two owners who take each other's place away at once would leave none
    owners = fetch_all(f"SELECT id FROM {{user}} WHERE is_owner = 1 AND active = 1 ORDER BY id{lock_suffix()}")
    if all(row[0] == user_id for row in owners):
        raise RuleBroken("last_owner", message("这是最后一个账簿所有者，不能停用或撤销。"))


def _change_roles(actor: Actor, before: User, roles: list[int]) -> None:
    require_grantable_roles(actor, [*roles, *before.roles])
    execute("DELETE FROM {user_role} WHERE user_id = ?", (before.id,))
    _set_roles(before.id, roles)
    bump_permission_version([before.id])


def _set_roles(user_id: int, roles: list[int]) -> None:
    for role_id in sorted(set(roles)):
        execute("INSERT INTO {user_role} (user_id, role_id) VALUES (?, ?)", (user_id, role_id))


def _insert(values: dict[str, Any]) -> int:
    columns, places = ", ".join(values), ", ".join("?" * len(values))
    try:
        return insert_returning_id(f"INSERT INTO {{user}} ({columns}) VALUES ({places})", list(values.values()))
    except peewee.IntegrityError as error:  # two at once
        raise taken("login_name", message("登录名")) from error


def _write(user_id: int, values: dict[str, Any]) -> None:
    assignments = ", ".join(f"{column} = ?" for column in values)
    try:
        execute(
            f"UPDATE {{user}} SET {assignments}, version = version + 1, updated_at = ? WHERE id = ?",
            (*values.values(), clock.utc_ms(), user_id),
        )
    except peewee.IntegrityError as error:  # two at once
        raise taken("login_name", message("登录名")) from error
