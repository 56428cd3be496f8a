"""What must hold before a draft can be finished."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from app.contacts.queries import same_contact
from app.inventory.queries.facts import ItemFacts
from app.kernel.money import format_quantity
from app.kernel.period import format_period, parse_date, period_of
from app.kernel.text import Message, message
from app.ledger.queries.periods import period_state
from app.orders.queries.lineage import RESTS, Lineage, counted_above
from app.orders.queries.loading import StoredDocument, StoredLine
from app.storage.book_settings import get_setting

Fault = tuple[str, Message]
"""The field it stands at, and the sentence."""


def faults_of(lineage: Lineage, items: Mapping[int, ItemFacts]) -> list[Fault]:
    """Return everything that keeps a draft from being finished; each line with its field."""
    return [*_head_faults(lineage.document, lineage), *_source_faults(lineage), *_line_faults(lineage, items)]


def month_is_open(date: str) -> bool:
    """Tell whether the month of a date takes documents, as far as can be told without locking it."""
    period = period_of(parse_date(date))
    return period >= int(get_setting("start_period")) and period_state(period) == "open"


def _head_faults(document: StoredDocument, lineage: Lineage) -> Iterator[Fault]:
    if document.contact_id is None:
        yield "contact_id", message("请先选往来单位。")
    if not lineage.lines:
        yield "lines", message("单据还没有明细行。")
    if not month_is_open(document.date):
        period = format_period(period_of(parse_date(document.date)))
        yield (
            "date",
            message("{period} 已结账或早于账簿开始的月份，不能办理单据，请改用未结账月份的日期。", period=period),
        )


def _source_faults(lineage: Lineage) -> Iterator[Fault]:
    document = lineage.document
    direct = {source.document_id for line in lineage.lines if (source := lineage.source_of(line)) is not None}
    for source_id in sorted(direct):
        above = lineage.documents[source_id]
        if above.state not in {"open", "done"} or above.counter_of is not None:
            yield "lines", message("{source}还没有办理，或者已关闭、已撤销，不能再依据它。", source=above.name)
        if document.date < above.date:
            yield "date", message("日期不能早于{source}的日期 {date}。", source=above.name, date=above.date)
        if _differ(document.contact_id, above.contact_id):
            yield "contact_id", message("往来单位与{source}上的不同。", source=above.name)


def _differ(own: int | None, other: int | None) -> bool:
    """Tell whether two contacts are known and not the same, merged ones counted as who survives them."""
    return own is not None and other is not None and not same_contact(own, other)


def _line_faults(lineage: Lineage, items: Mapping[int, ItemFacts]) -> Iterator[Fault]:
    taken: defaultdict[int, int] = defaultdict(int)
    for index, line in enumerate(lineage.lines):
        yield from _rest_faults(lineage, index, line, taken)
        item = items.get(line.item_id or 0)
        if item is not None and item.kind == "goods":
            yield from _clearing_faults(lineage, index, line)


def _rest_faults(lineage: Lineage, index: int, line: StoredLine, taken: defaultdict[int, int]) -> Iterator[Fault]:
    effect = lineage.document.nature.effect
    told = False
    for above in counted_above(lineage, line, effect):
        rest = RESTS[effect](above) - taken[above.id]
        taken[above.id] += line.base_quantity
        if line.base_quantity > rest and not told:
            told = True
            yield (
                f"lines.{index}.quantity",
                message(
                    "第 {line} 行“{what}”：{source}只剩 {rest}，不能再办 {quantity}（按基本单位）。",
                    line=line.line,
                    what=line.description,
                    source=lineage.documents[above.document_id].name,
                    rest=format_quantity(max(rest, 0)),
                    quantity=format_quantity(line.base_quantity),
                ),
            )
    if effect == "credited" and not told and not _was_invoiced(lineage, line):
        yield (
            f"lines.{index}.source_line_id",
            message(
                "第 {line} 行“{what}”：退回的还没有开过发票，不必开红字发票。", line=line.line, what=line.description
            ),
        )


def _was_invoiced(lineage: Lineage, line: StoredLine) -> bool:
    """Tell whether what a credit takes back was invoiced: directly, or what was returned had been."""
    chain = lineage.chain_of(line)
    if not chain or lineage.kind_of(chain[0]) in {"sales_invoice", "purchase_invoice"}:
        return True
    return any(above.invoiced - above.credited >= line.base_quantity for above in chain[1:])


def _clearing_faults(lineage: Lineage, index: int, line: StoredLine) -> Iterator[Fault]:
    """Purchases: an order's invoice is made from its receipts where there are some, and the other way round.

    So the estimate of what was received always meets its own invoice.
    """
    source = lineage.source_of(line)
    if source is None or lineage.kind_of(source) != "purchase_order":
        return
    if lineage.document.kind == "purchase_invoice" and source.moved - source.returned > source.invoiced:
        yield (
            f"lines.{index}.source_line_id",
            message(
                "第 {line} 行“{what}”：已入库、还没有开票的部分，请从入库单生成发票。",
                line=line.line,
                what=line.description,
            ),
        )
    if lineage.document.kind == "goods_receipt" and source.invoiced > source.moved:
        yield (
            f"lines.{index}.source_line_id",
            message(
                "第 {line} 行“{what}”：已开票、还没有入库的部分，请从采购发票生成入库单。",
                line=line.line,
                what=line.description,
            ),
        )
