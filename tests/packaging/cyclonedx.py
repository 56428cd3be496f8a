"""What CycloneDX 1.6 asks of a list of components, as far as ours goes; both tests of such lists use it."""

from __future__ import annotations

import re
from typing import Any

COMPONENT_TYPES = {"application", "framework", "library", "platform", "file", "operating-system"}


def assert_valid(document: dict[str, Any]) -> None:
    assert document.keys() <= {
        "bomFormat",
        "specVersion",
        "serialNumber",
        "version",
        "metadata",
        "components",
        "dependencies",
    }
    assert (document["bomFormat"], document["specVersion"], document["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", document["serialNumber"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["metadata"]["timestamp"])
    program = document["metadata"]["component"]
    assert program["type"] == "application"
    references = [program["bom-ref"]]
    for component in document["components"]:
        _assert_component(component)
        references.append(component["bom-ref"])
    assert len(references) == len(set(references)), "a reference must be unique"
    for dependency in document["dependencies"]:
        assert {dependency["ref"], *dependency["dependsOn"]} <= set(references)


def _assert_component(component: dict[str, Any]) -> None:
    assert component.keys() == {"type", "bom-ref", "name", "version", "purl", "licenses", "hashes", "properties"}
    assert component["type"] in COMPONENT_TYPES
    assert component["name"]
    assert re.match(r"[0-9a-z]", component["version"]), component
    assert re.fullmatch(
        r"pkg:(pypi|generic|deb/[a-z]+)/[a-z0-9.%A-F-]+@[^@?#:+ ]+(\?file=[^?#+ ]+)?", component["purl"]
    )
    assert [(one["alg"], len(one["content"])) for one in component["hashes"]] == [("SHA-256", 64)]
    forms = [tuple(one) for one in component["licenses"]]
    assert forms == [("expression",)] or (forms and set(forms) == {("license",)}), component
    for one in component["licenses"]:
        if "license" in one:
            assert len(one["license"]) == 1
            assert one["license"].keys() <= {"id", "name"}
