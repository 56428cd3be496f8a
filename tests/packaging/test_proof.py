"""The proof's own instruments: it reads Chinese only where it stands, and it does not call a failure good."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from prove.glyphs import FONT, Region, find_text
from prove.record import ProofFailed, Record, require
from prove.showing import MANY, write_many
from prove.stage import LIKE, _entry, _value

EVERYWHERE = Region(0.0, 0.0, 1.0, 1.0)

needs_font = pytest.mark.skipif(sys.platform == "win32", reason="the font is Debian's, as the proof is")


def window(text: str, size_px: int = 14, at: tuple[int, int] = (60, 30)) -> Image.Image:
    """Return a small window with one text, a line beside it, edges smoothed otherwise than the pattern's."""
    picture = Image.new("RGB", (220, 80), "#f4f5f8")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((4, 20, 200, 60), outline="#116a63")
    draw.text(at, text, font=ImageFont.truetype(str(FONT), size_px), fill="#202428")
    return picture.filter(ImageFilter.GaussianBlur(0.4))


@needs_font
def test_a_text_is_found_where_it_stands() -> None:
    found = find_text(window("新建账簿"), "新建账簿", EVERYWHERE, range(12, 17))
    assert found.likeness > LIKE
    assert found.size_px == 14
    assert abs(found.x - 60) < 4
    assert abs(found.y - 32) < 6


@needs_font
def test_it_is_not_found_where_it_does_not_stand() -> None:
    assert find_text(window("新建账簿"), "新建账簿", Region(0.0, 0.0, 0.25, 1.0), range(12, 17)).likeness < LIKE - 0.2


@needs_font
@pytest.mark.parametrize("text", ["□□□□", "打开文件", "New book", "新建科目"])
def test_boxes_and_other_texts_are_not_taken_for_it(text: str) -> None:
    assert find_text(window(text), "新建账簿", EVERYWHERE, range(12, 17)).likeness < LIKE - 0.05


@needs_font
def test_an_empty_picture_holds_no_text() -> None:
    assert find_text(Image.new("RGB", (200, 60), "white"), "账房", EVERYWHERE, [14]).likeness == 0.0


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Record(tmp_path)


def fail() -> str:
    raise ProofFailed("two files are left")


def test_a_proof_goes_on_after_a_failure_and_ends_with_it(
    record: Record, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert record.step("first", lambda: "seen")
    assert not record.step("second", fail)
    assert not record.step("third", lambda: "seen", needs=("first", "second"))
    assert record.step("fourth", lambda: "seen", needs=("first",))
    assert record.finish(1.0) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:4]] == ["ok", "FAILED", "FAILED", "ok"]
    assert "two files are left" in lines[1]
    assert "not reached, because it needs: second" in lines[2]
    assert "FAILED: second, third" in lines[4]
    assert "Traceback" in (tmp_path / "proof.log").read_text(encoding="utf-8")


def test_a_proof_without_a_failure_ends_well(record: Record) -> None:
    record.step("only", lambda: "seen")
    assert record.is_good
    assert record.finish(1.0) == 0


def test_what_is_required_and_is_not_so_is_a_failure() -> None:
    require([0], "never")
    with pytest.raises(ProofFailed, match="missing"):
        require([], "missing")


def test_the_sample_for_the_window_balances(tmp_path: Path) -> None:
    lines = (write_many(tmp_path / "many") / "vouchers.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 2 * MANY
    rows = [line.split(",") for line in lines[1:]]
    assert [row[7] for row in rows[::2]] == [row[8] for row in rows[1::2]]
    assert {row[2] for row in rows} == {str(number) for number in range(1, MANY + 1)}


@pytest.mark.parametrize("value", ["Zhangfang.Book", '"C:\\Program Files\\Zhangfang.exe" "%1"', "", "账房账簿"])
def test_a_value_of_the_registry_is_read_as_it_was_written(value: str) -> None:
    assert _value(_entry("name", value).partition("=")[2]) == value
    assert _entry("@", value).startswith('@="')
