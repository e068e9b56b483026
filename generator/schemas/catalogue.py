"""Find the shipped schemas, which are unpacked once per machine so that both engines read the same files."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from generator.core.errors import UsageError
from generator.core.paths import schemas_root
from generator.core.programs.control import user_cache

_CRDS: Final = "crds"
RULES: Final = "rules"
"""The folder of what JSON Schema cannot express about custom resources."""
_LAYOUT: Final = "its files are named <group>/<kind in lower case>_<version>.json"


class SchemaCatalog(Struct, frozen=True):
    """The schemas of one Kubernetes minor version, the shipped schemas of custom resources, and the user's own schemas.

    `extra` is a folder with files named `<group>/<kind>_<version>.json`, which replace no shipped ones.
    """

    kubernetes: str
    builtin: Path
    crds: Path
    extra: Path | None = None

    @classmethod
    def open(cls, kubernetes: str, extra: Path | None = None) -> SchemaCatalog:
        """Return the schemas for a minor version such as `1.36`.

        Raises UsageError when servegen ships no schemas for it, or `extra` is not a folder.
        """
        if extra is not None and not extra.is_dir():
            raise UsageError(f"{extra} is not a folder of schemas", hint=_LAYOUT)
        return cls(kubernetes, _unpacked(f"kubernetes-{kubernetes}"), _unpacked(_CRDS), extra)

    def path(self, api_version: str, kind: str) -> Path | None:
        """Return the schema file of a kind, the one that kubeconform finds with `locations`; None if there is none.

        Custom resources are searched first: files of built-in kinds have only the first label of the group in their
        name, so `apps.example.com` cannot be distinguished from `apps`.
        """
        group, *versions = api_version.split("/")
        custom = f"{group}/{kind.lower()}_{versions[-1] if versions else group}.json"
        builtin = "-".join(part.lower() for part in (kind, group.partition(".")[0], *versions[:1]))
        candidates = [*(folder / custom for folder in self._custom()), self.builtin / f"{builtin}.json"]
        return next((path for path in candidates if _is_file(path)), None)

    def locations(self) -> list[str]:
        """Return the templates for kubeconform's -schema-location, with which it finds the same files."""
        custom = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
        builtin = "{{.ResourceKind}}{{.KindSuffix}}.json"
        return [*(f"{folder}/{custom}" for folder in self._custom()), f"{self.builtin}/{builtin}"]

    def _custom(self) -> list[Path]:
        return [self.crds] if self.extra is None else [self.crds, self.extra]


@lru_cache(maxsize=256)
def shipped_rules(api_version: str, kind: str) -> dict[str, Any]:
    """Return what JSON Schema cannot express about a custom resource, as `bundled.crds` made it; empty without any."""
    group, _, version = api_version.rpartition("/")
    path = _unpacked(_CRDS) / RULES / group / f"{kind.lower()}_{version.lower()}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if _is_file(path) else {}
    return found


def minors() -> list[str]:
    """Return the Kubernetes minor versions whose schemas are shipped, the lowest first."""
    archives = schemas_root().glob("kubernetes-*.tar.xz")
    names = [path.name.removeprefix("kubernetes-").removesuffix(".tar.xz") for path in archives]
    return sorted(names, key=lambda minor: [int(part) for part in minor.split(".")])


def has_shipped_schema(file: str) -> bool:
    """Return whether servegen ships the schema of a custom resource: `<group>/<kind>_<version>.json`."""
    return _is_file(_unpacked(_CRDS) / file)


def is_kubernetes_group(group: str) -> bool:
    """Return whether an API group is one of Kubernetes itself; the core group is called by its version, v1.

    Kubernetes' groups have no dot or end in .k8s.io, and their first label is in the names of the shipped files.
    """
    label, _, domain = group.partition(".")
    return label in _kubernetes_labels() and (not domain or f".{domain}".endswith(".k8s.io"))


@lru_cache(maxsize=1)
def _kubernetes_labels() -> frozenset[str]:
    stems = (path.stem for path in _unpacked(f"kubernetes-{minors()[-1]}").iterdir())
    return frozenset(("", *(stem.split("-")[1] for stem in stems)))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a kind of a thousand letters is too long for a file name
        return False


@lru_cache(maxsize=16)
def _unpacked(name: str) -> Path:
    """Return the folder with the files of an archive. Its name has the archive's hash, so it is never out of date."""
    from generator.schemas.bundled.archive import digest

    archive = schemas_root() / f"{name}.tar.xz"
    if not archive.is_file():
        raise UsageError(f"no schemas for {name}", hint=f"known Kubernetes versions: {', '.join(minors())}")
    content = archive.read_bytes()
    folder = f"{name}-{digest(content)[:16]}"
    cache = user_cache()
    if cache is not None:
        with suppress(OSError):  # the cache is read-only, full or not a folder
            return _unpack(content, cache / "schemas" / folder)
    return _unpack(content, _for_this_run() / folder)


def _unpack(content: bytes, folder: Path) -> Path:
    """Unpack into a temporary folder and rename it to `folder`, so that two processes can unpack at the same time."""
    if folder.is_dir():
        return folder
    from generator.schemas.bundled.archive import unpack

    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        unpacking = Path(temporary) / folder.name
        for name, text in unpack(content).items():
            path = unpacking / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
        try:
            unpacking.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    return folder


@lru_cache(maxsize=1)
def _for_this_run() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="servegen-schemas-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
