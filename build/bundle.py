"""What goes into the built programs and what stays out; installer.spec asks, tests/packaging checks.

Nothing is listed by hand that can be read from the tree: modules and resources are found in their folders, and a shared
library is kept exactly when something that is kept is linked with it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import inputs

# (name inside the bundle, path on this machine, kind), as PyInstaller's Analysis keeps them
Entry = tuple[str, str, str]

# Of Qt's plugins only these are for a program of widgets with pictures; the others (databases, maps, sensors, screens
# without a window system …) would drag in 60 MB of libraries.
KEPT_PLUGINS = {
    "iconengines": {"qsvgicon"},
    "imageformats": {"qgif", "qico", "qjpeg", "qsvg", "qwebp"},
    "platforminputcontexts": {"composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"},
    "platforms": {"qoffscreen", "qwindows", "qxcb"},
    "platformthemes": {"qxdgdesktopportal"},
    "printsupport": {"cupsprintersupport", "windowsprintersupport"},
    "styles": {"qwindowsvistastyle"},
    "xcbglintegrations": {"qxcb-glx-integration"},
}

# Qt's own texts (buttons of standard dialogs): the program speaks Chinese and English, and English is built in.
KEPT_QT_TEXTS = {"qtbase_zh_CN.qm"}

# Libraries Qt loads by name on Windows for drawing with OpenGL, which widgets do not use: 28 MB; and the bridge to the
# dialogs of Linux desktops, which would bring Qt's D-Bus along.
UNUSED_WINDOWS_LIBRARIES = {
    "opengl32sw.dll",
    "d3dcompiler_47.dll",
    "libglesv2.dll",
    "libegl.dll",
    "qxdgdesktopportal.dll",
}

# The printing system of Linux is the computer's own: where it is missing, Qt offers to print into a PDF only. Bundled
# it would bring 8 MB of libraries along.
SYSTEM_LIBRARIES = ("libcups.",)

# Of a package's own description: what libraries read at run time. The others are the installer's notes, some of which
# depend on where the package was installed, and the licences, which travel in a folder of their own.
LICENCE_NAMES = ("licen", "copying", "notice", "authors")
KEPT_OF_DESCRIPTIONS = {"METADATA", "entry_points.txt"}


def data_files(root: Path) -> list[tuple[str, str]]:
    """Return (file, folder in the bundle) for the licence and everything in the resources folder at `root`."""
    found = [path for path in (root / "resources").rglob("*") if path.is_file() and not path.name.startswith(".")]
    return [(str(path), path.parent.relative_to(root).as_posix()) for path in [root / "LICENSE", *sorted(found)]]


def program_modules(root: Path) -> list[str]:
    """Return the dotted names of all modules of the program.

    Following imports alone would miss those that are found by listing their folder, as migrations are.
    """
    names: list[str] = []
    for path in sorted((root / "app").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


def is_described(name: str) -> bool:
    """Tell whether a module holds shapes or routes, whose docstrings are the words of the OpenAPI document."""
    return name.startswith("app.contract.") or (name.startswith("app.") and name.endswith((".api", "_api")))


def keep_descriptions(modules: list[Entry]) -> list[Entry]:
    """Return the modules Analysis found, those of `is_described` to be compiled with their docstrings."""
    return [(name, path, "PYMODULE-1" if is_described(name) else kind) for name, path, kind in modules]


def workshop_modules(requirement_file: Path) -> list[str]:
    """Return the import names of installed packages that the program's requirements do not lead to.

    Tests and build tools live in the same environment; libraries that use one of them "if it is there" would otherwise
    drag it into the program.
    """
    roots = [Requirement(text) for text in inputs.requirement_lines(requirement_file)]
    needed = inputs.led_to(roots, lambda name: metadata.requires(name) or ())
    return sorted(
        module
        for module, owners in metadata.packages_distributions().items()
        if module.isidentifier() and needed.keys().isdisjoint(canonicalize_name(owner) for owner in owners)
    )


def licence_files(modules: Iterable[str]) -> list[tuple[str, str]]:
    """Return (file, folder in the bundle) for the licences of the packages that modules belong to, and of Python.

    Most licences ask that their text goes along with every copy.

    Args:
        modules: names of modules and of files of packages; what stands before the first dot or slash counts.
    """
    tops = {re.split(r"[./\\]", name)[0] for name in modules}
    owners = metadata.packages_distributions()
    found: list[tuple[str, str]] = []
    for package in sorted({owner for top in tops for owner in owners.get(top, ())}):
        found += [
            (str(file.locate()), f"licences/{canonicalize_name(package)}")
            for file in metadata.files(package) or ()
            if ".dist-info" in str(file) and file.name.lower().startswith(LICENCE_NAMES)
        ]
    python = [Path(sys.base_prefix) / "LICENSE.txt", Path(os.__file__).with_name("LICENSE.txt")]
    return found + [(str(path), "licences/python") for path in python if path.is_file()]


def is_wanted(name: str) -> bool:
    """Tell whether a file of the bundle is wanted by its name alone; libraries are looked at again by `linked_only`."""
    path = PurePosixPath(name.replace("\\", "/"))
    parts = path.parts
    lower = path.name.lower()
    if lower in UNUSED_WINDOWS_LIBRARIES or lower.startswith(SYSTEM_LIBRARIES) or path.suffix == ".pyi":
        return False
    if parts[0].endswith(".dist-info"):
        return path.name in KEPT_OF_DESCRIPTIONS
    if "plugins" in parts and "Qt5" in parts:
        kind = parts[parts.index("plugins") + 1]
        plugin = path.name.split(".")[0].removeprefix("lib")
        return plugin in KEPT_PLUGINS.get(kind, set())
    if "translations" in parts and "Qt5" in parts:
        return path.name in KEPT_QT_TEXTS
    return not ({"qml", "uic"} & set(parts) and "PyQt5" in parts)


def _is_library(name: str, kind: str) -> bool:
    """Tell whether an entry is a shared library that others may be linked with, not an extension or a plugin."""
    path = PurePosixPath(name.replace("\\", "/"))
    return kind == "BINARY" and "plugins" not in path.parts and not path.name.startswith(("libpython", "python"))


def linked_only(entries: Iterable[Entry], imports_of: Callable[[str], Iterable[tuple[str, str | None]]]) -> list[Entry]:
    """Drop the shared libraries that nothing kept is linked with, and links to dropped files.

    Args:
        entries: the binaries and data files Analysis found, after `is_wanted`.
        imports_of: PyInstaller's `get_imports`: for a file, names and full paths of the libraries it is linked with.
    """
    all_entries = list(entries)
    libraries = {_file_name(path): path for name, path, kind in all_entries if _is_library(name, kind)}
    waiting = [
        path for name, path, kind in all_entries if kind in ("BINARY", "EXTENSION") and not _is_library(name, kind)
    ]
    needed: set[str] = set()
    while waiting:
        imported = list(imports_of(waiting.pop()))
        if any(_file_name(resolved or wanted).startswith(SYSTEM_LIBRARIES) for wanted, resolved in imported):
            continue  # what the system's own library is linked with is listed here too, and comes with the system
        for wanted, resolved in imported:
            name = _file_name(resolved or wanted)
            if name in libraries and name not in needed:
                needed.add(name)
                waiting.append(libraries[name])
    kept = [
        (name, path, kind)
        for name, path, kind in all_entries
        if kind != "SYMLINK" and (not _is_library(name, kind) or _file_name(path) in needed)
    ]
    names = {name for name, _, _ in kept}
    links = [entry for entry in all_entries if entry[2] == "SYMLINK" and _link_target(entry) in names]
    return kept + links


def _file_name(path: str) -> str:
    """Return the last part of a path written with either kind of slash, in small letters: Windows knows no others."""
    return PurePosixPath(path.replace("\\", "/")).name.lower()


def _link_target(entry: Entry) -> str:
    """Return the name inside the bundle that a SYMLINK entry points to."""
    return (PurePosixPath(entry[0]).parent / entry[1]).as_posix()


def version_resource(version: str, file_name: str, name_en: str, name_zh: str, rights: str) -> str:
    """Return the text PyInstaller makes a Windows version resource from: what Explorer shows under Properties, Details.

    Args:
        version: as in app/version.py, three numbers.
        file_name: the program's file, with .exe.
        name_en: the product's name for an English Windows.
        name_zh: the same for a Chinese one.
        rights: who owns it and under which licence.
    """
    numbers = (*tuple(int(part) for part in version.split(".")), 0)

    def strings(language_and_code_page: str, name: str) -> str:
        entries = {
            "CompanyName": name,
            "FileDescription": name,
            "FileVersion": version,
            "InternalName": name_en,
            "LegalCopyright": rights,
            "OriginalFilename": file_name,
            "ProductName": name,
            "ProductVersion": version,
        }
        structs = ", ".join(f"StringStruct({key!r}, {value!r})" for key, value in entries.items())
        return f"StringTable({language_and_code_page!r}, [{structs}])"

    tables = ", ".join((strings("040904B0", name_en), strings("080404B0", name_zh)))  # US English, PRC Chinese; Unicode
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0, OS=0x40004, "
        f"fileType=1, subtype=0), kids=[StringFileInfo([{tables}]), "
        "VarFileInfo([VarStruct('Translation', [0x0409, 1200, 0x0804, 1200])])])\n"
    )
