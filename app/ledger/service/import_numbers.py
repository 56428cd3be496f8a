"""The numbers of imported vouchers: kept where their month and word are empty, else given anew or refused."""

from __future__ import annotations

from app.kernel.errors import RuleBroken
from app.kernel.period import format_period
from app.kernel.text import message
from app.ledger.service.imported import ImportedVoucher
from app.ledger.service.numbering import lock_counter, set_counter

LONGEST_LIST = 20


class ImportNumbers:
    """Numbers of an import: kept, given or refused per month and word."""

    def __init__(self, renumber: bool) -> None:
        """Keep the file's numbers, or with `renumber` give new ones."""
        self._renumber = renumber
        self._last: dict[tuple[int, str], int] = {}
        self._kept: dict[tuple[int, str], dict[int, str]] = {}

    def give(self, voucher: ImportedVoucher) -> int:
        """Return a voucher's number. Raises `RuleBroken` where the file's own cannot be kept."""
        key = (voucher.period, voucher.word)
        last = self._last.get(key)
        if last is None:
            last = self._last[key] = lock_counter(*key)
            if last and voucher.number is not None and not self._renumber:
                raise RuleBroken(
                    "numbers_taken",
                    message(
                        "{where}：{period} {word}字已有 {last} 号凭证，文件里的号留不住；可选重新编号（--renumber）。",
                        where=voucher.where,
                        period=format_period(voucher.period),
                        word=voucher.word,
                        last=last,
                    ),
                )
        if voucher.number is None or self._renumber:
            if key in self._kept:
                raise self._mixed(voucher)
            self._last[key] = last + 1
            return last + 1
        if last and key not in self._kept:
            raise self._mixed(voucher)
        kept = self._kept.setdefault(key, {})
        if voucher.number in kept or voucher.number < 1:
            raise RuleBroken(
                "number_repeated",
                message(
                    "{where}：{period} {word}字第 {number} 号重复或不对；可选重新编号（--renumber）。",
                    where=voucher.where,
                    period=format_period(voucher.period),
                    word=voucher.word,
                    number=voucher.number,
                ),
            )
        kept[voucher.number] = voucher.where
        return voucher.number

    @staticmethod
    def _mixed(voucher: ImportedVoucher) -> RuleBroken:
        return RuleBroken(
            "numbers_mixed",
            message(
                "{where}：{period} {word}字有的凭证有号、有的没有；可选重新编号（--renumber）。",
                where=voucher.where,
                period=format_period(voucher.period),
                word=voucher.word,
            ),
        )

    def save(self) -> None:
        """Check that kept numbers have no gap, and write the counters."""
        for (period, word), kept in self._kept.items():
            missing = [number for number in range(1, len(kept) + 1) if number not in kept]
            if missing:
                shown = "、".join(str(number) for number in missing[:LONGEST_LIST])
                after = kept[min(number for number in kept if number > missing[0])]
                raise RuleBroken(
                    "number_gap",
                    message(
                        "{where}：{period} {word}字缺第 {numbers} 号凭证；可选重新编号（--renumber）。",
                        where=after,
                        period=format_period(period),
                        word=word,
                        numbers=shown,
                    ),
                )
            self._last[(period, word)] = len(kept)
        for (period, word), last in sorted(self._last.items()):
            set_counter(period, word, last)
