"""The shipped schemas, unpacked once per machine so that both engines read the same files."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from generator.errors import UsageError
from generator.resources import schemas_root

_CRDS: Final = "crds"
# Kinds whose group is not part of the API version's text.
_CORE: Final = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The schemas of one Kubernetes minor version, of the custom resources we know, and of the user's own.

    `extra` is a folder laid out as `<group>/<kind>_<version>.json`.
    """

    kubernetes: str
    builtin: Path
    crds: Path
    extra: Path | None = None

    @classmethod
    def open(cls, kubernetes: str, extra: Path | None = None) -> Catalogue:
        """The catalogue for a minor version such as `1.36`. Raises UsageError when we ship none."""
        return cls(kubernetes, _unpacked(f"kubernetes-{kubernetes}"), _unpacked(_CRDS), extra)

    def path(self, api_version: str, kind: str) -> Path | None:
        """The schema of a kind, or None where there is none."""
        group, _, version = api_version.rpartition("/")
        label = group.partition(".")[0]
        name = "-".join(part.lower() for part in (kind, label, version) if part)
        custom = f"{group}/{kind.lower()}_{version}.json"
        candidates = [self.builtin / f"{name}.json", self.crds / custom]
        if self.extra is not None:
            candidates.append(self.extra / custom)
        return next((path for path in candidates if path.is_file()), None)

    def locations(self) -> list[str]:
        """Where kubeconform finds the same files: its templates for -schema-location."""
        custom = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
        folders = [self.crds, *([self.extra] if self.extra is not None else [])]
        return [f"{self.builtin}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json", *(f"{f}/{custom}" for f in folders)]


def minors() -> list[str]:
    """The Kubernetes minor versions whose schemas we ship."""
    archives = schemas_root().glob("kubernetes-*.tar.xz")
    names = [path.name.removeprefix("kubernetes-").removesuffix(".tar.xz") for path in archives]
    return sorted(names, key=lambda minor: [int(part) for part in minor.split(".")])


@lru_cache(maxsize=16)
def _unpacked(name: str) -> Path:
    """The folder with an archive's files. Its name holds the archive's hash, so that it never goes stale."""
    from generator.schemas.archive import digest

    archive = schemas_root() / f"{name}.tar.xz"
    if not archive.is_file():
        raise UsageError(f"no schemas for {name}", hint=f"Kubernetes versions known here: {', '.join(minors())}")
    content = archive.read_bytes()
    folder = _cache() / f"{name}-{digest(content)[:16]}"
    if not folder.is_dir():
        _unpack(content, folder)
    return folder


def _unpack(content: bytes, folder: Path) -> None:
    """Unpack beside the folder and rename: of two processes that do so at once, either result serves."""
    from generator.schemas.archive import unpack

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


@lru_cache(maxsize=1)
def _cache() -> Path:
    """A folder that outlives the run, or where that cannot be written, one for this run."""
    from platformdirs import user_cache_path

    folder = user_cache_path("servegen") / "schemas"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="servegen-schemas-"))
