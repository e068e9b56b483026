"""Add the versions of another registry to the model registry, and report how the ones that it has already differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from generator.edit.register import differing_facts, edit_registry
from generator.edit.yaml_edit import NotEditableError, put
from generator.importers.note import Note
from generator.spec.model import IDENTITY
from generator.spec.values.evaluation import format_evaluation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.edit.register import Registration
    from generator.fleet.model import Fleet
    from generator.importers.mlflow import MlflowImport
    from generator.spec.model import Version


class Additions(Struct):
    """The result of adding versions.

    `files` has the new content of each changed file, `added` what was added to it, and `there` is the number of
    versions that were registered already. `differences` are facts that the registry has otherwise and keeps, `refused`
    what could not be added.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    added: dict[str, list[str]] = field(default_factory=dict)
    there: int = 0
    notes: list[Note] = field(default_factory=list)
    differences: list[Note] = field(default_factory=list)
    refused: list[Note] = field(default_factory=list)


def additions(
    versions: Iterable[MlflowImport], specs: Mapping[str, bytes], fleet: Fleet, *, complete: bool = False
) -> Additions:
    """Return the additions to the registry. A version that is registered already is not changed.

    With `complete`, a registered version without a framework gets it: a user who gives a framework means those too.
    """
    out = Additions()
    for version in versions:
        wanted = version.registration
        before = out.files.get(wanted.file, specs.get(wanted.file))
        entry = fleet.models.get((wanted.project, wanted.model))
        known = entry.spec.versions.get(wanted.version) if entry is not None else None
        try:
            if (wanted.project, wanted.model) in fleet.unread_models:
                out.refused.append(
                    _note(wanted, (), f"{wanted.file} cannot be read; `servegen validate` reports its errors")
                )
            elif known is None or before is None:
                _add(version, before, fleet, out)
            else:
                _compare(wanted, known, before, out, complete=complete)
        except NotEditableError as error:
            out.refused.append(_note(wanted, (), f"{error}; {error.hint}"))
    return out


def _add(version: MlflowImport, before: bytes | None, fleet: Fleet, out: Additions) -> None:
    wanted = version.registration
    after = edit_registry(before, wanted, fleet)
    if before is None and version.description:
        after = put(after, wanted.file, ("description",), version.description, before="versions")
    out.files[wanted.file] = after
    out.added.setdefault(wanted.file, []).append(wanted.version)
    out.notes += version.notes


def _compare(wanted: Registration, known: Version, before: bytes, out: Additions, *, complete: bool) -> None:
    """Report the facts that differ from a registered version.

    A different identity key is refused; any other fact, or one that the registry lacks, is a difference. With
    `complete`, a missing framework is added instead.
    """
    out.there += 1
    for path, value in differing_facts(known, wanted.facts):
        has: Any = known
        for step in path:
            has = getattr(has, step, None)
        if path == ("framework",) and has is None and complete:
            out.files[wanted.file] = put(before, wanted.file, ("versions", wanted.version, *path), value)
            out.added.setdefault(wanted.file, []).append(f"the framework of {wanted.version}")
            continue
        found = "nothing" if has is None else _format_value(has)
        note = _note(wanted, path, f"the registry has {found}, MLflow has {_format_value(value)}")
        (out.refused if has is not None and path[0] in IDENTITY else out.differences).append(note)


def _format_value(value: Any) -> str:
    return format_evaluation(value) if isinstance(value, dict | list) else str(value)


def _note(wanted: Registration, path: tuple[str, ...], text: str) -> Note:
    return Note(f"{wanted.model} {wanted.version}", ".".join(path), text)
