"""Making a backup of the open book into a file of this computer, wherever the server is; no Qt."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.client.api import ApiClient
from app.contract.book import BackupInput
from app.kernel.errors import Conflict, EnvironmentFault
from app.kernel.text import message
from app.ui.jobs import finish_job
from app.ui.progress import Progress

Work = Callable[[ApiClient, Progress], dict[str, Any]]


def backup_into(path: Path) -> Work:
    """Return the work for a server on this computer: it writes the file itself."""
    wish = BackupInput(path=str(path))
    return lambda api, progress: finish_job(api, api.start_backup(wish), progress)


def backup_from_afar(path: Path) -> Work:
    """Return the work for a server elsewhere: it makes the backup there, and the file is fetched.

    Raises `Conflict` for a file that is there already: backups replace nothing.
    """

    def work(api: ApiClient, progress: Progress) -> dict[str, Any]:
        _require_free(path)
        job = api.start_backup(BackupInput())
        made = finish_job(api, job, progress)
        _fetch(path, lambda part: api.download_job_file(job.id, part, progress.report))
        return {**made, "path": str(path)}

    return work


def kept_from_afar(name: str, path: Path) -> Work:
    """Return the work that fetches a backup a server elsewhere keeps. Raises `Conflict` as `backup_from_afar`."""

    def work(api: ApiClient, progress: Progress) -> dict[str, Any]:
        _require_free(path)
        _fetch(path, lambda part: api.download_kept_backup(name, part, progress.report))
        return {"path": str(path)}

    return work


def _require_free(path: Path) -> None:
    if path.exists():
        raise Conflict("backup_target_exists", message("“{path}”已存在，请另起一个名字。", path=str(path)))


def _fetch(path: Path, download: Callable[[Path], None]) -> None:
    """Let a file come in under another name; it gets its own once it is whole."""
    part = path.with_name(path.name + ".part")
    try:
        download(part)
        part.replace(path)
    except OSError as error:
        sentence = message("写不了文件“{path}”，请检查文件夹的权限和磁盘空间。", path=str(path))
        raise EnvironmentFault("file_unwritable", sentence) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
