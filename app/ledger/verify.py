"""Proving a book: every guarantee recomputed from the entries, every row that fails named. Changes nothing."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator

from app.contract.ledger import Finding, Verification
from app.kernel.errors import EnvironmentFault
from app.kernel.period import format_period, period_of
from app.kernel.text import Message, message
from app.ledger.attachment_flaws import attachment_flaws
from app.ledger.integrity import account_flaws, auxiliary_set_flaws, month_flaws, opening_flaws, reference_flaws
from app.ledger.models import LAYER_POSTED, LAYER_UNPOSTED
from app.ledger.service.balancing import CASH_SUMS, KEYS, OPENINGS, TURNOVERS, Deltas
from app.ledger.service.chain import FIRST_HASH, ChainedHead, canonical_text, chained_hash
from app.ledger.service.lines import Line
from app.ledger.service.opening import outflow_lines
from app.ledger.service.opening_rows import COLUMNS as OPENING_COLUMNS
from app.ledger.service.opening_rows import OpeningAmounts
from app.storage.database import Row, damaged_text_readable, fetch_all, fetch_one, read_snapshot
from app.storage.progress import Progress, no_progress

CHUNK = 500
FLAWS = (account_flaws, auxiliary_set_flaws, opening_flaws, month_flaws, reference_flaws, attachment_flaws)
MOST_FINDINGS = 1_000
EXTRA_HEAD = ("summary", "debit_total", "faults", "hash", "chain_position")
HEAD_SQL = f"SELECT {', '.join((*ChainedHead._fields, *EXTRA_HEAD))} FROM {{voucher}}"
LINES_SQL = (
    f"SELECT voucher_id, {', '.join(Line._fields)} FROM {{entry}} WHERE voucher_id IN (%s) ORDER BY voucher_id, line"
)
BEFORE_ALL = -(2**63)
BalanceKey = tuple[int, int, int, int, int]


def verify_book(progress: Progress = no_progress) -> Verification:
    """Recompute every guarantee on one snapshot of the current book and return what fails.

    Checked: sides, states, numbers, hashes and the chain, balances (turnovers, openings of each year, cash flow),
    months, foreign keys. At most 1,000 findings are listed.
    """
    try:
        with read_snapshot():
            return _Verifier(progress).run()
    except EnvironmentFault as fault:
        if fault.code != "text_damaged":
            raise
    # Once more, taking texts as they are: what is no UTF-8 any more disagrees with its hash and is named.
    with damaged_text_readable(), read_snapshot():
        return _Verifier(progress).run()


class _Verifier:
    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.findings: list[Finding] = []
        self.entry_count = 0
        self.voucher_count = 0
        self.turnovers: dict[tuple[int, int], Deltas] = {}
        self.head = fetch_one("SELECT count, last_hash FROM {chain_head} WHERE id = 1")
        links = fetch_one("SELECT COUNT(chain_position) FROM {voucher}") or (0,)
        self.longest = max(int(self.head[0]) if self.head else 0, int(links[0]))
        self.links = 0
        self.due = 1
        self.befores: tuple[str, ...] = (FIRST_HASH,)
        self.last_hash = FIRST_HASH
        self.numbers: dict[tuple[int, str], list[int]] = {}
        self.posted_or_void: set[int] = set()
        self.leaves = {row[0]: row[1] for row in fetch_all("SELECT id, is_leaf FROM {account}")}
        self.signatures = {row[0]: row[1] for row in fetch_all("SELECT id, signature FROM {auxiliary_set}")}

    def found(self, check: str, where: Message | str, text: Message) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(check=check, where=str(where), message=str(text)))

    def run(self) -> Verification:
        self._check_vouchers()
        self._check_chain_head()
        self._check_numbers()
        self._check_balances()
        self._check_cash_flows()
        for flaws in FLAWS:
            for flaw in flaws():
                self.found(flaw.check, flaw.where, flaw.text)
        head = fetch_one("SELECT count, last_hash FROM {chain_head} WHERE id = 1") or (0, "")
        balances = fetch_one("SELECT COUNT(*) FROM {balance}") or (0,)
        return Verification(
            vouchers=self.voucher_count,
            entries=self.entry_count,
            balances=int(balances[0]),
            chain_count=int(head[0]),
            chain_hash=str(head[1]),
            findings=self.findings,
        )

    def _check_vouchers(self) -> None:
        total = int((fetch_one("SELECT COUNT(*) FROM {voucher}") or (0,))[0])
        for head_row, lines in _vouchers():
            head = ChainedHead(*head_row[: len(ChainedHead._fields)])
            extra = dict(zip(EXTRA_HEAD, head_row[len(ChainedHead._fields) :], strict=True))
            self.voucher_count += 1
            self.entry_count += len(lines)
            self._check_voucher(head, extra, lines)
            if self.voucher_count % CHUNK == 0:
                self.progress(self.voucher_count, total, message("正在核验凭证"))

    def _check_voucher(self, head: ChainedHead, extra: dict[str, object], lines: list[Line]) -> None:
        where = _name(head)
        if _month_of(head.date) != head.period:
            self.found("period", where, message("日期 {date} 不在所属月份。", date=head.date))
        self._check_derived(head, extra, lines, where)
        for number, line in enumerate(lines, start=1):
            self._check_line(head, line, number, where)
        if head.number is not None:
            self.numbers.setdefault((head.period, head.word), []).append(head.number)
        sealed = head.state in ("posted", "void")
        if sealed:
            text = canonical_text(head, [(line, self.signatures.get(line.auxiliary_set_id, "?")) for line in lines])
            position = extra["chain_position"]
            if not isinstance(position, int) or not extra["hash"]:
                self.found("hash", where, message("已记账或作废的凭证没有校验码。"))
            else:
                self._follow_chain(position, text, str(extra["hash"]), where)
        elif extra["hash"] is not None or extra["chain_position"] is not None:
            self.found("hash", where, message("没记账的凭证不该有校验码。"))
        if head.state == "posted" or (head.state in ("draft", "reviewed") and not extra["faults"]):
            layer = LAYER_POSTED if head.state == "posted" else LAYER_UNPOSTED
            deltas = self.turnovers.setdefault((head.period, layer), Deltas())
            deltas.add(lines, closes_profit=head.kind == "close_pl")

    def _check_derived(self, head: ChainedHead, extra: dict[str, object], lines: list[Line], where: Message) -> None:
        debit, credit = sum(line.debit for line in lines), sum(line.credit for line in lines)
        complete = head.state == "posted" or (head.state in ("draft", "reviewed") and not extra["faults"])
        if complete and debit != credit:
            self.found(
                "sides", where, message("借方 {debit} 与贷方 {credit} 不等（最小单位）。", debit=debit, credit=credit)
            )
        if complete and len(lines) < 2:
            self.found("sides", where, message("分录少于两行。"))
        if extra["debit_total"] != debit:
            self.found("total", where, message("凭证合计与分录之和不等。"))
        if extra["summary"] != (lines[0].summary if lines else ""):
            self.found("summary", where, message("凭证摘要与第一行分录的摘要不同。"))
        if head.state == "posted" and (extra["faults"] or head.reviewer_id is None or head.poster_id is None):
            self.found("state", where, message("已记账的凭证缺审核人、记账人或仍列有错误。"))
        if head.state == "void" and extra["faults"]:
            self.found("state", where, message("作废的凭证不该列有错误。"))

    def _check_line(self, head: ChainedHead, line: Line, number: int, where: Message) -> None:
        place = message("{where}第 {line} 行", where=where, line=line.line)
        if line.line != number:
            self.found("line", place, message("行号不连续，应是第 {number} 行。", number=number))
        if line.period != head.period:
            self.found("period", place, message("分录的月份与凭证不同。"))
        one_side = line.credit == 0 if line.side == 1 else line.debit == 0 if line.side == -1 else False
        if not one_side or not (line.debit or line.credit or line.foreign_amount or line.quantity):
            self.found("sides", place, message("一行分录只能有一方金额，且不能为零。"))
        if line.account_id not in self.leaves:
            self.found("foreign_key", place, message("分录的科目不存在。"))
        elif head.state == "posted" and not self.leaves[line.account_id]:
            self.found("leaf", place, message("分录记在了非末级科目上。"))

    def _follow_chain(self, position: int, text: bytes, stored: str, where: Message) -> None:
        """Take the next link; a broken one is named where it breaks, not at those that follow."""
        self.links += 1
        if not 1 <= position <= self.longest:
            self.found("hash", where, message("链上没有位置 {position}，凭证被改动过。", position=position))
            return
        self._name_missing_links(self.due, position)
        if position != self.due:
            self.befores = ()  # this one was hashed over the missing one, which nobody knows
        computed = tuple(chained_hash(before, text) for before in self.befores)
        if computed and stored not in computed:
            self.found("hash", where, message("内容与校验码不符，凭证被改动过。"))
        # If this one's hash was altered and not its content, the next was hashed over the right one.
        self.befores = tuple({stored, *computed[:1]})
        self.last_hash = stored
        self.due = position + 1

    def _name_missing_links(self, due: int, found: int) -> None:
        for position in range(due, min(found, due + MOST_FINDINGS)):
            self.found("chain", str(position), message("校验链缺第 {position} 张凭证，它被删除了。", position=position))

    def _check_chain_head(self) -> None:
        if self.head is None:
            self.found("chain", "chain_head", message("校验链的末尾记录不见了。"))
        elif (int(self.head[0]), int(self.head[0]), self.head[1]) != (self.links, self.due - 1, self.last_hash):
            self.found(
                "chain",
                "chain_head",
                message(
                    "校验链应有 {count} 张凭证，实有 {found} 张，或末尾的校验码不符。",
                    count=self.head[0],
                    found=self.links,
                ),
            )

    def _check_numbers(self) -> None:
        counters = {
            (row[0], row[1]): row[2] for row in fetch_all("SELECT period, word, last_number FROM {number_counter}")
        }
        for (period, word), numbers in self.numbers.items():
            where = f"{format_period(period)} {word}"
            expected = set(range(1, len(numbers) + 1))
            for number in sorted(expected - set(numbers)):
                self.found("number", where, message("缺第 {number} 号凭证。", number=number))
            if len(set(numbers)) != len(numbers):
                self.found("number", where, message("有重复的凭证号。"))
            if counters.get((period, word), 0) != len(numbers):
                self.found("number", where, message("号码计数器与凭证数不符。"))
        for (period, word), last in counters.items():
            if last and (period, word) not in self.numbers:
                where = f"{format_period(period)} {word}"
                self.found("number", where, message("号码计数器是 {last}，却没有凭证。", last=last))

    def _check_balances(self) -> None:
        years = [row[0] for row in fetch_all("SELECT year FROM {fiscal_year} ORDER BY year")]
        expected = self._expected_balances(years)
        columns = (*OPENINGS, *TURNOVERS)
        stored: dict[BalanceKey, Row] = {
            row[:5]: row[5:] for row in fetch_all(f"SELECT {', '.join((*KEYS, *columns))} FROM {{balance}}")
        }
        zero = (0,) * len(columns)
        codes = {row[0]: row[1] for row in fetch_all("SELECT id, code FROM {account}")}
        for key in sorted(expected.keys() | stored.keys()):
            want, have = tuple(expected.get(key, zero)), stored.get(key, zero)
            if want != have:
                wrong = [column for column, a, b in zip(columns, want, have, strict=True) if a != b]
                index = columns.index(wrong[0])
                where = f"{key[0]} / {codes.get(key[2], key[2])} / {key[3]} / {key[4]} / {key[1]}"
                self.found(
                    "balance",
                    where,
                    message(
                        "余额表的 {column} 是 {have}，按分录应是 {want}。",
                        column=", ".join(wrong),
                        have=have[index],
                        want=want[index],
                    ),
                )

    def _expected_balances(self, years: list[int]) -> dict[BalanceKey, list[int]]:
        expected: dict[BalanceKey, list[int]] = {}
        for (period, layer), deltas in self.turnovers.items():
            for key, sums in deltas.balances.items():
                expected[(period, layer, *key)] = [0, 0, 0, *sums]
            if period // 100 not in years:
                self.found("balance", format_period(period), message("有凭证的年度没有余额行。"))
        sides = {row[0]: row[1] == "credit" for row in fetch_all("SELECT id, normal_side FROM {account}")}
        for row in fetch_all(f"SELECT {', '.join(OPENING_COLUMNS)} FROM {{opening}}"):
            amounts = OpeningAmounts(*row)
            if years:
                expected[(years[0] * 100, LAYER_POSTED, *amounts[:3])] = list(
                    amounts.balance(sides.get(amounts.account_id, False))
                )
        for earlier, year in itertools.pairwise(years):
            self._carry(expected, earlier, year)
        return {key: sums for key, sums in expected.items() if any(sums)}

    @staticmethod
    def _carry(expected: dict[BalanceKey, list[int]], earlier: int, year: int) -> None:
        closing: dict[tuple[int, int, int, int], list[int]] = {}
        for key, sums in expected.items():
            if key[0] // 100 == earlier:
                total = closing.setdefault(key[1:], [0, 0, 0])
                total[0] += sums[0] + sums[3] - sums[4]
                total[1] += sums[1] + sums[5] - sums[6]
                total[2] += sums[2] + sums[7] - sums[8]
        for rest, total in closing.items():
            if any(total):
                expected[(year * 100, *rest)] = [*total, *([0] * len(TURNOVERS))]

    def _check_cash_flows(self) -> None:
        expected: dict[tuple[int, int, int], list[int]] = {}
        for (period, layer), deltas in self.turnovers.items():
            for line, sums in deltas.cash_flows.items():
                expected[(period, layer, line)] = sums
        start = fetch_one("SELECT MIN(year) FROM {fiscal_year}")
        outflows = outflow_lines()
        for line, amount in fetch_all("SELECT cash_flow_line, ytd_amount FROM {opening_cash_flow}"):
            if start and start[0]:
                sides = [0, amount] if line in outflows else [amount, 0]
                expected[(start[0] * 100, LAYER_POSTED, line)] = sides
        columns = ", ".join(("period", "layer", "cash_flow_line", *CASH_SUMS))
        stored = {row[:3]: list(row[3:]) for row in fetch_all(f"SELECT {columns} FROM {{cash_flow_balance}}")}
        for key in sorted(expected.keys() | stored.keys()):
            if expected.get(key, [0, 0]) != stored.get(key, [0, 0]):
                where = f"{key[0]} / {key[2]} / {key[1]}"
                self.found("cash_flow", where, message("现金流量余额与分录之和不符。"))


def _name(head: ChainedHead) -> Message:
    number = head.number if head.number is not None else "?"
    return message(
        "{period} {word}字第 {number} 号（id {id}）",
        period=format_period(head.period),
        word=head.word,
        number=number,
        id=head.id,
    )


def _month_of(date: str) -> int | None:
    try:
        return period_of(datetime.date.fromisoformat(date))
    except ValueError:
        return None


def _vouchers() -> Iterator[tuple[Row, list[Line]]]:
    """Yield every voucher with its entries: the chained ones in the chain's order, then the others.

    In chunks, so that a book of any size is verified in little memory; entries without a voucher are found by the
    foreign keys.
    """
    chained = f"{HEAD_SQL} WHERE chain_position > ? ORDER BY chain_position LIMIT {CHUNK}"
    others = f"{HEAD_SQL} WHERE chain_position IS NULL AND id > ? ORDER BY id LIMIT {CHUNK}"
    for sql, column in ((chained, -1), (others, 0)):
        last = BEFORE_ALL
        while heads := fetch_all(sql, (last,)):
            lines: dict[int, list[Line]] = {}
            ids = [head[0] for head in heads]
            for row in fetch_all(LINES_SQL % ", ".join("?" * len(ids)), ids):
                lines.setdefault(row[0], []).append(Line(*row[1:]))
            for head in heads:
                yield head, lines.get(head[0], [])
            last = int(heads[-1][column])
