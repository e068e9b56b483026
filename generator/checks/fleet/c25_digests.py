"""C25: the digests of a version should be digests that can be verified before the server starts.

The fetcher unpacks an archive and deletes it, so the digest of the archive itself is never compared with anything. The
key `files` lists the digests of the unpacked files, which are checked. A file that `files` lists must be able to exist:
if the path is a single file, `files` can only have its name; with sub-models, each entry starts with a sub-model's
name.

Passes:

    path: https://models.example.com/detector.tar.gz
    files: {model.onnx: sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}

Fails:

    path: https://models.example.com/detector.tar.gz
    digest: sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.core.fix import fix_of
from generator.spec.values.model_path import sources
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.context import CheckContext
    from generator.fleet.model import ModelEntry
    from generator.spec.model import Version
    from generator.spec.values.model_source import Source

ID: Final = "C25"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Check the digests of each version of the registry."""
    for entry in context.fleet.models.values():
        for name, version in entry.spec.versions.items():
            if version.digest is not None or version.files is not None:
                yield from _version(entry, name, version)


def _version(entry: ModelEntry, name: str, version: Version) -> Iterator[Finding]:
    found = sources(version.path)
    if version.files is None and any(source.archive for source in found.values()):
        message = f"the digest of {entry.name} {name} cannot be verified: its archive is unpacked and deleted"
        hint = "list the digests of its files under `files`, as `sha256sum` prints them"
        yield Finding(ID, message, entry.document.position(("versions", name, "digest")), hint, severity=SEVERITY)
    for path in version.files or ():
        if expected := _expected(path, found):
            place = entry.document.key_position(("versions", name, "files", path))
            message = f"{entry.name} {name} cannot have the file {path}: its path has {' or '.join(expected)}"
            free = [file for file in expected if file not in (version.files or {})]
            hint = closest(path, free) or (f"write {free[0]}" if free else "remove it")
            yield Finding(ID, message, place, hint, severity=Severity.ERROR, fix=fix_of(path, hint))


def _expected(path: str, found: Mapping[str, Source]) -> list[str]:
    """Return the files that are possible instead of the path; empty if it is possible."""
    possible = {f"{name}/" if name else "": source.file for name, source in found.items()}
    for prefix, file in possible.items():
        if path.startswith(prefix) and file in (None, path.removeprefix(prefix)):
            return []
    return [f"{prefix}{file or '…'}" for prefix, file in possible.items()]
