"""Addresses of servers of ours: `http(s)://host[:port][/books/<slug>]`, as people type them and as they are kept."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.kernel.checking import is_nearby
from app.kernel.errors import MalformedInput
from app.kernel.text import clean_text, message

SCHEMES = ("http://", "https://")
_PATH = re.compile(r"(?:/books/(?P<slug>[^/]+))?/?\Z")
_NAME = re.compile(r"[^\s/?#@\\]+\Z")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server is, and which of its books is meant; an empty slug is the book it has at its root."""

    scheme: str
    host: str
    port: int | None
    slug: str = ""

    @property
    def root(self) -> str:
        """The address of the server itself."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port is not None else "")

    def __str__(self) -> str:
        """Return the address of the book, without anything secret: it is kept and shown."""
        return self.root + (f"/books/{self.slug}" if self.slug else "")

    @property
    def is_secure(self) -> bool:
        """Whether what is sent can be read by nobody on the way."""
        return self.scheme == "https"

    @property
    def connect_port(self) -> int:
        """The port that is meant where none is named."""
        return self.port or (443 if self.is_secure else 80)

    @property
    def is_nearby(self) -> bool:
        """Whether it lies on this computer or, by its address, in a private network."""
        return is_nearby(self.host)


def is_web_address(address: str) -> bool:
    """Tell whether an address is one of a server of ours, rather than of a file or a database."""
    return address.lower().startswith(SCHEMES)


def parse_server(text: str) -> ServerAddress:
    """Read what somebody typed; without a scheme it is `https://`, or `http://` for this computer and private networks.

    Raises `MalformedInput` with what is wrong with it; the sentences repeat nothing that could be a password.
    """
    from app.contract.serving import SLUG_PATTERN  # here, for contracts take time to import; the window is up by now

    # full-width signs are what a Chinese keyboard types
    typed = unicodedata.normalize("NFKC", clean_text(text)).replace("。", ".")
    has_scheme = "://" in typed
    if re.match(r"[^/@\[]*:[^/@\[]*:", typed.partition("://")[2] if has_scheme else typed):
        sentence = message("IPv6 地址要写在方括号里，如 http://[fe80::1]:5000。")
        raise MalformedInput("server_url_malformed", sentence)
    try:
        parts = urlsplit(typed if has_scheme else f"https://{typed}")
        port, host = parts.port, (parts.hostname or "").rstrip(".")
    except ValueError as error:
        sentence = message("网址里的主机或端口不对：端口应是 1 到 65535 的数。")
        raise MalformedInput("server_url_malformed", sentence) from error
    if parts.scheme not in {"http", "https"}:
        raise MalformedInput("server_url_malformed", message("网址应以 http:// 或 https:// 开头。"))
    if "@" in parts.netloc:
        raise MalformedInput("server_url_malformed", message("网址里不要写用户名和密码，连上以后会问。"))
    if not host or not _NAME.match(host) or port == 0:
        raise MalformedInput("server_url_malformed", message("网址里没有主机名，应如 https://books.example.com。"))
    path = _PATH.match(parts.path)
    slug = (path["slug"] or "") if path else ""
    if path is None or parts.query or parts.fragment or (slug and not re.match(SLUG_PATTERN, slug)):
        raise MalformedInput(
            "server_url_malformed",
            message("网址的后半段不对：只能是服务器本身，或者 /books/ 加上账簿的代号。"),
        )
    address = ServerAddress(parts.scheme, host, port, slug)
    if not has_scheme and address.is_nearby:
        return ServerAddress("http", host, port, slug)
    return address
