"""What the build takes along: all of the program, none of what Qt would bring for other kinds of programs."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import app
import bundle
from app.version import COPYRIGHT, VERSION

ROOT = Path(app.__file__).parent.parent


def test_every_resource_and_the_licence_travel_under_their_own_path() -> None:
    travelling = {f"{folder}/{Path(file).name}".removeprefix("./") for file, folder in bundle.data_files(ROOT)}
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "resources").rglob("*") if path.is_file()}
    assert travelling == {name for name in there if not Path(name).name.startswith(".")} | {"LICENSE"}


def test_the_licences_of_what_travels_go_along() -> None:
    files = bundle.licence_files(["flask.app", "PyQt5/Qt5/bin/Qt5Core.dll", "PIL\\_imaging.pyd", "json", "app.version"])
    owners = {folder.partition("/")[2] for _, folder in files}
    assert owners >= {"flask", "pillow", "pyqt5-sip", "python"}
    assert owners.isdisjoint({"pytest", "jinja2"})
    assert all(Path(file).stat().st_size for file, _ in files)


def test_every_module_of_the_program_travels() -> None:
    """Python's own walk over the package finds the same modules, so that nothing loaded by name is left at home."""

    def below(folders: Iterable[str], prefix: str) -> Iterator[str]:
        for module in pkgutil.iter_modules(folders, prefix):
            yield module.name
            if module.ispkg:
                yield from below([f"{ROOT}/{module.name.replace('.', '/')}"], f"{module.name}.")

    assert sorted(bundle.program_modules(ROOT)) == sorted(["app", *below(app.__path__, "app.")])


def test_only_what_describes_the_interface_travels_with_its_docstrings() -> None:
    found = [
        ("app.ledger.api", "a", "PYMODULE-2"),
        ("app.ui.shell", "b", "PYMODULE-2"),
        ("flask.app", "c", "PYMODULE-2"),
    ]
    kinds = [kind for _, _, kind in bundle.keep_descriptions(found)]
    assert kinds == ["PYMODULE-1", "PYMODULE-2", "PYMODULE-2"]
    declaring = {path.stem for path in (ROOT / "app").rglob("*.py") if "= Routes(" in path.read_text(encoding="utf-8")}
    assert all(bundle.is_described(f"app.slice.{stem}") for stem in declaring - {"routes", "factory"})
    assert bundle.is_described("app.contract.ledger")


@pytest.mark.parametrize(
    "name",
    [
        "PyQt5/Qt5/plugins/platforms/libqxcb.so",
        "PyQt5/Qt5/plugins/platforms/libqoffscreen.so",
        "PyQt5\\Qt5\\plugins\\platforms\\qwindows.dll",
        "PyQt5/Qt5/plugins/iconengines/libqsvgicon.so",
        "PyQt5/Qt5/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so",
        "PyQt5/Qt5/translations/qtbase_zh_CN.qm",
        "PyQt5/QtWidgets.abi3.so",
        "resources/translations/en/ledger.json",
        "flask_openapi3_swagger/templates/swagger/css/swagger-ui.css",
        "keyring-25.7.0.dist-info/entry_points.txt",
        "licences/click/LICENSE.txt",
    ],
)
def test_what_the_window_needs_is_kept(name: str) -> None:
    assert bundle.is_wanted(name)


@pytest.mark.parametrize(
    "name",
    [
        "PyQt5/Qt5/plugins/platforms/libqwebgl.so",
        "PyQt5/Qt5/plugins/platforms/libqwayland-egl.so",
        "PyQt5/Qt5/plugins/sqldrivers/libqsqlite.so",
        "libcups.so.2",
        "PyQt5/Qt5/translations/qtbase_fr.qm",
        "PyQt5/Qt5/qml/QtQuick/qmldir",
        "PyQt5\\Qt5\\bin\\opengl32sw.dll",
        "PyQt5\\Qt5\\plugins\\platformthemes\\qxdgdesktopportal.dll",
        "pypinyin/core.pyi",
        "click-8.5.1.dist-info/RECORD",  # holds a script's hash, which depends on where the package was installed
    ],
)
def test_what_it_does_not_need_stays_out(name: str) -> None:
    assert not bundle.is_wanted(name)


def test_a_library_is_kept_only_when_something_kept_is_linked_with_it() -> None:
    linked = {
        "/x/QtGui.so": ["/x/libQt5Gui.so.5", "/lib/libc.so.6"],
        "/x/libQt5Gui.so.5": ["/x/libQt5Core.so.5"],
        "/x/libQt5Quick.so.5": ["/x/libQt5Qml.so.5"],
        "/x/libpython3.11.so": ["/lib/libz.so.1"],
    }
    entries = [
        ("PyQt5/QtGui.so", "/x/QtGui.so", "EXTENSION"),
        ("PyQt5/Qt5/lib/libQt5Gui.so.5", "/x/libQt5Gui.so.5", "BINARY"),
        ("PyQt5/Qt5/lib/libQt5Core.so.5", "/x/libQt5Core.so.5", "BINARY"),
        ("PyQt5/Qt5/lib/libQt5Quick.so.5", "/x/libQt5Quick.so.5", "BINARY"),
        ("PyQt5/Qt5/lib/libQt5Qml.so.5", "/x/libQt5Qml.so.5", "BINARY"),
        ("libpython3.11.so", "/x/libpython3.11.so", "BINARY"),
        ("libz.so.1", "/lib/libz.so.1", "BINARY"),
        ("libQt5Gui.so.5", "PyQt5/Qt5/lib/libQt5Gui.so.5", "SYMLINK"),
        ("libQt5Quick.so.5", "PyQt5/Qt5/lib/libQt5Quick.so.5", "SYMLINK"),
    ]

    def imports_of(path: str) -> list[tuple[str, str | None]]:
        return [(Path(full).name, full) for full in linked.get(path, [])]

    kept = {name for name, _, _ in bundle.linked_only(entries, imports_of)}
    dropped = {name for name, _, _ in entries} - kept
    assert dropped == {"PyQt5/Qt5/lib/libQt5Quick.so.5", "PyQt5/Qt5/lib/libQt5Qml.so.5", "libQt5Quick.so.5"}


