"""The command `upgrade`: a book to the tables of this program, and a book in a file back to what it was before."""

from __future__ import annotations

import argparse
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.console import Console
from app.cli.opening import (
    LOGIN_VARIABLE,
    SECRET_VARIABLE,
    UsageError,
    no_book_yet,
    open_address,
    opened_address,
    read_address,
    settle,
    spare_the_mysql_driver,
)
from app.kernel.errors import Conflict, NotFound
from app.kernel.text import message

if TYPE_CHECKING:
    from app.storage.address import BookAddress
    from app.storage.upgrade.server import UpgradePlan


def upgrade(arguments: argparse.Namespace, console: Console) -> int:
    """Upgrade a book, or go back."""
    address = read_address(arguments.book, console)
    if address.path is None:
        if arguments.back:
            raise UsageError(
                "upgrade_no_way_back",
                message("共享账簿不能换回；请用 restore 把更新前留存的文件恢复到一个空的数据库。"),
            )
        return _upgrade_shared(address, arguments, console)
    spare_the_mysql_driver()
    if arguments.back:
        return _go_back(address.path, arguments.file, console)
    from app.web.upgrading import Consent

    with opened_address(address, console, consent=Consent()) as (_book, upgraded):
        if upgraded is None:
            console.say(message("这本账簿不需要更新。"))
    return 0


def _upgrade_shared(address: BookAddress, arguments: argparse.Namespace, console: Console) -> int:
    from app.storage.schema import table_exists
    from app.storage.upgrade.server import plan_of
    from app.web.upgrading import Consent, UpgradeWish, has_owner, logins_in_old_tables, upgrade_shared_book

    with contextlib.closing(open_address(address)) as book:
        with book.session():
            if not table_exists(book, "schema_migration") or not has_owner(book):
                raise no_book_yet()
            plan = plan_of(book)
            logins = logins_in_old_tables()
        if plan is None:
            console.say(message("这本账簿不需要更新。"))
            return 0
        if not arguments.yes and not _agreed(plan, address, console):
            raise Conflict("upgrade_not_wanted", message("没有更新。确定要更新时，请加上 --yes 再运行一次。"))
        login, password = _owner(console) if logins else ("", "")
        wish = UpgradeWish(
            progress=console.progress,
            consent=Consent(
                login,
                password,
                despite_others=arguments.despite_others,
                accept_differences=arguments.accept_differences,
            ),
            done=lambda upgraded: console.say(message("账簿已更新；更新前的账簿留存为“{kept}”。", kept=upgraded.kept)),
        )
        upgraded = upgrade_shared_book(book, wish)
        with book.session():
            if upgraded is not None:
                settle(upgraded)
    return 0


def _agreed(plan: UpgradePlan, address: BookAddress, console: Console) -> bool:
    console.note(
        message(
            "将更新共享账簿 {address}（{old} 版，{steps} 步）。先留存一份更新前的账簿；"
            "更新后，别的电脑也要升级账房才能打开它。",
            address=address,
            old=plan.old,
            steps=plan.steps,
        )
    )
    answer = console.ask(message("现在更新吗？请输入 yes："))
    return answer is not None and answer.strip().lower() == "yes"


def _owner(console: Console) -> tuple[str, str]:
    name = os.environ.get(LOGIN_VARIABLE) or console.ask(message("登录名：")) or ""
    password = os.environ.get(SECRET_VARIABLE)
    if name and password is None:
        password = console.ask_secret(message("{name} 的密码：", name=name))
    return name, password or ""


def _go_back(path: Path, file: str | None, console: Console) -> int:
    from app.storage.upgrade.kept import go_back, kept_files, loss

    kept = Path(file) if file else next((found.path for found in kept_files(path)), None)
    if kept is None:
        raise NotFound("nothing_kept", message("“{path}”旁边没有更新前留存的账簿。", path=path))
    lost = loss(path, kept)
    aside = go_back(path, kept)
    console.say(
        message(
            "已换回更新前的账簿。更新后的账簿留存为“{aside}”，其中有 {new} 张后来的凭证、{changed} 张后来改过的凭证。",
            aside=aside,
            new=lost.new,
            changed=lost.changed,
        )
    )
    console.note(message("请用旧版的账房打开它；用本程序打开时，会先问要不要再次更新。"))
    return 0
