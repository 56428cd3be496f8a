"""The formula language of statements: what it may say, and reading it. docs/statements.md explains it to accountants.

    expression := term (("+" | "-") term)*
    term       := number | R<line> | FUNCTION(argument;…)

An argument is an account code (it and all its descendants), `@` with a category (all accounts of it), or a line number.
Full-width signs and spaces are accepted. A formula is kept as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from app.kernel.errors import MalformedInput
from app.kernel.text import Message, message

ArgumentKind = Literal["accounts", "line", "none"]


class Function(NamedTuple):
    """A function: what its arguments are, how it is written and what it means. `statement` is the form it reads."""

    arguments: ArgumentKind
    example: str
    meaning: Message
    statement: str = ""


FUNCTIONS: Mapping[str, Function] = {
    "DR": Function("accounts", "DR(1001;1002)", message("余额，借方减贷方，可为负")),
    "CR": Function("accounts", "CR(2001)", message("余额，贷方减借方，可为负")),
    "DRP": Function("accounts", "DRP(1122)", message("按末级科目和往来单位拆开，只取借方余额之和")),
    "CRP": Function("accounts", "CRP(2202)", message("按末级科目和往来单位拆开，只取贷方余额之和")),
    "DRX": Function("accounts", "DRX(222101)", message("所列科目合为一组，借方余额，贷方余额时为零")),
    "CRX": Function("accounts", "CRX(222101)", message("所列科目合为一组，贷方余额，借方余额时为零")),
    "UNCLOSED": Function("none", "UNCLOSED()", message("尚未结转的损益，贷方减借方")),
    "PD": Function("accounts", "PD(5602)", message("本期发生额，借方减贷方，不含结转损益凭证")),
    "PC": Function("accounts", "PC(5001)", message("本期发生额，贷方减借方，不含结转损益凭证")),
    "TURN_DR": Function("accounts", "TURN_DR(310402)", message("本年累计借方发生额")),
    "TURN_CR": Function("accounts", "TURN_CR(310401)", message("本年累计贷方发生额")),
    "CF": Function("line", "CF(1)", message("现金流量项目的金额，流入项目收入为正，流出项目支出为正")),
    "OPENCASH": Function("none", "OPENCASH()", message("本栏期间开始时的现金")),
    "IS": Function("line", "IS(32)", message("利润表的一行"), "income-statement"),
    "BS": Function("line", "BS(1)", message("资产负债表的一行，期末"), "balance-sheet"),
    "BS_OPEN": Function("line", "BS_OPEN(51)", message("资产负债表的一行，年初"), "balance-sheet"),
    "CFS": Function("line", "CFS(22)", message("现金流量表的一行"), "cash-flow"),
    "PA": Function("line", "PA(13)", message("利润分配表的一行"), "profit-appropriation"),
}
MAX_TERMS = 200
MAX_DIGITS = 15
"""As many digits before the point as any amount of a book has."""


@dataclass(frozen=True, slots=True)
class Number:
    """An amount written into a formula, as a decimal text."""

    text: str


@dataclass(frozen=True, slots=True)
class LineReference:
    """Another line of the same statement."""

    line: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments: account codes and `@categories`, or line numbers."""

    function: str
    arguments: tuple[str, ...]

    @property
    def line(self) -> int:
        """Return the line of a function that takes one."""
        return int(self.arguments[0])


Operand = Number | LineReference | Call


@dataclass(frozen=True, slots=True)
class Term:
    """A signed operand; `text` is how it was written, without the sign."""

    sign: Literal[1, -1]
    operand: Operand
    text: str


Formula = tuple[Term, ...]

_FULL_WIDTH = str.maketrans("０１２３４５６７８９＋－−（）；，．＝＠　", "0123456789+--();,.=@ ")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_LINE = re.compile(r"R(\d{1,4})", re.IGNORECASE)
_CALL = re.compile(r"([A-Z_]+)\s*\(([^()]*)\)", re.IGNORECASE)
_SPACE = re.compile(r"\s*")
_LINE_NUMBER = re.compile(r"\d{1,4}")


