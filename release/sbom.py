"""The bill of materials of a release, as CycloneDX 1.6: packages, shipped data of others, and programs that are called.

The same commit gives the same bytes: the serial number and the time come from the commit.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import metadata, requires
from typing import TYPE_CHECKING, Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from generator import __version__
from generator.core.paths import schemas_root
from generator.core.programs.go_programs import GO_PROGRAMS
from generator.core.secrets.known import RULES
from generator.core.secrets.refresh import MODULE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.metadata import PackageMetadata
    from pathlib import Path

    from release.pins import Pin

    Json = dict[str, Any]

_ROOT: Final = f"pkg:pypi/servegen@{__version__}"
_APACHE: Final[list[Json]] = [{"license": {"id": "Apache-2.0"}}]
# Licences of SPDX by the names that older packages give them. A name that fits several is kept as it is.
_SPDX: Final = {"MIT": "MIT", "MIT License": "MIT", "BSD-3-Clause": "BSD-3-Clause"}


@dataclass(frozen=True, slots=True)
class Commit:
    """The commit that is released: its id, and its time in seconds."""

    id: str
    seconds: int


def make_sbom(pins: Sequence[Pin], commit: Commit) -> str:
    """Return the bill as JSON. The pinned packages must be installed, since their metadata has the licences."""
    components = [*map(_package, pins), *_programs(), _rules(), *_schemas()]
    data = [entry["bom-ref"] for entry in components if entry["type"] == "data"]
    needs = {_ROOT: [*_needs("servegen", pins), *data], **{pin.purl: _needs(pin.name, pins) for pin in pins}}
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, f"{_ROOT}#{commit.id}").urn,
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(commit.seconds, UTC).isoformat(),
            "component": {
                **_component("application", "servegen", __version__, _ROOT, _APACHE),
                "properties": [{"name": "commit", "value": commit.id}],
            },
        },
        "components": components,
        "dependencies": [{"ref": ref, "dependsOn": sorted(on)} for ref, on in needs.items()],
    }
    return json.dumps(bill, ensure_ascii=False, indent=2) + "\n"


def _component(kind: str, name: str, version: str, ref: str, licences: list[Json]) -> Json:
    purl = {"purl": ref} if ref.startswith("pkg:") else {}
    return {"type": kind, "bom-ref": ref, "name": name, "version": version, "licenses": licences, **purl}


def _package(pin: Pin) -> Json:
    """Return a package. Its hashes are those of its files, of which an installation uses one."""
    hashes = [{"alg": "SHA-256", "content": content} for content in pin.hashes]
    files = {"type": "distribution", "url": pin.purl, "hashes": hashes}
    licences = _licences(metadata(pin.name))
    return {**_component("library", pin.name, pin.version, pin.purl, licences), "externalReferences": [files]}


def _licences(found: PackageMetadata) -> list[Json]:
    for expression in found.get_all("License-Expression", []):
        return [{"expression": expression}]
    classifiers = [entry.rpartition(" :: ")[2] for entry in found.get_all("Classifier", []) if "License ::" in entry]
    for name in [*found.get_all("License", []), *classifiers]:
        return [{"license": {"id": _SPDX[name]} if name in _SPDX else {"name": name}}]
    return []


def _needs(name: str, pins: Sequence[Pin]) -> list[str]:
    """Return the packages that a package needs, without those of extras and of other platforms."""
    lines = [Requirement(line) for line in requires(name) or []]
    wanted = {
        canonicalize_name(line.name) for line in lines if line.marker is None or line.marker.evaluate({"extra": ""})
    }
    return [pin.purl for pin in pins if canonicalize_name(pin.name) in wanted]


def _programs() -> list[Json]:
    """Return the programs that servegen calls if they are installed; it ships none of them."""
    git = {"type": "application", "bom-ref": "git", "name": "git", "licenses": [{"license": {"id": "GPL-2.0-only"}}]}
    built = []
    for name, program in GO_PROGRAMS.items():
        package, _, version = program.package.partition("@")
        module, _, command = package.partition("/cmd/")
        ref = f"pkg:golang/{module}@{version}{f'#cmd/{command}' if command else ''}"
        built.append({**_component("application", name, version, ref, _APACHE), "scope": "optional"})
    return [*built, {**git, "scope": "required", "description": "any installed version"}]


def _rules() -> Json:
    module, _, version = MODULE.partition("@")
    shipped = _component("data", module, version, f"pkg:golang/{MODULE}", [{"license": {"id": "MIT"}}])
    return {**shipped, "hashes": [_sha256(RULES)], "description": f"rules for secrets, in {_shown(RULES)}"}


def _schemas() -> list[Json]:
    """Return the archives of schemas, and the packages from whose files they were made."""
    lock = json.loads((schemas_root() / "schemas.lock.json").read_text(encoding="utf-8"))
    found = []
    for archive in sorted(schemas_root().glob("*.tar.xz")):
        entry = _component("data", _shown(archive), __version__, archive.name, _APACHE)
        found.append({**entry, "hashes": [_sha256(archive)]})
    for name, kind, version in sorted({_source(key) for key in lock["sources"]}):
        entry = _component("data", name, version, f"pkg:{kind}/{name}@{version}", _APACHE)
        found.append({**entry, "description": "a source of the schemas"})
    return found


def _source(key: str) -> tuple[str, str, str]:
    """Return name, type and version of the package that a key of the lock file names: `module@v1/file` or `name==1`."""
    name, separator, rest = key.partition("==") if "==" in key else key.partition("@")
    return name, "pypi" if separator == "==" else "golang", rest.partition("/")[0]


def _sha256(file: Path) -> Json:
    return {"alg": "SHA-256", "content": hashlib.sha256(file.read_bytes()).hexdigest()}


def _shown(file: Path) -> str:
    return file.relative_to(schemas_root().parent.parent.parent).as_posix()
