"""Where a book is: a file path, or a MySQL URL with the schema of each slice."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote

from app.kernel.errors import MalformedInput
from app.kernel.text import message

SLICES = ("storage", "identity", "ledger", "contacts", "inventory", "orders")
"""Every slice that owns tables, in the order in which their migrations run."""

DEFAULT_MYSQL_PORT = 3306
SCHEMA_NAME = re.compile(r"[0-9A-Za-z_$\-\u0080-\uffff]{1,64}\Z")
"""Names a server takes for a database, without those that would need escaping."""


WINDOWS_DEVICES = frozenset(
    [
        "CON",
        "PRN",
        "AUX",
        "NUL",
        "CONIN$",
        "CONOUT$",
        *(f"{port}{n}" for port in ("COM", "LPT") for n in "123456789¹²³"),
    ]
)
UNFIT_SIGNS = re.compile(r'[<>:"|?*\x00-\x1f]')


@dataclass(frozen=True, slots=True)
class BookAddress:
    """A parsed book address. `path` is set for SQLite; `host` … `schemas` for MySQL. Never prints the password."""

    kind: str
    path: Path | None = None
    host: str = ""
    port: int = DEFAULT_MYSQL_PORT
    user: str = ""
    password: str | None = field(default=None, repr=False)
    database: str = ""
    schemas: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the address without its password, for titles, logs and settings."""
        if self.kind == "sqlite":
            return str(self.path)
        query = "&".join(f"{name}={schema}" for name, schema in self.schemas.items())
        host = f"[{self.host}]" if ":" in self.host else self.host
        place = f"{quote(self.user, safe='')}@{host}:{self.port}/{self.database}"
        return f"mysql://{place}" + (f"?{query}" if query else "")

    def schema_of(self, slice_name: str) -> str | None:
        """Return the MySQL schema that holds a slice's tables, or `None` for SQLite."""
        if self.kind == "sqlite":
            return None
        return self.schemas.get(slice_name, self.database)


def parse_address(text: str, password: str | None = None) -> BookAddress:
    """Read a file path or `mysql://user@host:port/main?ledger=ledger_db` as an address.

    A password given apart (environment, keyring, prompt) wins and is taken as it is; one inside the URL is
    percent-decoded, and may hold `@`, `:` and `/` unescaped because the last `@` separates it. Raises `MalformedInput`.
    """
    if not text.lower().startswith(("mysql://", "mariadb://")):
        path = _home_path(text)
        if sys.platform == "win32" and not fits_windows(path.name):
            raise MalformedInput(
                "book_name_unfit",
                message(
                    "Windows 不能用文件名“{name}”：不能有 < > : | ? * 和双引号，不能以点或空格结尾，不能叫 CON、NUL。",
                    name=path.name,
                ),
            )
        return BookAddress("sqlite", path=path)
    rest = text.split("://", 1)[1]
    credentials, separator, location = rest.rpartition("@")
    user, has_password, url_password = credentials.partition(":")
    authority, slash, tail = location.partition("/")
    database, _, query = tail.partition("?")
    # whatever stands behind a password that was written wrongly may be a part of it, and is not said again
    shown = location if separator and not has_password else "mysql://…"
    host, port = _split_port(authority, shown)
    schemas = dict(parse_qsl(query, keep_blank_values=True))
    names = [unquote(database), *schemas.values()]
    named = not set(schemas) - set(SLICES) and all(SCHEMA_NAME.match(name) for name in names)
    if not separator or not slash or not user or not host or not named:
        raise MalformedInput(
            "book_address_malformed",
            message("“{text}”不是账套地址，请写成 mysql://用户@主机:端口/数据库。", text=shown),
        )
    if password is None and has_password:
        password = unquote(url_password)
    return BookAddress(
        "mysql",
        host=host,
        port=port,
        user=unquote(user),
        password=password,
        database=unquote(database),
        schemas=schemas,
    )


def fits_windows(name: str) -> bool:
    """Tell whether Windows makes a file of exactly this name; others it changes, or takes for a device or a stream.

    Rules: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
    """
    device = name.partition(".")[0].rstrip(" ").upper() in WINDOWS_DEVICES
    return not device and not name.endswith((".", " ")) and not UNFIT_SIGNS.search(name)


def _home_path(text: str) -> Path:
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:  # `~somebody` whom this system does not know is taken as it stands
        return path


def _split_port(authority: str, shown: str) -> tuple[str, int]:
    host, colon, port = authority.rpartition(":") if not authority.endswith("]") else (authority, "", "")
    if not colon:
        return authority.strip("[]"), DEFAULT_MYSQL_PORT
    if not port.isdigit() or not 0 < int(port) < 65536:
        told = port if port in shown else shown
        raise MalformedInput("book_address_malformed", message("端口“{port}”不对，应是 1 到 65535 的数。", port=told))
    return host.strip("[]"), int(port)