def parse_formula(text: str) -> Formula:
    """Read a formula; an empty one is no term and so zero.

    Raises `MalformedInput` that says which part cannot be read and why.
    """
    return _parse(text.translate(_FULL_WIDTH).strip())


@lru_cache(maxsize=4096)
def _parse(text: str) -> Formula:
    terms: list[Term] = []
    at = 0
    while at < len(text):
        sign: Literal[1, -1] = 1
        if text[at] in "+-":
            sign = 1 if text[at] == "+" else -1
            at = _skip(text, at + 1)
        elif terms:
            raise _unreadable(text, at)
        operand, end = _operand(text, at)
        terms.append(Term(sign, operand, text[at:end]))
        at = _skip(text, end)
    if len(terms) > MAX_TERMS:
        raise MalformedInput("formula_long", message("公式超过 {count} 项，请分成几行。", count=MAX_TERMS))
    return tuple(terms)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _operand(text: str, at: int) -> tuple[Operand, int]:
    if found := _NUMBER.match(text, at):
        if len(found[0].partition(".")[0].lstrip("0")) > MAX_DIGITS:
            raise MalformedInput("number_long", message("公式里的数“{text}”太大。", text=found[0][:40]))
        return Number(found[0]), found.end()
    if (found := _LINE.match(text, at)) and not text[found.end() : found.end() + 1].isalnum():
        return LineReference(int(found[1])), found.end()
    if found := _CALL.match(text, at):
        return _call(found[1].upper(), found[2]), found.end()
    raise _unreadable(text, at)


def _call(name: str, inside: str) -> Call:
    function = FUNCTIONS.get(name)
    if function is None:
        raise MalformedInput(
            "formula_function",
            message("没有函数“{name}”，可用的有：{names}。", name=name, names="、".join(FUNCTIONS)),
        )
    arguments = tuple(part.strip() for part in re.split("[;,]", inside)) if inside.strip() else ()
    shape = function.example
    if function.arguments == "none" and arguments:
        raise MalformedInput(
            "formula_arguments", message("函数“{name}”没有参数，请写成 {shape}。", name=name, shape=shape)
        )
    if function.arguments == "line" and (len(arguments) != 1 or not _LINE_NUMBER.fullmatch(arguments[0])):
        raise MalformedInput(
            "formula_arguments", message("函数“{name}”要一个行次，如 {shape}。", name=name, shape=shape)
        )
    if function.arguments == "accounts" and (not arguments or not all(arguments)):
        raise MalformedInput(
            "formula_arguments", message("函数“{name}”要科目编码，用分号隔开，如 {shape}。", name=name, shape=shape)
        )
    return Call(name, arguments)


def _unreadable(text: str, at: int) -> MalformedInput:
    rest = text[at : at + 20] or text[-20:]
    return MalformedInput("formula_malformed", message("公式在“{rest}”处看不懂，每一项之间要有加号或减号。", rest=rest))


def accounts_of(formula: Formula) -> set[str]:
    """Return the account codes and categories a formula names."""
    return {
        argument
        for term in formula
        if isinstance(term.operand, Call) and FUNCTIONS[term.operand.function].arguments == "accounts"
        for argument in term.operand.arguments
    }


def lines_of(formula: Formula) -> set[int]:
    """Return the lines of the same statement a formula refers to."""
    return {term.operand.line for term in formula if isinstance(term.operand, LineReference)}


def foreign_lines_of(formula: Formula) -> set[tuple[str, int]]:
    """Return the lines of other statements a formula refers to."""
    return {
        (FUNCTIONS[term.operand.function].statement, term.operand.line)
        for term in formula
        if isinstance(term.operand, Call) and FUNCTIONS[term.operand.function].statement
    }
