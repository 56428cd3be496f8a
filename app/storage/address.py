"""Where a book is: a file path, or a MySQL URL with the schema of each slice."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote

from app.kernel.errors import MalformedInput
from app.kernel.text import Whereabouts, message

SLICES = ("storage", "identity", "ledger", "contacts", "inventory", "orders")
"""Every slice that owns tables, in the order in which their migrations run."""

DEFAULT_MYSQL_PORT = 3306
SCHEMA_NAME = re.compile(r"[0-9A-Za-z_$\-\u0080-\uffff]{1,64}\Z")
"""Names a server takes for a database, without those that would need escaping."""

PREFERRED = "preferred"
VERIFY = "verify"
TLS_MODES = ("off", PREFERRED, "required", VERIFY)
"""Never encrypted; where the server offers it; always; always, and with the server that its certificate names."""

_TLS, _TLS_CA = "tls", "tls_ca"
_QUOTED_IN_PATHS = re.compile(r"[%&+#@?;\s\x00-\x1f\x7f]")
"""What would end a path in an address, or be read as something else."""


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
class BookAddress(Whereabouts):
    """A parsed book address. `path` is set for SQLite; `host` … `schemas` for MySQL. Never prints the password."""

    kind: str
    path: Path | None = None
    host: str = ""
    port: int = DEFAULT_MYSQL_PORT
    user: str = ""
    password: str | None = field(default=None, repr=False)
    database: str = ""
    schemas: Mapping[str, str] = field(default_factory=dict)
    tls: str = PREFERRED
    """One of `TLS_MODES`."""
    tls_ca: Path | None = None
    """The certificates that `verify` trusts in place of the computer's own."""

    def __str__(self) -> str:
        """Return the address without its password, for titles, logs and settings."""
        if self.kind == "sqlite":
            return str(self.path)
        parts = [f"{name}={schema}" for name, schema in self.schemas.items()]
        if self.tls != PREFERRED:
            parts.append(f"{_TLS}={self.tls}")
        if self.tls_ca is not None:
            path = _QUOTED_IN_PATHS.sub(lambda sign: quote(sign[0], safe=""), str(self.tls_ca))
            parts.append(f"{_TLS_CA}={path}")
        host = f"[{self.host}]" if ":" in self.host else self.host
        place = f"{quote(self.user, safe='')}@{host}:{self.port}/{self.database}"
        return f"mysql://{place}" + (f"?{'&'.join(parts)}" if parts else "")

    @property
    def name(self) -> str:
        """What the file or the database is called, for people who need not know where it is."""
        return self.path.name if self.path is not None else self.database

    @property
    def place(self) -> str:
        """Where the book is, however one gets there: the same with and without TLS, for passwords and backups."""
        return str(replace(self, tls=PREFERRED, tls_ca=None))

    @property
    def for_others(self) -> str:
        """The address as people on other computers use it: a file of certificates lies elsewhere there."""
        return str(replace(self, tls_ca=None))

    def schema_of(self, slice_name: str) -> str | None:
        """Return the MySQL schema that holds a slice's tables, or `None` for SQLite."""
        if self.kind == "sqlite":
            return None
        return self.schemas.get(slice_name, self.database)


def parse_address(text: str, password: str | None = None) -> BookAddress:
    """Read a file path or `mysql://user@host:port/main?ledger=ledger_db&tls=verify&tls_ca=/etc/ca.pem` as an address.

    A password given apart (environment, keyring, prompt) wins and is taken as it is; one inside the URL is
    percent-decoded, and may hold `@`, `:` and `/` unescaped because the last `@` separates it. Raises `MalformedInput`.
    """
    if not text.lower().startswith(("mysql://", "mariadb://")):
        path = _home_path(text)
        if not path.name:  # nothing, a dot, or the top of a disk
            raise MalformedInput("book_name_missing", message("“{text}”不是账簿文件的名字。", text=text))
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
    asked = parse_qsl(query.replace("+", "%2B"), keep_blank_values=True)
    parameters = dict(asked)
    tls, tls_ca = _read_tls(parameters.pop(_TLS, None), parameters.pop(_TLS_CA, None), shown)
    names = [unquote(database), *parameters.values()]
    once = len({name for name, _ in asked}) == len(asked)
    named = once and not set(parameters) - set(SLICES) and all(SCHEMA_NAME.match(name) for name in names)
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
        schemas=parameters,
        tls=tls,
        tls_ca=tls_ca,
    )


def fits_windows(name: str) -> bool:
    """Tell whether Windows makes a file of exactly this name; others it changes, or takes for a device or a stream.

    Rules: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
    """
    device = name.partition(".")[0].rstrip(" ").upper() in WINDOWS_DEVICES
    return not device and not name.endswith((".", " ")) and not UNFIT_SIGNS.search(name)


def _read_tls(mode: str | None, ca_file: str | None, shown: str) -> tuple[str, Path | None]:
    """Return how the connection is encrypted, and whom one trusts; a file of certificates alone asks for `verify`.

    Raises `MalformedInput` (`tls_malformed`): what cannot be meant must not pass as less than was asked for.
    """
    asked = (mode or "").lower() if mode is not None else (PREFERRED if ca_file is None else VERIFY)
    if asked not in TLS_MODES:
        told = mode if mode and mode in shown else "…"
        raise MalformedInput(
            "tls_malformed",
            message("地址里的 tls 写着“{value}”：只能是 off、preferred、required 或 verify。", value=told),
        )
    if ca_file is None:
        return asked, None
    if asked != VERIFY or not ca_file:
        sentence = message("地址里的 tls_ca 是 CA 证书文件的路径，只和 tls=verify 一起用。")
        raise MalformedInput("tls_malformed", sentence)
    # other processes that get the address, a service or the program at its next start, may run in another folder
    return asked, _home_path(ca_file).absolute()


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
