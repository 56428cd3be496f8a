"""The command `print`: vouchers as a PDF in the form bookkeepers file."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.console import Console
from app.cli.opening import month_of, opened_book, who_acts
from app.kernel.period import format_period
from app.kernel.text import message


def print_vouchers(arguments: argparse.Namespace, console: Console) -> int:
    """Write the vouchers of a month into a PDF."""
    from app.contract.printing import VoucherPrintQuery

    query = VoucherPrintQuery(
        period=format_period(month_of(arguments.period)),
        word=arguments.word,
        from_number=arguments.first,
        to_number=arguments.last,
        posted_only=arguments.posted_only,
        paper=arguments.paper,
        chief=arguments.chief,
    )
    with opened_book(arguments.book, console):
        from app.reports.voucher_print.job import plan_job
        from app.reports.voucher_print.pdf import write_voucher_pdf
        from app.storage.database import read_snapshot

        with read_snapshot():
            job = plan_job(who_acts(console), query, console.catalogue)
            pages = write_voucher_pdf(job, Path(arguments.pdf), console.progress)
    console.say(
        message(
            "已排好 {vouchers} 张凭证，共 {pages} 页：“{path}”。",
            vouchers=len(job.ids),
            pages=pages,
            path=arguments.pdf,
        )
    )
    return 0
