"""What a user of a database server may do in one database, read from what the server says about his grants."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from app.kernel.text import Message, message

WORKING = ("SELECT", "INSERT", "UPDATE", "DELETE")
"""What daily work needs."""
MAKING = ("CREATE", "ALTER", "INDEX", "REFERENCES")
"""What making a book and upgrading one need besides."""
TAKING_BACK = ("DROP",)
"""What leaving an empty database needs, when a book does not come to stay after all."""

_GRANT = re.compile(
    r"GRANT (?P<what>.+?) ON (?:TABLE )?(?P<where>\*|`(?:[^`]|``)*`)\.(?P<table>\*|`(?:[^`]|``)*`) TO ", re.IGNORECASE
)
_COLUMNS = re.compile(r"\([^)]*\)")


def read_grants(ask: Callable[[str], Sequence[Sequence[Any]]], version: str) -> tuple[str, ...]:
    """Return the lines of SHOW GRANTS, those of the roles in use among them; MySQL says these only when asked so."""
    lines = ask("SHOW GRANTS")
    if "mariadb" not in version.lower():
        roles = str(ask("SELECT CURRENT_ROLE()")[0][0] or "NONE")
        if roles != "NONE":
            lines = ask(f"SHOW GRANTS FOR CURRENT_USER() USING {roles}")
    return tuple(str(line[0]) for line in lines)


def rights_missing(user: str, database: str, lacking: Sequence[str]) -> Message:
    """Return the sentence that names the rights a user lacks, and what an administrator does about it."""
    return message(
        "用户“{user}”在数据库“{name}”里缺少权限 {rights}。请让管理员执行：GRANT {rights} ON `{name}`.* TO …",
        user=user,
        name=database,
        rights=", ".join(lacking),
    )


def missing_rights(grants: Iterable[str], database: str, wanted: Iterable[str]) -> list[str]:
    """Return which of the wanted rights these lines of SHOW GRANTS do not give in a database.

    Names of databases in grants are patterns, `_` and `%` in them stand for any sign unless escaped. Rights on single
    tables or columns do not count: a book needs them on all of its tables.
    Rules: https://dev.mysql.com/doc/refman/8.0/en/grant.html
    """
    given: set[str] = set()
    for line in grants:
        found = _GRANT.match(line)
        if found is None or found["table"] != "*" or not _covers(found["where"], database):
            continue
        given |= {right.strip().upper() for right in _COLUMNS.sub("", found["what"]).split(",")}
    if given & {"ALL", "ALL PRIVILEGES"}:
        return []
    return [right for right in wanted if right not in given]


def _covers(where: str, database: str) -> bool:
    if where == "*":
        return True
    pattern, signs = "", iter(where[1:-1].replace("``", "`"))
    for sign in signs:
        if sign == "\\":
            pattern += re.escape(next(signs, "\\"))
        else:
            pattern += {"_": ".", "%": ".*"}.get(sign, re.escape(sign))
    return re.fullmatch(pattern, database, re.DOTALL) is not None
