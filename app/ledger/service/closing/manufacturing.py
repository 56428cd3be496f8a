"""制造费用 to 生产成本 by a basis, and finished goods from 生产成本 to 库存商品; nothing where nothing is produced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from app.kernel.money import round_half_up
from app.kernel.text import message
from app.ledger.queries.closing import KeyBalance, turnovers
from app.ledger.service.closing.chart import ClosingAccount
from app.ledger.service.closing.fitting import fits, fitting_set
from app.ledger.service.closing.profit_and_loss import close_key
from app.ledger.service.closing.scene import Computation, Draft, Scene

STEP = "cost"
Place = tuple[int, int]
"""account id, auxiliary set id"""


def produce(scene: Scene, found: Computation) -> dict[Place, tuple[int, int]]:
    """Propose the vouchers of production; return what they add to stock: (amount, quantity) by account and set."""
    chart = scene.chart
    overhead = scene.balances(chart.leaves(chart.find("overhead")))
    production = chart.leaves(chart.find("production"))
    products = {(key.account_id, key.set_id): key.base for key in scene.balances(production)}
    if overhead:
        allotted = _allot(scene, found, overhead, production)
        for place, amount in allotted.items():
            products[place] = products.get(place, 0) + amount
    return _finish(scene, found, products)


def _allot(
    scene: Scene, found: Computation, overhead: Sequence[KeyBalance], production: Sequence[ClosingAccount]
) -> dict[Place, int]:
    """Allot the whole of 制造费用 over the products by a basis; the last one takes the cent."""
    total = sum(key.base for key in overhead)
    own: dict[Place, int] = {}
    for entry in scene.booked(STEP):
        if entry.side > 0:
            own[entry.account_id, entry.set_id] = own.get((entry.account_id, entry.set_id), 0) + entry.debit
    basis: dict[Place, int] = {}
    moved = turnovers(scene.period, scene.period, [account.id for account in production])
    scene.read_aux(one.set_id for one in moved)
    for one in moved:
        place = (one.account_id, one.set_id)
        account, aux = chart_text(scene, place)
        basis[place] = scene.ask_amount(
            f"basis.{account.code}.{one.set_id}",
            str(message("制造费用分配标准：{product}", product=f"{account.title} {aux}".strip())),
            one.debit - own.get(place, 0),
            note=str(message("默认按本月直接生产成本；也可填工时、产量")),
            group="overhead",
        )
    whole = sum(basis.values())
    if whole <= 0 or any(one < 0 for one in basis.values()):
        found.warnings.append(message("制造费用 {total} 没有分配标准，请填写。", total=scene.shown(total)))
        return {}
    draft = Draft(scene, "transfer", "分配制造费用")
    shares: dict[Place, int] = {}
    places = [place for place, one in basis.items() if one]
    left = total
    for place in places:
        share = left if place == places[-1] else round_half_up(Decimal(total) * basis[place] / whole)
        left -= share
        if not share:
            continue
        shares[place] = share
        account, aux = chart_text(scene, place)
        draft.add(account, share, credit=False, set_id=place[1])
        how = f"{scene.shown(total)} × {scene.shown(basis[place])} ÷ {scene.shown(whole)}"
        found.show(
            message("分配制造费用：{product}", product=f"{account.title} {aux}".strip()), scene.shown(share), how
        )
    scene.read_aux(key.set_id for key in overhead)
    for key in overhead:
        close_key(draft, key, scene.chart.by_id[key.account_id]._replace(is_credit=False))
    found.drafts.append(draft)
    return shares


def _finish(scene: Scene, found: Computation, products: dict[Place, int]) -> dict[Place, tuple[int, int]]:
    """Move what is finished to stock: typed amounts and quantities, the whole of this step."""
    merchandise = scene.chart.leaf("merchandise")
    received: dict[Place, tuple[int, int]] = {}
    if merchandise is None or not products:
        return received
    draft = Draft(scene, "transfer", "结转完工产品成本")
    articles = _articles(scene, merchandise)
    scene.read_aux({set_id for _, set_id in products} | set(articles.values()))
    for place, standing in sorted(products.items()):
        target_set, amount, pieces = _ask_finished(scene, found, merchandise, articles, place, standing)
        if not (amount or pieces):
            continue
        account, aux = chart_text(scene, place)
        draft.add(merchandise, amount, credit=False, set_id=target_set, quantity=pieces)
        if amount:
            draft.add(account, amount, credit=True, set_id=place[1])
        old = received.get((merchandise.id, target_set), (0, 0))
        received[merchandise.id, target_set] = (old[0] + amount, old[1] + pieces)
        product = f"{account.title} {aux}".strip()
        found.show(message("完工入库：{product}", product=product), scene.shown(amount))
    if draft.entries:
        found.drafts.append(draft)
    return received


def _articles(scene: Scene, merchandise: ClosingAccount) -> dict[str, int]:
    """Return the auxiliary sets finished goods have been booked on this year, by how they are written."""
    sets = {one.set_id for one in turnovers(scene.year_begin, scene.period, [merchandise.id])}
    sets |= {key.set_id for key in scene.balances([merchandise])}
    sets = {set_id for set_id in sets if fits(merchandise, set_id)}
    scene.read_aux(sets)
    return {scene.aux(set_id): set_id for set_id in sorted(sets)}


def _ask_finished(
    scene: Scene,
    found: Computation,
    merchandise: ClosingAccount,
    articles: Mapping[str, int],
    place: Place,
    standing: int,
) -> tuple[int, int, int]:
    """Return the article, and the amount and quantity of it that are missing."""
    account, aux = chart_text(scene, place)
    product = f"{account.title} {aux}".strip()
    suffix = f"{account.code}.{place[1]}"
    entries = scene.booked(STEP)
    done = sum(one.credit for one in entries if one.side < 0 and (one.account_id, one.set_id) == place)
    amount = scene.ask_amount(
        f"finished.{suffix}",
        str(message("完工入库成本：{product}", product=product)),
        0,
        note=str(message("本月合计；生产成本现有 {standing}", standing=scene.shown(standing + done))),
        group=product,
    )
    quantity = scene.ask_quantity(
        f"finished_quantity.{suffix}", str(message("完工入库数量：{product}", product=product)), 0, group=product
    )
    target_set = fitting_set(merchandise, place[1])
    if not fits(merchandise, place[1]) and articles:
        label = str(message("完工入库到：{product}", product=product))
        first = next(iter(articles))
        target_set = articles[
            scene.ask(f"finished_aux.{suffix}", "choice", label, first, group=product, choices=list(articles))
        ]
    if f"finished.{suffix}" not in scene.typed:
        return target_set, 0, 0
    own = [one for one in entries if one.side > 0 and (one.account_id, one.set_id) == (merchandise.id, target_set)]
    if amount - done > standing:
        found.warnings.append(message("{product} 的完工成本超过生产成本余额。", product=product))
    return target_set, amount - done, quantity - sum(one.quantity for one in own)


def chart_text(scene: Scene, place: Place) -> tuple[ClosingAccount, str]:
    """Return the account of a place and how its auxiliary set is written."""
    return scene.chart.by_id[place[0]], scene.aux(place[1])
