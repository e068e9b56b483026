"""Register a model version: choose its name, and edit the model's registry file without changing anything else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from generator.core.errors import UsageError
from generator.edit.spec_text import model_text
from generator.edit.yaml_edit import put
from generator.fleet.model_registry import changed_keys, deployed_in, users
from generator.spec.base import values_of
from generator.spec.model import Origin, Version
from generator.spec.validator import require_valid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from generator.fleet.model import Fleet, ModelEntry

    Facts = dict[str, Any]


class Registration(Struct, frozen=True):
    """A version of a model to register. `facts` are by the keys of the registry file."""

    project: str
    model: str
    version: str
    facts: Facts

    @property
    def file(self) -> str:
        """The path of the model's registry file."""
        return registry_file(self.project, self.model)


def registry_file(project: str, model: str) -> str:
    """Return the path of the registry file that holds a model's versions."""
    return f"services/{project}/models/{model}.yaml"


def version_name(entry: ModelEntry | None, run: str | None, today: date) -> str:
    """Return the last version that this run registered, else the next free name of today, such as `v2026.11.24.1`."""
    versions = entry.spec.versions if entry is not None else {}
    for name in reversed(versions) if run is not None else ():
        if _run(versions[name]) == run:
            return name
    return _next(versions, f"v{today:%Y.%m.%d}.")


def edit_registry(raw: bytes | None, wanted: Registration, fleet: Fleet) -> bytes:
    """Return the registry file with the version; unchanged if it already has all the facts.

    Only the run that registered a version may change it, and its identity keys only while it is not deployed. Raises
    UsageError otherwise, and when the form of the file does not allow an edit.
    """
    if raw is None:
        return model_text({"versions": {wanted.version: wanted.facts}}).encode()
    entry = fleet.models.get((wanted.project, wanted.model))
    known = entry.spec.versions.get(wanted.version) if entry is not None else None
    if known is None:
        return put(raw, wanted.file, ("versions", wanted.version), wanted.facts)
    differences = list(differing_facts(known, wanted.facts))
    if not differences:
        return raw
    _may_change(wanted, known, _parsed(wanted.facts), fleet)
    for path, value in differences:
        raw = put(raw, wanted.file, ("versions", wanted.version, *path), value)
    return raw


def differing_facts(known: Version, facts: Facts) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield path and value of each fact that the known version lacks or has with another value."""
    given = _parsed(facts)
    for key, value in facts.items():
        if key == "origin":
            for name, fact in value.items():
                if getattr(known.origin, name, None) != getattr(given.origin, name):
                    yield (key, name), fact
        elif getattr(known, key) != getattr(given, key):
            yield (key,), value


def _next(versions: Iterable[str], start: str) -> str:
    numbers = [
        int(match[1]) for name in versions if (match := re.fullmatch(rf"{re.escape(start)}([0-9]{{1,9}})", name))
    ]
    return f"{start}{max(numbers, default=0) + 1}"


def _run(version: Version) -> str | None:
    return version.origin.run if version.origin is not None else None


def _may_change(wanted: Registration, known: Version, given: Version, fleet: Fleet) -> None:
    name = f"{wanted.project}/{wanted.model} {wanted.version}"
    if _run(known) != _run(given):
        by = f"by the run {_run(known)}" if _run(known) is not None else "without a run"
        raise UsageError(f"{name} is already registered, {by}", hint="register another version, or omit VERSION")
    keys = changed_keys(known, _merged(known, given))
    using = [s for s in users(fleet.services, wanted.project, wanted.model, wanted.version) if deployed_in(s)]
    if keys and using:
        where = ", ".join(deployed_in(using[0]))
        message = f"{name} is deployed ({using[0].name} in {where}), so its {', '.join(sorted(keys))} cannot change"
        raise UsageError(message, hint="register the new values as another version")


def _merged(known: Version, given: Version) -> Version:
    """Return the version after the edit: the given facts, and the known ones that they do not replace."""
    origins = [values_of(source.origin) for source in (known, given) if source.origin is not None]
    origin = {name: value for values in origins for name, value in values.items() if value is not None}
    new = {name: value for name, value in values_of(given).items() if value is not None}
    return replace(known, **{**new, "origin": Origin(**origin) if origin else None})


def _as_read(value: Any) -> Any:
    """Return a value as the reader gives it: whole numbers are strings."""
    if isinstance(value, dict):
        return {key: _as_read(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_read(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _parsed(facts: Facts) -> Version:
    """Return the facts parsed as the reader would: whole numbers are strings."""
    return require_valid(Version, _as_read(facts))
