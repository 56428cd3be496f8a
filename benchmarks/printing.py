"""The printed subsidiary ledger of the busiest account, made as a job over HTTP, and how soon it can be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measuring import Figure
from benchmarks.serving import Client, served
from benchmarks.synthetic import BUSIEST, FIRST_YEAR, YEARS, Size

PDF_S = 10
PAGES = 500
CANCEL_S = 1
POLL_S = 0.02


def measure_printing(size: Size, path: Path) -> Iterator[Figure]:
    """Measure a PDF of all years of the busiest account; the bar is for 500 pages, so the time is told for as many."""
    wish = {
        "name": "subsidiary-ledger",
        "kind": "pdf",
        "query": {"account_code": BUSIEST, "from": f"{FIRST_YEAR}-01", "to": f"{FIRST_YEAR + YEARS - 1}-12"},
    }
    with served(path) as client:
        took, shown = _made(client, wish)
        pages = max(int(text.strip("第 页")) for text in shown if text.strip("第 页").isdigit())
        bar = f"< {PDF_S} s for {PAGES} pages"
        yield Figure(
            f"PDF of a subsidiary ledger, per {PAGES} pages", size.name, took * PAGES / pages, "s", bar=bar, limit=PDF_S
        )
        yield Figure("the same: its pages", size.name, pages, "")
        yield Figure("the same: steps of progress shown", size.name, len(shown), "")
        stopped = _cancelled(client, wish)
        yield Figure("a PDF under way, cancelled", size.name, stopped, "s", bar=f"< {CANCEL_S} s", limit=CANCEL_S)


def _made(client: Client, wish: dict[str, Any]) -> tuple[float, set[str]]:
    """Return how long a file took, and what its progress said."""
    start = time.perf_counter()
    job = client.post("/api/report-files", wish)
    shown: set[str] = set()
    while job["state"] in {"waiting", "running"}:
        _pause()
        job = client.get(f"/api/jobs/{job['id']}")
        shown.add(job["text"])
    if job["state"] != "done":
        raise RuntimeError(str(job["error"]))
    return time.perf_counter() - start, shown


def _cancelled(client: Client, wish: dict[str, Any]) -> float:
    """Return how long after it was asked to a file under way stops."""
    job = client.post("/api/report-files", wish)
    while not job["done"] and job["state"] in {"waiting", "running"}:
        _pause()
        job = client.get(f"/api/jobs/{job['id']}")
    start = time.perf_counter()
    client.delete(f"/api/jobs/{job['id']}")
    while job["state"] in {"waiting", "running"}:
        _pause()
        job = client.get(f"/api/jobs/{job['id']}")
    if job["state"] != "cancelled":
        raise RuntimeError(f"the job is {job['state']}")
    return time.perf_counter() - start


def _pause() -> None:
    threading.Event().wait(POLL_S)
