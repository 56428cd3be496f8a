"""The Windows installer: what it installs it can take away again, and it says everything in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import installer
from app.version import PROGRAM_NAME_EN, PROGRAM_NAME_ZH, VERSION

SCRIPT = installer.SCRIPT.read_text(encoding="utf-8")
CODE = "\n".join(re.sub(r"(^|\s);.*", "", line) for line in SCRIPT.splitlines())
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "build"
    for name in ("Zhangfang.exe", "_internal/b.dll", "_internal/a/二.txt", "_internal/a/price$.txt", "_internal/c/d/e"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x" * 1000)
    return folder


def test_the_payload_is_listed_in_one_order_with_its_size(built: Path) -> None:
    payload = installer.read_payload(built)
    assert payload.files == (
        "Zhangfang.exe",
        "_internal/a/price$.txt",
        "_internal/a/二.txt",
        "_internal/b.dll",
        "_internal/c/d/e",
    )
    assert payload.folders == ("_internal", "_internal/a", "_internal/c", "_internal/c/d")
    assert payload.size_kb == 5


def test_a_folder_without_the_program_is_refused(tmp_path: Path) -> None:
    with pytest.raises(installer.InstallerError, match=r"holds no Zhangfang\.exe"):
        installer.read_payload(tmp_path)


@pytest.mark.parametrize("name", ["a" * 161, 'quote".txt', "ask?.txt", "line\nbreak", "c:d", "back\\slash"])
def test_a_name_that_windows_cannot_take_is_refused(name: str) -> None:
    with pytest.raises(installer.InstallerError, match="Windows cannot install"):
        installer.require_windows_name(name)


def test_the_installed_list_names_every_file_then_the_folders_deepest_first(built: Path) -> None:
    lines = installer.file_list(installer.read_payload(built)).split("\r\n")
    assert lines.pop() == ""
    assert "_internal\\a\\二.txt" in lines
    assert "LICENSE.txt" in lines
    folders = [line for line in lines if line.endswith("\\")]
    assert folders == ["_internal\\c\\d\\", "_internal\\c\\", "_internal\\a\\", "_internal\\"]
    assert lines[-len(folders) :] == folders


def test_everything_that_is_installed_is_removed_by_name(built: Path, tmp_path: Path) -> None:
    text = installer.payload_script(built, installer.read_payload(built), tmp_path / "list.txt")
    install, remove = text.split("!macroend")[:2]
    place, installed = "", set()
    for line in install.splitlines():
        if match := re.fullmatch(r'  SetOutPath "(.*)"', line):
            place = match[1]
        elif match := re.fullmatch(r'  File "/oname=(.*?)" "(.*)"', line):
            installed.add(f"{place}\\{match[1]}")
            assert Path(match[2].replace("$$", "$")).is_file() or match[2].endswith("list.txt")
    removed = re.findall(r'  Delete "(.*)"', remove)
    assert set(removed) == installed
    assert "$INSTDIR\\_internal\\a\\price$$.txt" in installed
    assert "$INSTDIR\\LICENSE.txt" in installed
    assert "$INSTDIR\\_internal\\installed-files.txt" in installed
    folders = re.findall(r'  RMDir "(.*)"', remove)
    assert folders == sorted(folders, reverse=True), "a folder goes after what is in it"
    assert len(folders) == 4


def test_nothing_is_removed_with_all_that_lies_below_it() -> None:
    assert not re.search(r"(?i)RMDir\s+(/REBOOTOK\s+)?/r", CODE)


@pytest.mark.parametrize(("version", "numbers"), [("1.2.3", "1.2.3.0"), ("7", "7.0.0.0"), ("0.0.9.12", "0.0.9.12")])
def test_windows_wants_four_numbers(version: str, numbers: str) -> None:
    assert installer.four_numbers(version) == numbers


@pytest.mark.parametrize("version", ["", "1.2.3.4.5", "1.x", "1.-2", "70000", "1.2rc1", "１.2"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(installer.InstallerError, match="no version"):
        installer.four_numbers(version)


def sentences() -> dict[str, tuple[str, str]]:
    joined = SCRIPT.replace("\\\n", "")
    return {
        name: (english, chinese)
        for name, english, chinese in re.findall(r'!insertmacro Say (\w+)\s+"(.*?)"\s+"(.*?)"\n', joined)
    }


def test_every_text_is_there_in_both_languages() -> None:
    said = sentences()
    assert len(said) == SCRIPT.count("!insertmacro Say ")
    for english, chinese in said.values():
        assert not CHINESE.search(english), english
        assert CHINESE.search(chinese), chinese
        assert set(re.findall(r"\$\{?\w+\}?", english)) - {"$r", "$n"} == set(re.findall(r"\$\{?\w+\}?", chinese)) - {
            "$r",
            "$n",
        }
    assert said["ProgramName"] == (PROGRAM_NAME_EN, PROGRAM_NAME_ZH)


def test_no_text_is_used_that_is_not_there_and_none_is_there_unused() -> None:
    used = set(re.findall(r"\$\((\w+)\)", CODE))
    assert used == set(sentences())


def test_users_read_only_texts_of_the_two_languages() -> None:
    """Message boxes, page texts and names in the registry all come from the list above."""
    boxes = re.findall(r'MessageBox \S+ "(.*?)"', CODE)
    assert boxes
    assert all(re.fullmatch(r"\$\(\w+\)|\$\{TEXT\}", text) for text in boxes)
    assert not CHINESE.search(re.sub(r'(?s)!insertmacro (Say|FileProperties) .*?"\n', "", CODE + "\n"))


def test_nothing_of_the_whole_computer_is_written() -> None:
    assert "HKLM" not in CODE
    assert "SetShellVarContext all" not in CODE
    assert "RequestExecutionLevel user" in CODE


def test_makensis_gets_what_the_script_asks_for(built: Path, tmp_path: Path) -> None:
    payload = installer.read_payload(built)
    command = installer.makensis_command(VERSION, payload, tmp_path / "payload.nsh", tmp_path / "out.exe")
    given = {word[2:].split("=")[0] for word in command if word.startswith("-D")}
    defined = set(re.findall(r"!define (\w+)", CODE)) | {"UN", "NAME", "ENGLISH", "CHINESE", "TEXT", "CODE", "FILE"}
    of_nsis = ("LANG_", "CLSID_", "IID_", "PKEY_", "STGM_", "SYSSTRUCT_", "VT_")
    asked = {name for name in re.findall(r"\$\{([A-Z_]+)\}", CODE) if not name.startswith(of_nsis)}
    assert asked - defined - {"LANGUAGE", "DESCRIPTION"} == given


def test_without_makensis_one_sentence_says_what_to_install(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(installer.InstallerError, match="apt-get install nsis"):
        installer.make_installer(built, tmp_path / "out.exe", VERSION)
