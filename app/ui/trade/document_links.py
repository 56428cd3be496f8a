"""The neighbours of a document as links: where it came from, what came of it, what settles it, its vouchers."""

from __future__ import annotations

import html

from app.contract.orders import Document
from app.ui.language import tr
from app.ui.trade.words import kind_name


def link_texts(stored: Document) -> str:
    """Return the document's neighbours, each a way to it."""
    titles = {
        "source": tr("来源："),
        "follower": tr("后续单据："),
        "counter": tr("冲销："),
        "settlement": tr("收付款："),
    }
    parts: list[str] = []
    for relation, title in titles.items():
        links = [
            f'<a href="{link.kind}:{link.id}">{html.escape(f"{kind_name(link.kind)} {link.number}")}</a>'
            for link in stored.links
            if link.relation == relation
        ]
        if links:
            parts.append(f"{html.escape(title)}{'、'.join(links)}")
    vouchers = [f'<a href="voucher:{v.voucher_id}">{html.escape(v.name)}</a>' for v in stored.vouchers]
    if vouchers:
        parts.append(f"{html.escape(tr('凭证：'))}{'、'.join(vouchers)}")
    return "　".join(parts)
