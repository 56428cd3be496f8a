"""What `verify` proves: the guarantees of ledger, stock and documents, and that all that stands on them agrees."""

from __future__ import annotations

from collections.abc import Iterable

from app.contract.ledger import Finding, Verification
from app.inventory.integrity import stock_flaws
from app.ledger.verify import MOST_FINDINGS, verify_book
from app.orders.integrity import document_flaws
from app.reports.doctor.examination import examine
from app.reports.doctor.finding import Ailment
from app.reports.doctor.patient import read_patient
from app.storage.database import read_snapshot
from app.storage.progress import Progress, no_progress

PROVEN_BY_LEDGER = frozenset(
    {"number_gap", "unposted_in_closed_month", "missing_reviewer", "opening_unbalanced", "parent_balance"}
)
"""Errors that the ledger's own verification names from the vouchers themselves."""


def prove_book(progress: Progress = no_progress) -> Verification:
    """Return the ledger's verification, joined by what the doctor finds.

    Broken guarantees join the findings; warnings go into a list of their own, hints are left to the doctor's page. A
    book whose ledger is damaged is not examined further: what stands on it would only repeat the damage. Why so, see
    docs/decisions/doctor-and-verify.md.
    """
    verified = verify_book(progress)
    if verified.findings:
        return verified
    with read_snapshot():
        flaws = [
            Finding(check=flaw.check, where=flaw.where, message=str(flaw.text))
            for flaw in (*stock_flaws(), *document_flaws())
        ]
    if flaws:
        return verified.model_copy(update={"findings": flaws[:MOST_FINDINGS]})
    with read_snapshot():
        found = [ailment for ailment in examine(read_patient(None, None)) if ailment.severity != "hint"]
    broken = (ailment for ailment in found if ailment.severity == "error" and ailment.check not in PROVEN_BY_LEDGER)
    warnings = (ailment for ailment in found if ailment.severity == "warning")
    return verified.model_copy(update={"findings": _listed(broken), "warnings": _listed(warnings)})


def _listed(found: Iterable[Ailment]) -> list[Finding]:
    listed = [Finding(check=one.check, where=str(one.where), message=str(one.text)) for one in found]
    return listed[:MOST_FINDINGS]
