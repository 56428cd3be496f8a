"""What a book is called in lists: its chart of accounts, its place."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from app.client.addresses import is_web_address
from app.ui.language import tr

BOOK_SUFFIX = ".zhangfang"
CHARTS = ("small_enterprise_2013", "asbe_2006_2019", "household")


def chart_name(chart: str) -> str:
    """Return the name of a chart of accounts."""
    names = {
        "small_enterprise_2013": tr("小企业会计准则（2013）"),
        "asbe_2006_2019": tr("企业会计准则（2006，2019 年修订）"),
        "household": tr("家庭账"),
    }
    return names.get(chart, chart)


def vat_name(kind: str) -> str:
    """Return the name of a kind of VAT payer."""
    return tr("一般纳税人") if kind == "general" else tr("小规模纳税人")


def is_database_address(address: str) -> bool:
    """Tell whether a book lies on a database server that this window opens itself."""
    return address.lower().startswith(("mysql://", "mariadb://"))


def is_server_address(address: str) -> bool:
    """Tell whether a book lies on a server: a database server, or one of ours at a web address."""
    return is_database_address(address) or is_web_address(address)


def icon_name(address: str) -> str:
    """Return the icon of the kind of place a book has: a file, a database, a server of ours."""
    if is_web_address(address):
        return "globe"
    return "server" if is_database_address(address) else "book"


def short_name(address: str) -> str:
    """Return what an address is called in a list: the file's name, the database's, the server's or its book's."""
    if is_web_address(address):
        place, _, slug = address.partition("://")[2].rpartition("@")[2].partition("/books/")
        return slug.strip("/") or place.strip("/")
    if is_server_address(address):
        return unquote(address.rpartition("/")[2].partition("?")[0])
    return Path(address).stem


def short_place(address: str) -> str:
    """Return where an address is, for the line below its name."""
    if is_web_address(address):
        scheme, _, rest = address.partition("://")
        return f"{scheme}://{rest.rpartition('@')[2].partition('/')[0]}"
    if is_server_address(address):
        return address.partition("://")[2].rpartition("@")[2].partition("/")[0]
    return str(Path(address).parent)
