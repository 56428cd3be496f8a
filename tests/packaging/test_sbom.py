"""The list of components: made from records of a build, complete, in the common form, and always the same."""

from __future__ import annotations

import importlib.util
import json
import sys
import sysconfig
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import contents
import sbom

EPOCH = 1_700_000_000


def load_form() -> Any:
    spec = importlib.util.spec_from_file_location("cyclonedx", Path(__file__).with_name("cyclonedx.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def build(tmp_path: Path) -> contents.Build:
    """Records of a build with two packages of this environment, a module of Python's and one of the program's."""
    packages = Path(sysconfig.get_paths()["purelib"])
    library = Path(sysconfig.get_paths()["stdlib"])
    modules = [
        ("flask", str(packages / "flask" / "__init__.py"), "PYMODULE-1"),
        ("json", str(library / "json" / "__init__.py"), "PYMODULE-1"),
        ("app", str(tmp_path / "project" / "app" / "__init__.py"), "PYMODULE-1"),
        ("jaraco", "-", "PYMODULE-1"),
    ]
    qt = next(
        str(file.locate())
        for file in metadata.files("PyQt5-Qt5") or ()
        if file.name.endswith(("Core.so.5", "Core.dll"))
    )
    records = tmp_path / "records"
    records.mkdir()
    (records / "PYZ-00.toc").write_text(repr(("PYZ-00.pyz", modules)), encoding="utf-8")
    (records / "COLLECT-00.toc").write_text(repr(([("PyQt5/Core", qt, "BINARY")], "name", True)), encoding="utf-8")
    return contents.Build("linux", records, packages, Path(sys.base_prefix), tmp_path / "project")


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """The folder of files the build was made from."""
    folder = tmp_path / "inputs"
    folder.mkdir()
    for name in ("flask-3.1.3-py3-none-any", "PyQt5_Qt5-5.15.19-py3-none-any", "pyinstaller-6.22.3-py3-none-any"):
        (folder / f"{name}.whl").write_bytes(name.encode())
    return folder


def test_everything_in_the_records_is_listed_once_with_version_licence_and_hash(
    build: contents.Build, inputs: Path
) -> None:
    listed = {component.name: component for component in sbom.components(build, inputs)}
    assert set(listed) == {"CPython", "flask", "pyinstaller", "pyqt5-qt5", "Qt"}
    assert listed["flask"].version == metadata.version("flask")
    assert listed["flask"].purl == f"pkg:pypi/flask@{metadata.version('flask')}"
    assert listed["flask"].licences == (sbom.Licence("expression", "BSD-3-Clause"),)
    assert listed["CPython"].version == ".".join(map(str, sys.version_info[:3]))


def test_a_file_of_unknown_origin_stops_the_list(build: contents.Build, inputs: Path) -> None:
    stray = [("stray", str(build.packages / "stray.py"), "PYMODULE")]
    (build.records / "PYZ-00.toc").write_text(repr(("PYZ-00.pyz", stray)), encoding="utf-8")
    with pytest.raises(ValueError, match="no package says that it is its own"):
        sbom.components(build, inputs)


def test_a_file_of_another_place_on_this_system_stops_it_too(
    build: contents.Build, inputs: Path, tmp_path: Path
) -> None:
    (tmp_path / "libx.so").write_bytes(b"x")
    (build.records / "COLLECT-00.toc").write_text(repr(([("libx.so", str(tmp_path / "libx.so"), "BINARY")],)))
    with pytest.raises(ValueError, match="belongs to no Debian package"):
        sbom.components(build, inputs)


def test_windows_paths_and_capitals_of_records_lead_to_the_files(build: contents.Build, tmp_path: Path) -> None:
    """Under Wine the records are in Windows' spelling, and name libraries in capitals their files do not have."""
    (tmp_path / "python").mkdir()
    (tmp_path / "python" / "vcruntime140.dll").write_bytes(b"MZ")
    flask = str(build.packages / "flask" / "__init__.py").replace("/", "\\")
    python = str(tmp_path / "python" / "VCRUNTIME140.dll").replace("/", "\\")
    (build.records / "PYZ-00.toc").write_text(repr(("x", [("flask", "Z:" + flask.upper(), "PYMODULE")])))
    (build.records / "COLLECT-00.toc").write_text(repr(([("VCRUNTIME140.dll", "Z:" + python, "BINARY")],)))
    found = contents.parts(build._replace(system="windows", python=tmp_path / "python"))
    assert [(part.owner, part.source.name) for part in found] == [
        ("python", "vcruntime140.dll"),
        ("flask", "__init__.py"),
    ]


def test_the_list_has_the_common_form_and_is_the_same_each_time(
    build: contents.Build, inputs: Path, tmp_path: Path
) -> None:
    listed = sbom.components(build, inputs)
    both = {"linux": listed, "windows": listed[:2]}
    document = sbom.document(both, "zhangfang", "1.2.3", EPOCH)
    load_form().assert_valid(document)
    sbom.write(tmp_path / "one.json", document)
    sbom.write(tmp_path / "two.json", sbom.document(dict(reversed(both.items())), "zhangfang", "1.2.3", EPOCH))
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    read = json.loads((tmp_path / "one.json").read_text("utf-8"))
    assert read["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
    places = [[one["value"] for one in component["properties"]] for component in read["components"]]
    assert sorted(places) == [["linux"]] * 3 + [["linux", "windows"]] * 2
