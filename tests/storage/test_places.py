"""Network drives are refused, synchronised folders warned about."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.kernel.errors import EnvironmentFault
from app.storage import places
from app.storage.database import open_database

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no list of mounts, but kinds of drives")
links_only = pytest.mark.skipif(sys.platform == "win32", reason="on Windows, links take a right people do not have")
LOCAL, REMOTE = 3, 4  # DRIVE_FIXED, DRIVE_REMOTE of GetDriveTypeW


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made-up list of mounts: the whole of `tmp_path/net work` is on a network drive, `…/disk` in it is not."""
    folder = tmp_path / "net work"
    (folder / "disk").mkdir(parents=True)
    table = tmp_path / "mounts"
    escaped = str(folder).replace(" ", "\\040")
    table.write_text(
        "/dev/sda1 / ext4 rw 0 0\nproc /proc proc rw 0 0\n"
        f"//nas/books {escaped} cifs rw 0 0\n/dev/sdb1 {escaped}/disk ext4 rw 0 0\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(places.network_drive_kind, "__defaults__", (table,))
    return folder


@posix_only
def test_a_book_on_a_network_drive_is_refused(mounts: Path) -> None:
    with pytest.raises(EnvironmentFault) as refused:
        open_database(str(mounts / "b.zhangfang"))
    assert refused.value.code == "network_drive"
    assert "cifs" in str(refused.value)
    open_database(str(mounts / "b.zhangfang"), allow_network_drive=True).close()


def test_a_local_disk_mounted_below_a_network_drive_is_local(mounts: Path) -> None:
    assert places.network_drive_kind(mounts / "disk" / "b.zhangfang") is None
    assert places.network_drive_kind(mounts.parent / "b.zhangfang") is None


@posix_only
def test_a_link_onto_a_network_drive_is_seen(mounts: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(mounts)
    assert places.network_drive_kind(tmp_path / "link" / "b.zhangfang") == "cifs"


@posix_only
@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p"])
def test_all_kinds_of_network_drives_are_known(tmp_path: Path, kind: str) -> None:
    table = tmp_path / "mounts"
    table.write_text(f"x / {kind} rw 0 0\n", encoding="utf-8")
    assert places.network_drive_kind(tmp_path / "b.zhangfang", table) == kind


@pytest.mark.parametrize(
    ("drive", "place"),
    [
        ("C:", None),
        ("Z:", "Z:"),
        ("\\\\?\\C:", None),
        ("\\\\?\\Z:", "Z:"),
        ("\\\\nas\\账", "\\\\nas\\账"),
        ("//nas/books", "\\\\nas\\books"),
        ("\\\\?\\UNC\\nas\\books", "\\\\nas\\books"),
    ],
)
def test_network_drives_of_windows_are_known_in_every_spelling(drive: str, place: str | None) -> None:
    assert places.windows_network_place(drive, lambda root: REMOTE if root == "Z:\\" else LOCAL) == place


def test_a_book_on_a_drive_that_windows_calls_remote_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(places, "_windows_drive_type", lambda _root: REMOTE)
    with pytest.raises(EnvironmentFault) as refused:
        open_database(str(tmp_path / "b.zhangfang"))
    assert refused.value.code == "network_drive"


def test_a_system_without_a_list_of_mounts_refuses_nothing(tmp_path: Path) -> None:
    assert places.network_drive_kind(tmp_path, tmp_path / "no such list") is None


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        ("OneDrive - 甲公司", "OneDrive"),
        ("Dropbox/账", "Dropbox"),
        ("我的坚果云", "坚果云"),
        ("iCloudDrive/a/b", "iCloud"),
    ],
)
def test_a_synchronised_folder_is_warned_about(tmp_path: Path, folder: str, service: str) -> None:
    warning = places.synchronised_folder_warning(tmp_path / folder / "b.zhangfang")
    assert warning is not None
    assert service in str(warning)


def test_a_synchronised_folder_is_known_by_its_mark_or_by_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert places.synchronised_folder_warning(tmp_path / "a" / "b.zhangfang") is None
    monkeypatch.setenv("OneDriveCommercial", str(tmp_path / "a"))
    assert "OneDrive" in str(places.synchronised_folder_warning(tmp_path / "a" / "b.zhangfang"))
    (tmp_path / ".stfolder").mkdir()
    assert "Syncthing" in str(places.synchronised_folder_warning(tmp_path / "c" / "b.zhangfang"))


@pytest.mark.parametrize(
    ("mark", "service"),
    [(".sync_0a1b2c.db", "Nextcloud"), (".seafile-data", "Seafile"), (".owncloudsync.log", "ownCloud")],
)
def test_a_synchronised_folder_is_known_by_what_the_service_keeps_in_it(
    tmp_path: Path, mark: str, service: str
) -> None:
    (tmp_path / mark).touch()
    assert places.synchronising_service(tmp_path / "a" / "b" / "c.zhangfang") == service


@links_only
def test_a_link_into_a_synchronised_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "Dropbox").mkdir()
    (tmp_path / "账").symlink_to(tmp_path / "Dropbox")
    assert places.synchronising_service(tmp_path / "账" / "b.zhangfang") == "Dropbox"


def test_places_that_do_not_exist_yet_lie_where_their_folder_does(tmp_path: Path) -> None:
    assert places.lie_on_one_disk(tmp_path / "a" / "b", tmp_path / "c")
