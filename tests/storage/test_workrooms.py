"""Folders of work under way: each goes with its work, and those of killed processes with the next look."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from app.storage import workrooms
from app.storage.workrooms import sweep_workrooms, workroom

KILLED = """
import os, tempfile
from pathlib import Path
tempfile.tempdir = {place!r}
from app.storage.workrooms import workroom
with workroom() as folder:
    (folder / "made").mkdir()
    (folder / "made" / "vouchers.csv").write_text("secret")
    os._exit(9)
"""


def test_what_a_killed_process_was_working_on_is_removed_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    subprocess.run([sys.executable, "-c", KILLED.format(place=str(tmp_path))], check=False)
    (left,) = tmp_path.iterdir()
    for name in ("zhangfang-data", f"zhangfang-work-{os.getpid()}", "zhangfang-work-1-mine"):
        (tmp_path / name).mkdir()
    with workroom() as own:
        assert sweep_workrooms() == 0  # it is young
        long_ago = time.time() - 2 * workrooms.SWEPT_AFTER_S
        for folder in tmp_path.iterdir():
            os.utime(folder, (long_ago, long_ago))
        assert sweep_workrooms() == 1
        assert not left.exists()
        assert own.exists()
    assert len(list(tmp_path.iterdir())) == 3
