"""Reads journal files line by line into transactions; what is not understood is refused with its line."""

from __future__ import annotations

import re
from pathlib import Path

from app.exchange.decoding import decode
from app.exchange.errors import refused
from app.exchange.journal.amounts import NumberStyle
from app.exchange.journal.directives import Directives
from app.exchange.journal.model import AutomatedRule, Dialect, Journal, Place, RulePosting
from app.exchange.journal.scope import Scope
from app.exchange.journal.transactions import parse_posting_line, parse_transaction
from app.kernel.text import message

MOST_BYTES = 512 << 20
MOST_INCLUDES = 2000
_COMMENT_SIGNS = {"hledger": ";#*", "ledger": ";#*%|"}
_RULE = re.compile(r"=\s*/(.+)/\s*(?:;.*)?$")
_SKIPPED_RULE = message("hledger 只在加 --auto 时才执行自动分录规则（=），没有导入。")
_SKIPPED_PERIODIC = message("周期规则（~）只用于预算和预测，不是交易，没有导入。")


def parse_journal(path: Path, dialect: Dialect) -> Journal:
    """Read a journal and everything it includes. Raises `FileRefused` with file and line."""
    reader = JournalReader(path, dialect)
    reader.read_file(path, None)
    return reader.journal


class JournalReader:
    """Reads one main file; included files may lie only inside its folder."""

    def __init__(self, path: Path, dialect: Dialect) -> None:
        self.journal = Journal(dialect)
        self.dialect = dialect
        self.root = path.resolve().parent
        self.scope = Scope(NumberStyle(dialect))
        self.directives = Directives(self)
        self._open_files: list[Path] = []
        self._files_read = 0

    def read_file(self, path: Path, included_at: Place | None) -> None:
        """Read one file into the journal; directives of an included file end with it."""
        resolved = path.resolve()
        if included_at is not None and not resolved.is_relative_to(self.root):
            raise included_at.refuse(message("include 的文件“{path}”不在账本所在的文件夹里。", path=path.name))
        if included_at is not None and resolved in self._open_files:
            raise included_at.refuse(message("include 成了循环：“{path}”包含了它自己。", path=path.name))
        self._files_read += 1
        if included_at is not None and self._files_read > MOST_INCLUDES:
            raise included_at.refuse(message("include 的文件多于 {count} 个。", count=MOST_INCLUDES))
        name = resolved.relative_to(self.root).as_posix() if resolved.is_relative_to(self.root) else path.name
        try:
            if resolved.stat().st_size > MOST_BYTES:
                raise refused(name, 0, message("文件大于 {size} MB，请分开导入。", size=MOST_BYTES >> 20))
            data = resolved.read_bytes()
        except OSError as error:
            place = included_at or Place(name, 0)
            raise place.refuse(message("打不开文件“{path}”。", path=path.name)) from error
        self._open_files.append(resolved)
        outer = self.scope.enter_file()
        self._read_lines(decode(data, name).split("\n"), name)
        self.scope.leave_file(outer, self.dialect)
        self._open_files.pop()

    @property
    def current_file(self) -> Path:
        """Return the file being read."""
        return self._open_files[-1]

    def _read_lines(self, raw: list[str], name: str) -> None:
        lines = [line.rstrip() for line in raw]
        at = 0
        while at < len(lines):
            line = lines[at]
            place = Place(name, at + 1)
            if not line or line[0] in _COMMENT_SIGNS[self.dialect]:
                at += 1
            elif line[0].isspace():
                if not line.lstrip().startswith(";"):
                    raise place.refuse(message("这一行缩进了，但前面没有交易。"))
                at += 1
            else:
                block_end = at + 1
                while block_end < len(lines) and lines[block_end][:1].isspace():
                    block_end += 1
                block = list(enumerate(lines[at + 1 : block_end], at + 2))
                at = self._read_item(line, block, place, lines) or block_end

    def _read_item(self, line: str, block: list[tuple[int, str]], place: Place, lines: list[str]) -> int:
        """Read what starts at a line; return the index to go on at when it is not the end of the indented block."""
        if line[0].isdigit():
            self.journal.transactions.append(parse_transaction(line, block, place, self.scope, self.journal))
        elif line[0] == "~":
            self.journal.skipped.append((place, _SKIPPED_PERIODIC))
        elif line[0] == "=":
            self._read_rule(line, block, place)
        else:
            return self.directives.read(line, block, place, lines)
        return 0

    def _read_rule(self, line: str, block: list[tuple[int, str]], place: Place) -> None:
        if self.dialect == "hledger":
            self.journal.skipped.append((place, _SKIPPED_RULE))
            return
        found = _RULE.match(line)
        if found is None:
            raise place.refuse(message("只支持“= /科目的正则表达式/”这种自动分录规则。"))
        try:
            re.compile(found[1])
        except re.error as error:
            raise place.refuse(message("正则表达式“{pattern}”写错了。", pattern=found[1])) from error
        postings = []
        for number, text in block:
            if text.lstrip().startswith(";"):
                continue
            posting = parse_posting_line(text, Place(place.file, number), self.scope, self.journal)
            if posting.amount is None or posting.assertion is not None or posting.cost or "$account" in posting.account:
                raise posting.place.refuse(message("自动分录规则里的分录只能写固定金额或倍数。"))
            postings.append(RulePosting(posting.account, posting.virtual, posting.amount))
        rule = AutomatedRule(found[1], tuple(postings), place)
        self.journal.rules.append((len(self.journal.transactions), rule))
