"""全月一次加权: what a month's issues cost, computed once from the whole month. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.inventory.service.costing.core import Costed, Step
from app.inventory.sharing import share


@dataclass(frozen=True, slots=True)
class Month:
    """What a month began with, what else changed its value, and the last known unit value as a fraction."""

    quantity: int
    value: int
    last_quantity: int = 0
    last_value: int = 0


def month_costs(month: Month, steps: Sequence[Step]) -> list[Costed]:
    """Return what each move of the month comes to.

    `given` moves and returns of earlier months' moves carry their signed amount in `given`; they make up, with what the
    month began with, the whole that is shared out. Gains (`current`) come in at its average. An issue's share is that
    of all net issues up to it less that of those before, so that the rest absorbs the cent and nothing is left of
    quantity zero. What comes back within the month comes back at the average, and its issue counts net of it.
    """
    roots = issues_taken_back(steps)
    quantity, value = month.quantity, month.value
    for step in steps:
        if step.rule == "given" or (step.rule == "return" and step.move_id not in roots):
            quantity, value = quantity + step.quantity, value + step.given
    average = (value, quantity) if quantity > 0 and value >= 0 else (month.last_value, month.last_quantity)
    amounts: dict[int, int] = {}
    for step in steps:
        if step.rule == "current":
            amounts[step.move_id] = _at(average, step.quantity)
            quantity, value = quantity + step.quantity, value + amounts[step.move_id]
        elif step.rule != "issue" and step.move_id not in roots:
            amounts[step.move_id] = step.given if step.rule != "none" else 0
    whole = (value, quantity) if quantity > 0 and value >= 0 else average
    returned = _returned(steps, roots, amounts, whole)
    gone = gone_value = 0
    for step in steps:
        if step.rule != "issue":
            continue
        back_quantity, back_value = returned.get(step.move_id, (0, 0))
        net = -step.quantity - back_quantity
        cost = _at(whole, gone + net) - _at(whole, gone)
        gone, gone_value = gone + net, gone_value + cost
        amounts[step.move_id] = -(cost + back_value)
    residue = _residue(quantity - gone, value - gone_value)
    last = steps[-1].move_id if steps else 0
    return [Costed(step.move_id, amounts[step.move_id], residue if step.move_id == last else 0) for step in steps]


def issues_taken_back(steps: Sequence[Step]) -> dict[int, int]:
    """Return the issue of the month that a move takes back, or gives out again when its return is taken back."""
    issues = {step.move_id for step in steps if step.rule == "issue"}
    roots: dict[int, int] = {}
    for step in steps:
        if step.rule == "return" and (step.source_id in issues or step.source_id in roots):
            roots[step.move_id] = roots.get(step.source_id, step.source_id)
    return roots


def _at(average: tuple[int, int], quantity: int) -> int:
    value, whole = average
    return share(value, quantity, whole) if whole else 0


def _returned(
    steps: Sequence[Step], roots: dict[int, int], amounts: dict[int, int], whole: tuple[int, int]
) -> dict[int, tuple[int, int]]:
    """Value what came back within the month; return quantity and value by the issue it belongs to."""
    returned: dict[int, tuple[int, int]] = {}
    for step in steps:
        if step.move_id in roots:
            issue = roots[step.move_id]
            back_quantity, back_value = returned.get(issue, (0, 0))
            cost = _at(whole, back_quantity + step.quantity) - _at(whole, back_quantity)
            amounts[step.move_id] = cost
            returned[issue] = (back_quantity + step.quantity, back_value + cost)
    return returned


def _residue(quantity: int, value: int) -> int:
    """Return what makes nothing worth nothing, and no stock worth the wrong sign."""
    if quantity == 0 or (quantity > 0) != (value >= 0):
        return -value
    return 0
