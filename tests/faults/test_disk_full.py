"""The disk of a book in a file is full: nothing is half written, the sentence says so, and work goes on after it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.client.api import ApiClient
from app.contract.ledger import EntryInput, VoucherInput, VoucherQuery
from app.kernel.errors import EnvironmentFault
from app.kernel.ids import new_request_id
from tests.faults.clients import Told, WatchedTransport
from tests.faults.firm import MONTH, found_firm
from tests.faults.oracle import shortcomings
from tests.faults.processes import running, server_environment, waitress

DISK_MB = 24


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that is soon full."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or mount is None:
        pytest.skip("only root can make a small disk")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={DISK_MB}m", "zhangfang-test", str(place)], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(f"no small disk here: {made.stderr.decode(errors='replace')}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextlib.contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Take all room there is."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    try:
        yield
    finally:
        filler.unlink()


def _voucher(tag: str) -> VoucherInput:
    entries = [
        EntryInput(summary=tag, account_code="1001", debit="1.00"),
        EntryInput(summary=tag, account_code="560205", credit="1.00"),
    ]
    return VoucherInput(date=f"{MONTH}-05", word="记", entries=entries, request_id=tag)


def test_a_full_disk_refuses_what_is_new_and_keeps_what_is_there(small_disk: Path, tmp_path: Path) -> None:
    firm = found_firm(str(small_disk / "book.zhangfang"), people=1, items=1)
    told = Told()
    environment = server_environment(small_disk)  # its log and its kept backups lie there as well
    with running(waitress(firm.address), tmp_path / "out", environment) as web:
        api = ApiClient(WatchedTransport(web.url, firm.tokens[0], told))
        _save(api, told, new_request_id())
        with filled(small_disk):
            refused = [new_request_id() for _ in range(20)]  # the first may find room in what the log has taken already
            for tag in refused:
                _save(api, told, tag)
            assert told.repeated["disk_full"] > 0
            assert "磁盘已满" in told.sentence
            assert len(api.list_vouchers(VoucherQuery(limit=100)).vouchers) == 2 + len(told.drafts) - 1
        for tag in refused:  # the same once more, now that there is room
            _save(api, told, tag)
        assert len(told.drafts) == 21
        with filled(small_disk):
            assert api.health().book
            api.transport.close()
            assert web.close() == 0  # the backup at the end finds no room, and that keeps nobody from ending
    assert shortcomings(firm, told) == []


def _save(api: ApiClient, told: Told, tag: str) -> None:
    try:
        told.drafts[tag] = api.add_voucher(_voucher(tag)).id
    except EnvironmentFault as fault:
        told.repeated[fault.code] += 1
        told.sentence = str(fault.message)
