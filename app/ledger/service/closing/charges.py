"""计提折旧 and 摊销: what the cards still have to charge this month, one line for each account and auxiliary set.

When a card starts and ends being charged is the cards' own rule (小企业会计准则 art. 31, 41, 44).
"""

from __future__ import annotations

from app.kernel.text import Message, message
from app.ledger.asset_plan import ChargeKind
from app.ledger.service.assets.due import ChargeDue, charges_due
from app.ledger.service.closing.scene import Computation, Draft, Scene

SUMMARIES = {"depreciation": "计提折旧", "amortisation": "摊销无形资产和长期待摊费用"}


def compute_depreciation(scene: Scene) -> Computation:
    """Compute the depreciation that is missing this month."""
    return _compute(scene, "depreciation", message("本月没有要计提的折旧。"))


def compute_amortisation(scene: Scene) -> Computation:
    """Compute the amortisation that is missing this month."""
    return _compute(scene, "amortisation", message("本月没有要摊销的项目。"))


def _compute(scene: Scene, kind: ChargeKind, nothing: Message) -> Computation:
    found = Computation()
    charges = charges_due(scene.period, kind)
    if not charges:
        found.note = nothing
        return found
    draft = Draft(scene, "transfer", SUMMARIES[kind])
    expenses: dict[tuple[int, int], int] = {}
    accumulated: dict[tuple[int, int], int] = {}
    for charge in charges:
        _add(expenses, (charge.expense_account_id, charge.expense_set_id), charge)
        _add(accumulated, (charge.accumulated_account_id, charge.accumulated_set_id), charge)
        title = f"{charge.asset_code} {charge.asset_name}".strip()
        found.show(title, scene.shown(charge.amount_minor), charge.explanation)
    scene.read_aux(set_id for _, set_id in (*expenses, *accumulated))
    for credit, sums in ((False, expenses), (True, accumulated)):
        accounts = scene.chart.by_id
        for (account_id, set_id), amount in sorted(sums.items(), key=lambda one: (accounts[one[0][0]].code, one[0])):
            if amount:
                draft.add(accounts[account_id], amount, credit=credit, set_id=set_id)
    found.show(message("合计"), scene.shown(sum(charge.amount_minor for charge in charges)), total=True)
    if draft.entries:
        found.drafts.append(draft)
    return found


def _add(sums: dict[tuple[int, int], int], place: tuple[int, int], charge: ChargeDue) -> None:
    sums[place] = sums.get(place, 0) + charge.amount_minor
