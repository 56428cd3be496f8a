"""Directives of journals: each is carried out, or read and counted as not kept, or refused with its line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from app.exchange.journal.amounts import AmountReader, AmountSyntaxError
from app.exchange.journal.model import DeclaredAccount, Dialect, Journal, Place
from app.exchange.journal.scope import Scope, pattern_alias, plain_alias
from app.exchange.journal.transactions import clean_account_name, parse_date
from app.kernel.period import FIRST_YEAR, LAST_YEAR
from app.kernel.text import clean_text, message

Block = list[tuple[int, str]]

_TYPE_TAG = re.compile(r"(?:^|[\s,;])type:\s*(\w+)", re.IGNORECASE)
_TYPE_LETTERS = {
    "a": "A", "asset": "A", "assets": "A",
    "l": "L", "liability": "L", "liabilities": "L",
    "e": "E", "equity": "E",
    "r": "R", "revenue": "R", "income": "R",
    "x": "X", "expense": "X", "expenses": "X",
    "c": "C", "cash": "C",
    "v": "V", "conversion": "V",
}  # fmt: skip
_TIME = re.compile(r"\s*\d{1,2}:\d{2}(:\d{2})?(?=\s)")
_SYMBOL = re.compile(r'"([^"]+)"|([^\s\d"+\-.,;@{}=]+)')
_PREFIXED_INCLUDE = re.compile(r"[a-z]+:")
_REGEX_ALIAS = re.compile(r"/((?:[^/\\]|\\.)+)/\s*=\s*(.*)$")
_READ_ONLY = frozenset({"payee", "tag"})
"""Declarations that only serve checks of the journal itself."""
_ACCOUNT_NOTES = frozenset({"note", "payee"})
_COMMODITY_NOTES = frozenset({"note", "nomarket", "default"})


class Reading(Protocol):
    """The reading of a journal under way, as directives see it."""

    journal: Journal
    dialect: Dialect
    scope: Scope

    @property
    def current_file(self) -> Path:
        """Return the file being read."""

    def read_file(self, path: Path, included_at: Place | None) -> None:
        """Read an included file."""


class Directives:
    """Carries out the directives of one journal."""

    def __init__(self, reader: Reading) -> None:
        self._reader = reader
        self._words: dict[str, Callable[[str, Block, Place], None]] = {
            "account": self._account,
            "commodity": self._commodity,
            "alias": self._alias,
            "include": self._include,
            "apply": self._apply,
            "end": self._end,
            "year": self._year,
            "decimal-mark": self._decimal_mark,
            "bucket": self._bucket,
        }
        self._letters: dict[str, Callable[[str, Block, Place], None]] = {
            "P": self._price,
            "D": self._default_commodity,
            "Y": self._year,
            "N": self._ignored_commodity,
            "A": self._bucket,
        }

    def read(self, line: str, block: Block, place: Place, lines: list[str]) -> int:
        """Carry out the directive at a line; return the index to go on at after a comment block, else 0."""
        text = line[1:] if line[0] in "@!" and self._reader.dialect == "ledger" else line
        word, _, rest = text.partition(" ") if " " in text else text.partition("\t")
        rest = rest.strip()
        if word in ("comment", "test") and (word == "comment" or self._reader.dialect == "ledger"):
            return self._past_comment(word, place, lines)
        if word in self._words:
            self._words[word](rest, block, place)
        elif word[:1] in self._letters and (len(word) == 1 or (word[0] == "Y" and word[1:].isdigit())):
            self._letters[word[0]]((word[1:] + " " + rest).strip(), block, place)
        elif word not in _READ_ONLY:
            raise place.refuse(message("不支持指令“{word}”。", word=word[:40]))
        return 0

    def _past_comment(self, word: str, place: Place, lines: list[str]) -> int:
        for index in range(place.line, len(lines)):
            if lines[index].split() == ["end", word]:
                return index + 1
        return len(lines)

    def _account(self, rest: str, block: Block, place: Place) -> None:
        name, _, comment = rest.partition(";")
        if "  " in name.strip() or "\t" in name.strip():
            # hledger once took a number here that orders the display.
            name = re.split(r"\s{2,}|\t", name.strip())[0]
        full = clean_account_name(self._reader.scope.account_name(clean_account_name(name.strip(), place)), place)
        comments = [comment]
        for number, text in block:
            stripped = text.strip()
            at = Place(place.file, number)
            word, _, value = stripped.partition(" ")
            if stripped.startswith(";"):
                comments.append(stripped[1:])
            elif word == "alias" and self._reader.dialect == "ledger":
                self._add_alias(plain_alias(value.strip(), full))
            elif word not in _ACCOUNT_NOTES or self._reader.dialect != "ledger":
                raise at.refuse(message("不支持指令“{word}”。", word=word[:40]))
        found = _TYPE_TAG.search(" ; ".join(comments)) if self._reader.dialect == "hledger" else None
        kind = _TYPE_LETTERS.get(found[1].lower(), "") if found else ""
        if found and not kind:
            raise place.refuse(message("科目类型“{kind}”不认识，应是 A L E R X C V 之一。", kind=found[1]))
        self._reader.journal.accounts.append(DeclaredAccount(full, kind, place))

    def _commodity(self, rest: str, block: Block, place: Place) -> None:
        text = rest.split(";", maxsplit=1)[0].strip()
        if re.search(r"\d", re.sub(r'"[^"]*"', "", text)):
            self._declare_format(text, place)
        elif not _SYMBOL.fullmatch(text):
            raise place.refuse(message("看不懂“{text}”。", text=text))
        for number, line in block:
            at = Place(place.file, number)
            word, _, value = line.strip().partition(" ")
            if word == "format":
                self._declare_format(value.split(";")[0].strip(), at)
            elif not word.startswith(";") and (word not in _COMMODITY_NOTES or self._reader.dialect != "ledger"):
                raise at.refuse(message("不支持指令“{word}”。", word=word[:40]))

    def _declare_format(self, text: str, place: Place) -> str:
        """Note decimal mark and precision of a sample amount such as `$1,000.00`; return its commodity."""
        digits = re.sub(r'"[^"]*"', "", text)
        marks = [sign for sign in digits if sign in ".,"]
        style = self._reader.scope.style
        if self._reader.dialect == "hledger":
            if not marks:
                mark = ""
            elif len(set(marks)) == 2 or len(marks) == 1:
                mark = marks[-1]
            else:
                mark = "." if marks[0] == "," else ","
        else:
            mark = ""
        declared = style.decimal_mark
        style.decimal_mark = mark
        try:
            reader = AmountReader(text, style, place)
            amount = reader.amount()
            reader.end()
        except AmountSyntaxError as error:
            raise place.refuse(error.reason) from error
        finally:
            style.decimal_mark = declared
        if self._reader.dialect == "hledger":
            style.marks[amount.commodity] = mark
            self._reader.journal.precisions[amount.commodity] = amount.decimals
        return amount.commodity

    def _default_commodity(self, rest: str, _block: Block, place: Place) -> None:
        commodity = self._declare_format(rest.split(";", maxsplit=1)[0].strip(), place)
        if self._reader.dialect == "hledger":
            style = self._reader.scope.style
            style.default_commodity = commodity
            style.default_mark = style.marks.get(commodity)

    def _ignored_commodity(self, rest: str, _block: Block, place: Place) -> None:
        if not rest or self._reader.dialect != "ledger":
            raise place.refuse(message("不支持指令“{word}”。", word="N"))

    def _price(self, rest: str, _block: Block, place: Place) -> None:
        """Read a market price: a book has no table of them, so they are counted and told."""
        _, end = parse_date(rest, self._reader.scope.year, place)
        rest = rest[end:]
        if found := _TIME.match(rest):
            rest = rest[found.end() :]
        found = _SYMBOL.match(rest.strip())
        if found is None:
            raise place.refuse(message("看不懂“{text}”。", text=rest.strip()))
        try:
            reader = AmountReader(rest.strip()[found.end() :].split(";")[0].strip(), self._reader.scope.style, place)
            reader.amount()
            reader.end()
        except AmountSyntaxError as error:
            raise place.refuse(error.reason) from error
        self._reader.journal.notice("price")

    def _alias(self, rest: str, _block: Block, place: Place) -> None:
        found = _REGEX_ALIAS.match(rest) if self._reader.dialect == "hledger" else None
        if found:
            try:
                self._add_alias(pattern_alias(found[1], found[2].strip()))
            except re.error as error:
                raise place.refuse(message("正则表达式“{pattern}”写错了。", pattern=found[1])) from error
            return
        old, separator, new = rest.partition("=")
        if not separator or not old.strip() or not new.strip():
            raise place.refuse(message("别名要写成“alias 旧名 = 新名”。"))
        self._add_alias(plain_alias(clean_account_name(old.strip(), place), clean_account_name(new.strip(), place)))

    def _add_alias(self, alias: Callable[[str], str]) -> None:
        scope = self._reader.scope
        scope.aliases = (alias, *scope.aliases)

    def _include(self, rest: str, _block: Block, place: Place) -> None:
        pattern = rest.split(";", maxsplit=1)[0].strip().strip('"')
        if not pattern or pattern.startswith(("/", "~", "\\")) or _PREFIXED_INCLUDE.match(pattern):
            raise place.refuse(message("include 只能用相对路径的日记账文件：“{path}”。", path=pattern))
        folder = self._reader.current_file.parent
        if any(sign in pattern for sign in "*?["):
            files = sorted(path for path in folder.glob(pattern) if path.is_file())
            files = [path for path in files if path.resolve() != self._reader.current_file]
        else:
            files = [folder / pattern]
        if not files:
            raise place.refuse(message("打不开文件“{path}”。", path=pattern))
        for file in files:
            self._reader.read_file(file, place)

    def _apply(self, rest: str, _block: Block, place: Place) -> None:
        word, _, value = rest.partition(" ")
        scope = self._reader.scope
        if word == "account" and value.strip():
            scope.prefixes = (*scope.prefixes, clean_account_name(value.strip(), place))
        elif word == "tag" and self._reader.dialect == "ledger":
            self._reader.journal.notice("tag")
        elif word == "year":
            self._year(value, [], place)
        else:
            raise place.refuse(message("不支持指令“{word}”。", word=f"apply {word}"[:40]))
        scope.applied = (*scope.applied, word)

    def _end(self, rest: str, _block: Block, place: Place) -> None:
        words = rest.split()
        scope = self._reader.scope
        if words == ["aliases"]:
            scope.aliases = ()
            return
        wanted = [word for word in words if word != "apply"]
        if not scope.applied or len(wanted) > 1 or (wanted and wanted[0] != scope.applied[-1]):
            raise place.refuse(message("“end {what}”前面没有对应的 apply。", what=rest))
        if scope.applied[-1] == "account":
            scope.prefixes = scope.prefixes[:-1]
        scope.applied = scope.applied[:-1]

    def _year(self, rest: str, _block: Block, place: Place) -> None:
        text = rest.split(";", maxsplit=1)[0].strip()
        if not text.isdigit() or not FIRST_YEAR <= int(text) <= LAST_YEAR:
            raise place.refuse(message("“{text}”不是年份。", text=clean_text(text)))
        self._reader.scope.year = int(text)

    def _decimal_mark(self, rest: str, _block: Block, place: Place) -> None:
        if rest not in (".", ",") or self._reader.dialect != "hledger":
            raise place.refuse(message("小数点只能是“.”或“,”。"))
        self._reader.scope.style.decimal_mark = rest

    def _bucket(self, rest: str, _block: Block, place: Place) -> None:
        if self._reader.dialect != "ledger":
            raise place.refuse(message("不支持指令“{word}”。", word="bucket"))
        self._reader.scope.bucket = clean_account_name(self._reader.scope.account_name(rest), place)
