"""Commands on people and their API tokens. Passwords are asked for, never given as arguments."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from app.cli.console import Console
from app.cli.opening import SECRET_VARIABLE, UsageError, opened_book, who_acts
from app.kernel.clock import CHINA_OFFSET
from app.kernel.errors import MalformedInput, NotFound
from app.kernel.text import clean_text, message

if TYPE_CHECKING:
    from app.contract.identity import User
    from app.identity.actor import Actor

NEW_VARIABLE = "ZHANGFANG_NEW_PASSWORD"  # the name of a variable


def user(arguments: argparse.Namespace, console: Console) -> int:
    """Add people, list them, or give one a password."""
    if arguments.action != "list" and not arguments.name:
        raise UsageError("name_missing", message("请写出姓名，如 user BOOK {action} 张三。", action=arguments.action))
    with opened_book(arguments.book, console, changes=arguments.action != "list"):
        actor = who_acts(console)
        if arguments.action == "list":
            _list_users(actor, console)
        elif arguments.action == "add":
            _add_user(actor, arguments, console)
        else:
            _set_password(actor, arguments, console)
    return 0


def _list_users(actor: Actor, console: Console) -> None:
    people = _all_users(actor)
    if console.as_json:
        console.print_json({"users": [one.model_dump(mode="json") for one in people]})
        return
    for one in people:
        login = one.login_name or ""
        marks = [console.text(message("所有者"))] if one.is_owner else []
        marks += [] if one.active else [console.text(message("已停用"))]
        print("\t".join([str(one.id), one.name, login, *marks]))


def _all_users(actor: Actor) -> list[User]:
    from app.contract.identity import UserQuery
    from app.identity.queries.people import list_users

    people: list[User] = []
    while True:
        page = list_users(actor, UserQuery(), people[-1].id if people else 0)
        people += page[: UserQuery().limit]
        if len(page) <= UserQuery().limit:
            return people


def _add_user(actor: Actor, arguments: argparse.Namespace, console: Console) -> None:
    from app.contract.identity import UserInput
    from app.identity.queries.rights import list_roles
    from app.identity.service.people import add_user

    role_ids = []
    if arguments.role:
        known = {role.name: role.id for role in list_roles(actor)}
        for name in arguments.role:
            if clean_text(name) not in known:
                raise NotFound("role_unknown", message("没有角色“{name}”。", name=name))
            role_ids.append(known[clean_text(name)])
    password = _new_password(console) if arguments.login else None
    made = add_user(
        actor,
        UserInput(
            name=arguments.name,
            age=arguments.age,
            email=arguments.email or None,
            login_name=arguments.login or None,
            password=password,
            roles=role_ids,
        ),
    )
    if console.as_json:
        console.print_json(made.model_dump(mode="json"))
    console.say(message("已新增用户“{name}”，编号 {id}。", name=made.name, id=made.id))


def _set_password(actor: Actor, arguments: argparse.Namespace, console: Console) -> None:
    from app.contract.identity import PasswordReset, UserChange
    from app.identity.queries.actors import logins_required
    from app.identity.service.access import change_own_password
    from app.identity.service.people import change_user, reset_password
    from app.storage.database import run_unit

    found = _user_called(actor, arguments.name)
    new_password = _new_password(console)
    if found.id == actor.user_id and logins_required():
        from app.contract.identity import PasswordChange

        old = os.environ.get(SECRET_VARIABLE) or console.ask_secret(message("现在的密码：")) or ""
        change_own_password(actor, PasswordChange(old_password=old, new_password=new_password))
    else:

        def work() -> None:
            if arguments.login:
                change_user(actor, found.id, UserChange(login_name=arguments.login))
            reset_password(actor, found.id, PasswordReset(password=new_password))

        run_unit(work)
    if console.as_json:
        console.print_json({"id": found.id})
    console.say(message("已设置“{name}”的密码。", name=found.name))


def _user_called(actor: Actor, name: str) -> User:
    """Find a person by login name or name."""
    wanted = clean_text(name).casefold()
    people = _all_users(actor)
    matches = [one for one in people if (one.login_name or "").casefold() == wanted]
    matches = matches or [one for one in people if one.name.casefold() == wanted]
    if not matches:
        raise NotFound("user_unknown", message("没有用户“{name}”。", name=name))
    if len(matches) > 1:
        raise MalformedInput("user_ambiguous", message("有几个用户都叫“{name}”，请写登录名。", name=name))
    return matches[0]


def _new_password(console: Console) -> str:
    given = os.environ.get(NEW_VARIABLE)
    if given is not None:
        return given
    first = console.ask_secret(message("新密码："))
    if first is None:
        raise UsageError("password_needed", message("需要新密码，请设环境变量 {name}。", name=NEW_VARIABLE))
    if console.ask_secret(message("再输一次：")) != first:
        raise MalformedInput("passwords_differ", message("两次输入的密码不一样，没有改动。"))
    return first


def token(arguments: argparse.Namespace, console: Console) -> int:
    """Make, list and revoke API tokens."""
    if arguments.action == "revoke" and arguments.id is None:
        raise UsageError("id_missing", message("请写出要作废的令牌编号，如 token BOOK revoke 3。"))
    with opened_book(arguments.book, console, changes=arguments.action != "list"):
        actor = who_acts(console)
        if arguments.action == "create":
            _create_token(actor, arguments, console)
        elif arguments.action == "list":
            _list_tokens(actor, console)
        else:
            from app.identity.service.tokens import revoke_token

            revoke_token(actor, arguments.id)
            if console.as_json:
                console.print_json({"id": arguments.id})
            console.say(message("令牌 {id} 已作废。", id=arguments.id))
    return 0


def _create_token(actor: Actor, arguments: argparse.Namespace, console: Console) -> None:
    from app.contract.identity import ApiTokenInput
    from app.identity.service.tokens import create_token

    user_id = _user_called(actor, arguments.user).id if arguments.user else None
    made = create_token(actor, ApiTokenInput(name=arguments.name, user_id=user_id))
    if console.as_json:
        console.print_json({"id": made.id, "token": made.token})
    else:
        print(made.token)
        console.note(message("这是令牌 {id}，只显示这一次。", id=made.id))


def _list_tokens(actor: Actor, console: Console) -> None:
    import datetime

    from app.identity.queries.rights import list_tokens

    tokens = list_tokens(actor)
    if console.as_json:
        console.print_json({"tokens": [one.model_dump(mode="json") for one in tokens]})
        return
    for one in tokens:
        made = datetime.datetime.fromtimestamp(one.created_at // 1000, CHINA_OFFSET).date().isoformat()
        state = console.text(message("已作废")) if one.revoked_at else ""
        print("\t".join([str(one.id), one.name, one.user_name, made, state]).rstrip())
