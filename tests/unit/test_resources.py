"""The program's own files, in the source tree and unpacked."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kernel.text import message
from app.resources import catalogue, resource_path


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Read the catalogues anew, and do not leave made-up ones behind."""
    catalogue.cache_clear()
    yield
    catalogue.cache_clear()


def test_resources_are_found_in_the_source_tree() -> None:
    assert resource_path("charts", "small_enterprise_2013.csv").is_file()


def test_the_english_catalogue_is_the_union_of_its_files() -> None:
    english = catalogue("en")
    for path in resource_path("translations", "en").glob("*.json"):
        assert set(json.loads(path.read_text(encoding="utf-8"))) <= set(english)
    sentence = message("没有文件夹“{path}”。", path="/x")
    assert sentence.render(english) == "There is no folder “/x”."
    assert catalogue("en") is english
    assert catalogue("zh") == catalogue("xx") == {}


def test_the_built_program_finds_them_where_it_was_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "resources" / "translations" / "en"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text('{"一": "one", "二": "two"}', encoding="utf-8")
    (folder / "b.json").write_text('{"一": "One", "三": "three"}', encoding="utf-8")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resource_path("charts") == tmp_path / "resources" / "charts"
    assert catalogue("en") == {"一": "one", "二": "two", "三": "three"}