def test_what_the_systems_printing_needs_comes_with_the_system() -> None:
    linked: dict[str, list[tuple[str, str | None]]] = {
        "/x/libcupsprintersupport.so": [
            ("libQt5PrintSupport.so.5", "/x/libQt5PrintSupport.so.5"),
            ("libcups.so.2", "/usr/libcups.so.2"),
            ("libgnutls.so.30", "/usr/libgnutls.so.30"),
        ],
        "/x/QtPrintSupport.so": [("libQt5PrintSupport.so.5", "/x/libQt5PrintSupport.so.5")],
    }
    entries = [
        ("PyQt5/Qt5/plugins/printsupport/libcupsprintersupport.so", "/x/libcupsprintersupport.so", "BINARY"),
        ("PyQt5/QtPrintSupport.so", "/x/QtPrintSupport.so", "EXTENSION"),
        ("PyQt5/Qt5/lib/libQt5PrintSupport.so.5", "/x/libQt5PrintSupport.so.5", "BINARY"),
        ("libgnutls.so.30", "/usr/libgnutls.so.30", "BINARY"),
    ]
    kept = {name for name, _, _ in bundle.linked_only(entries, lambda path: linked.get(path, []))}
    assert {name for name, _, _ in entries} - kept == {"libgnutls.so.30"}


def test_windows_libraries_are_found_in_any_spelling() -> None:
    """Programs name a library in other capitals than its file has; those of Windows itself are not ours to bring."""
    linked: dict[str, list[tuple[str, str | None]]] = {
        "Z:\\x\\QtGui.pyd": [("QT5GUI.dll", "Z:\\x\\Qt5\\bin\\Qt5Gui.dll"), ("KERNEL32.dll", None)],
        "Z:\\x\\Qt5\\bin\\Qt5Gui.dll": [("msvcp140.dll", "Z:\\x\\Qt5\\bin\\MSVCP140.dll")],
    }
    entries = [
        ("PyQt5\\QtGui.pyd", "Z:\\x\\QtGui.pyd", "EXTENSION"),
        ("PyQt5\\Qt5\\bin\\Qt5Gui.dll", "Z:\\x\\Qt5\\bin\\Qt5Gui.dll", "BINARY"),
        ("PyQt5\\Qt5\\bin\\MSVCP140.dll", "Z:\\x\\Qt5\\bin\\MSVCP140.dll", "BINARY"),
        ("PyQt5\\Qt5\\bin\\Qt5DBus.dll", "Z:\\x\\Qt5\\bin\\Qt5DBus.dll", "BINARY"),
        ("python3.dll", "Z:\\x\\python3.dll", "BINARY"),
    ]
    kept = {name for name, _, _ in bundle.linked_only(entries, lambda path: linked.get(path, []))}
    assert {name for name, _, _ in entries} - kept == {"PyQt5\\Qt5\\bin\\Qt5DBus.dll"}


def test_only_what_the_requirements_lead_to_comes_along() -> None:
    kept_out = set(bundle.workshop_modules(ROOT / "requirements.txt"))
    assert {"pytest", "hypothesis", "mypy", "PyInstaller", "schemathesis"} <= kept_out
    # named, behind a requirement, behind an extra of one, an extra's own requirement
    assert kept_out.isdisjoint({"flask", "jinja2", "cryptography", "flask_openapi3_swagger", "pydantic_core", "PyQt5"})


class Node(NamedTuple):
    """What a constructor in the version resource was called with."""

    name: str
    arguments: tuple[object, ...]
    options: dict[str, object]


def test_the_version_resource_names_the_program_in_both_languages() -> None:
    def constructor(name: str) -> object:
        return lambda *arguments, **options: Node(name, arguments, options)

    names = (
        "VSVersionInfo",
        "FixedFileInfo",
        "StringFileInfo",
        "StringTable",
        "StringStruct",
        "VarFileInfo",
        "VarStruct",
    )
    text = bundle.version_resource(VERSION, "Zhangfang.exe", "Zhangfang", "账房", COPYRIGHT)
    whole = eval(text, {"__builtins__": {}} | {name: constructor(name) for name in names})
    fixed = whole.options["ffi"]
    assert fixed.options["filevers"] == (*map(int, VERSION.split(".")), 0)
    strings, _ = whole.options["kids"]
    tables = {
        table.arguments[0]: dict(struct.arguments for struct in table.arguments[1]) for table in strings.arguments[0]
    }
    assert tables["080404B0"]["ProductName"] == "账房"
    assert tables["040904B0"]["ProductName"] == "Zhangfang"
    assert tables["040904B0"]["FileVersion"] == VERSION
    assert {table["LegalCopyright"] for table in tables.values()} == {COPYRIGHT}
