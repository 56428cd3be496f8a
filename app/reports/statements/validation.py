"""Is a definition one that can be worked out? Every formula readable, every reference there, no circles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from app.contract.statements import DefinitionCheck, DefinitionInput, DefinitionRow
from app.kernel.errors import MalformedInput, UserError
from app.kernel.text import Message, clean_text, message
from app.ledger.errors import fields_wrong
from app.reports.statements.accounts import CATEGORY_MARK, AccountTree, chart_accounts
from app.reports.statements.basis import columns_of
from app.reports.statements.definition import Check, Definition, Row, builtin_definitions
from app.reports.statements.evaluation import DEEPEST
from app.reports.statements.formula import (
    Formula,
    accounts_of,
    foreign_lines_of,
    lines_of,
    parse_formula,
)

Place = tuple[str, int]


def read_definition(
    name: str, typed: DefinitionInput, others: Mapping[str, Definition], tree: AccountTree, chart: str
) -> Definition:
    """Return what was typed as a definition that can be worked out.

    Raises `MalformedInput` with `rows.N.formula` fields that say which row is wrong and why.
    """
    reader = _Reader(name, typed, others, tree, chart)
    definition = reader.read()
    if reader.wrong:
        raise fields_wrong(reader.wrong)
    return definition


class _Reader:
    def __init__(
        self, name: str, typed: DefinitionInput, others: Mapping[str, Definition], tree: AccountTree, chart: str
    ) -> None:
        self._name = name
        self._typed = typed
        self._others = {other: known for other, known in others.items() if other != name}
        self._builtin = builtin_definitions(chart).get(name)
        self._lines = {row.line for row in typed.rows if row.line is not None}
        self._categories = {account.category for account in tree.accounts}
        self._codes = {*tree.by_code, *chart_accounts(chart)}
        for known in builtin_definitions(chart).values():
            self._codes |= {code for row in known.rows for code in _codes_of(row)}
        self.wrong: dict[str, Message] = {}

    def read(self) -> Definition:
        typed = self._typed
        if not clean_text(typed.title_zh):
            self.wrong["title_zh"] = message("报表要有名称。")
        if self._builtin is not None and typed.layout != self._builtin.layout:
            self.wrong["layout"] = message("官方报表的栏目不能改，请新建一张报表。")
        if not self._lines:
            self.wrong["rows"] = message("报表至少要有一行带行次的。")
        seen: set[int] = set()
        for index, row in enumerate(typed.rows):
            if row.line is not None and row.line in seen:
                self.wrong[f"rows.{index}.line"] = message("行次 {line} 用了两次。", line=row.line)
            seen.update({row.line} if row.line is not None else ())
            self._check_row(index, row)
        for index, check in enumerate(typed.checks):
            self._check_check(index, check)
        definition = Definition(
            name=self._name,
            title_zh=clean_text(typed.title_zh),
            title_en=clean_text(typed.title_en),
            form=clean_text(typed.form),
            layout=typed.layout,
            rows=tuple(_row(row) for row in typed.rows),
            checks=tuple(Check(c.left, c.relation, c.right, tuple(c.columns)) for c in typed.checks),
            origin="own",
        )
        if not self.wrong:
            self._check_needed(definition)
            self._check_circles(definition)
        return definition

    def _check_row(self, index: int, row: DefinitionRow) -> None:
        if not clean_text(row.name_zh):
            self.wrong[f"rows.{index}.name_zh"] = message("第 {row} 行要有名称。", row=index + 1)
        for field in ("formula", "formula_vat_reclass"):
            text = getattr(row, field)
            formula = self._formula(f"rows.{index}.{field}", text, _where(index, row))
            if formula and row.kind == "header":
                self.wrong[f"rows.{index}.{field}"] = message("{where}是标题，不能有公式。", where=_where(index, row))
            listed = row.kind == "each" and (field == "formula" or bool(formula))
            if listed and formula is not None and (lines_of(formula) or not accounts_of(formula)):
                self.wrong[f"rows.{index}.{field}"] = message(
                    "{where}逐个列出科目，公式只能用科目，如 DR(@资产)。", where=_where(index, row)
                )
            if row.kind not in {"header", "each"} and text.strip() and row.line is None:
                self.wrong[f"rows.{index}.line"] = message("{where}有公式，要有行次。", where=_where(index, row))

    def _check_check(self, index: int, check: DefinitionCheck) -> None:
        where = message("第 {row} 个核对关系", row=index + 1)
        for field in ("left", "right"):
            if not getattr(check, field).strip():
                self.wrong[f"checks.{index}.{field}"] = message("{where}要有两边的公式。", where=where)
            self._formula(f"checks.{index}.{field}", getattr(check, field), where)
        known = {column.key for column in columns_of(self._typed.layout, 200001, 200001, "", 200001)}
        for key in check.columns:
            if key not in known:
                self.wrong[f"checks.{index}.columns"] = message("{where}：报表没有栏目“{key}”。", where=where, key=key)

    def _formula(self, place: str, text: str, where: Message) -> Formula | None:
        """Return a formula that can be read and whose references are there; note what is wrong otherwise."""
        try:
            formula = parse_formula(text)
        except MalformedInput as error:
            self.wrong[place] = message("{where}：{reason}", where=where, reason=error.message)
            return None
        for reason in self._faults(formula):
            self.wrong[place] = message("{where}：{reason}", where=where, reason=reason)
            return None
        return formula

    def _faults(self, formula: Formula) -> Iterator[Message]:
        for line in sorted(lines_of(formula) - self._lines):
            yield message("公式用到的行次 {line} 不在报表里。", line=line)
        for argument in sorted(accounts_of(formula)):
            if argument.startswith(CATEGORY_MARK):
                if argument[1:].strip() not in self._categories:
                    yield message("账簿没有类别“{category}”。", category=argument[1:].strip())
            elif argument not in self._codes:
                yield message("账簿没有科目“{code}”。", code=argument)
        for name, line in sorted(foreign_lines_of(formula)):
            lines = self._lines if name == self._name else _lines_in(self._others.get(name))
            if not lines:
                yield message("这本账没有公式用到的报表“{name}”。", name=name)
            elif line not in lines:
                yield message("公式用到的行次 {line} 不在报表“{name}”里。", line=line, name=name)

    def _check_needed(self, definition: Definition) -> None:
        """Refuse to take away a line that another statement reads."""
        for other in self._others.values():
            for row in other.rows:
                for name, line in _foreign(row):
                    if name == definition.name and line not in self._lines:
                        self.wrong["rows"] = message(
                            "“{title}”第 {row} 行要用到本表的行次 {line}，不能去掉它。",
                            title=other.title_zh,
                            row=row.line,
                            line=line,
                        )

    def _check_circles(self, definition: Definition) -> None:
        """Refuse formulas that come back to themselves, by way of other statements too."""
        needs: dict[Place, set[Place]] = {}
        for known in (*self._others.values(), definition):
            for row in known.rows:
                if row.line is not None:
                    needs[known.name, row.line] = {(known.name, line) for line in _own(row)} | _foreign(row)
        places = {row.line: index for index, row in enumerate(definition.rows)}
        circle = _circle(needs, [(definition.name, line) for line in sorted(self._lines)])
        if circle is not None:
            line = circle[1]
            self.wrong[f"rows.{places[line]}.formula"] = message("行次 {line} 的公式绕回了它自己，请修改。", line=line)
            return
        for (_, line), depth in _depths(needs, [(definition.name, line) for line in sorted(self._lines)]).items():
            if depth > DEEPEST and line in places:
                self.wrong[f"rows.{places[line]}.formula"] = message(
                    "报表公式一行套一行，超过了 {count} 层，请简化。", count=DEEPEST
                )
                return


def _circle(needs: Mapping[Place, Iterable[Place]], starts: Iterable[Place]) -> Place | None:
    """Return a place among `starts` from which a path leads back to it."""
    done: set[Place] = set()
    for start in starts:
        seen: set[Place] = set()
        waiting = list(needs.get(start, ()))
        while waiting:
            place = waiting.pop()
            if place == start:
                return start
            if place not in seen and place not in done:
                seen.add(place)
                waiting.extend(needs.get(place, ()))
        done.add(start)
    return None


def _depths(needs: Mapping[Place, Iterable[Place]], starts: Iterable[Place]) -> dict[Place, int]:
    """Return how many lines lead from each place down to accounts."""
    depths: dict[Place, int] = {}
    for start in starts:
        path = [start]
        entered: set[Place] = set()
        while path:
            place = path[-1]
            entered.add(place)
            below = [one for one in needs.get(place, ()) if one not in depths and one not in entered]
            if below:
                path.extend(below)
            else:
                path.pop()
                depths[place] = 1 + max((depths.get(one, 0) for one in needs.get(place, ())), default=0)
    return {place: depth for place, depth in depths.items() if place in set(starts)}


def _where(index: int, row: DefinitionRow) -> Message:
    if row.line is not None:
        return message("行次 {line}（{name}）", line=row.line, name=row.name_zh)
    return message("第 {row} 行（{name}）", row=index + 1, name=row.name_zh)


def _row(row: DefinitionRow) -> Row:
    return Row(
        line=row.line,
        side=row.side,
        indent=row.indent,
        kind=row.kind,
        name_zh=clean_text(row.name_zh),
        name_en=clean_text(row.name_en),
        formula=row.formula.strip(),
        formula_vat_reclass=row.formula_vat_reclass.strip(),
        group=clean_text(row.group),
        hide_zero=row.hide_zero,
        certainty=clean_text(row.certainty),
        note=clean_text(row.note),
    )


def _formulas(row: Row) -> Iterator[Formula]:
    for text in (row.formula, row.formula_vat_reclass):
        try:
            yield parse_formula(text)
        except UserError:
            continue


def _own(row: Row) -> set[int]:
    return {line for formula in _formulas(row) for line in lines_of(formula)}


def _foreign(row: Row) -> set[Place]:
    return {place for formula in _formulas(row) for place in foreign_lines_of(formula)}


def _codes_of(row: Row) -> set[str]:
    return {code for formula in _formulas(row) for code in accounts_of(formula)}


def _lines_in(definition: Definition | None) -> set[int]:
    return {row.line for row in definition.rows if row.line is not None} if definition else set()
