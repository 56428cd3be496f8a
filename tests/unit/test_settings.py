"""What the program remembers on this computer."""

from __future__ import annotations

import logging
import threading
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import settings as settings_module
from app.settings import FILE_NAME, MAX_RECENT, Settings, data_folder, load_settings, save_settings

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def test_without_a_file_the_defaults_count(data_dir: Path) -> None:
    assert data_folder() == data_dir
    assert load_settings() == Settings()
    assert not data_dir.exists()


@given(
    st.builds(
        Settings,
        language=st.sampled_from(["", "zh", "en"]),
        theme=st.sampled_from(["system", "light", "dark"]),
        last_book=texts,
        recent_books=st.lists(texts, max_size=MAX_RECENT).map(tuple),
        other_programs=st.booleans(),
        other_programs_port=st.integers(1, 65535),
        update_check=st.booleans(),
        update_url=texts,
        update_key=texts,
        update_seen=st.just("") | st.tuples(*[st.integers(0, 9999)] * 3).map(lambda v: ".".join(map(str, v))),
        update_day=st.just("") | st.dates().map(str),
        update_failed=st.booleans(),
        automatic_backups=st.booleans(),
        backup_folder=texts,
        backup_limit_mb=st.integers(100, 10_000_000),
        backup_reminder_days=st.integers(1, 365),
        window=st.dictionaries(texts, texts, max_size=4),
    )
)
def test_what_is_saved_is_loaded(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> None:
    folder = tmp_path_factory.mktemp("settings")
    save_settings(settings, folder)
    assert load_settings(folder) == settings
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]


def test_recent_books_are_few_and_the_latest_is_first() -> None:
    settings = Settings()
    for number in range(MAX_RECENT + 3):
        settings = settings.with_book(f"{number}.zhangfang")
    settings = settings.with_book("5.zhangfang")
    assert settings.last_book == "5.zhangfang"
    assert settings.recent_books[:2] == ("5.zhangfang", f"{MAX_RECENT + 2}.zhangfang")
    assert len(set(settings.recent_books)) == len(settings.recent_books) == MAX_RECENT
    for query in ("?ledger=l&tls=verify&tls_ca=/a.pem", "?ledger=l", "?ledger=l&tls=off"):  # one place, once
        settings = settings.with_book(f"mysql://u@h/d{query}")
    assert settings.recent_books[:2] == ("mysql://u@h/d?ledger=l&tls=off", "5.zhangfang")


@pytest.mark.parametrize("content", [b"language = ", b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_set_aside(
    data_dir: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    data_dir.mkdir()
    (data_dir / FILE_NAME).write_bytes(content)
    assert load_settings() == Settings()
    assert (data_dir / f"{FILE_NAME}.broken").read_bytes() == content
    assert "set aside" in caplog.text
    save_settings(Settings(theme="dark"))
    assert load_settings().theme == "dark"


def test_values_that_make_no_sense_keep_their_defaults_and_others_count(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data_dir.mkdir()
    (data_dir / FILE_NAME).write_text(
        'language = "fr"\ntheme = 3\nlast_book = []\nrecent_books = [1]\nother_programs = "yes"\n'
        "other_programs_port = true\nunheard_of = 1\nautomatic_backups = 1\nbackup_folder = false\n"
        "backup_limit_mb = 3\nbackup_reminder_days = 0\nupdate_check = 1\nupdate_url = 1\nupdate_key = []\n"
        'update_seen = "1.0"\nupdate_day = "today"\nupdate_failed = 0\n[window]\nleft = 3\n',
        encoding="utf-8",
    )
    with caplog.at_level(logging.WARNING):
        assert load_settings() == Settings()
    assert len(caplog.records) == 17
    (data_dir / FILE_NAME).write_text('language = "en"\ntheme = "pink"\n', encoding="utf-8")
    assert load_settings() == Settings(language="en")


def test_a_folder_in_place_of_the_file_does_not_stop_the_program(data_dir: Path) -> None:
    (data_dir / FILE_NAME).mkdir(parents=True)
    assert load_settings() == Settings()
    with pytest.raises(OSError, match=r"."):
        save_settings(Settings())
    assert [path.name for path in data_dir.iterdir()] == [FILE_NAME]


def test_every_setting_is_written_and_read() -> None:
    """A setting that is added needs a line in the table of kinds; this says so before a user meets it."""
    assert settings_module._KINDS.keys() == {known.name for known in fields(Settings)}


def test_settings_are_saved_while_another_reads_them(tmp_path: Path) -> None:
    save_settings(Settings(theme="dark"), tmp_path)
    reading = (tmp_path / FILE_NAME).open(encoding="utf-8")
    closing = threading.Timer(0.1, reading.close)
    closing.start()
    try:
        save_settings(Settings(theme="light"), tmp_path)
    finally:
        closing.join()
    assert load_settings(tmp_path).theme == "light"
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
