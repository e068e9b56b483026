"""Convert MLflow's registered model versions to registrations, with a note for each fact changed or left out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from generator.core.errors import UsageError
from generator.core.finding import Finding
from generator.edit.register import Registration, registry_file
from generator.importers.names import slug
from generator.importers.note import Note
from generator.importers.texts import legible
from generator.spec.files import spec_path
from generator.spec.values import digest, model_path
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.text import closest, list_few, list_known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from generator.edit.register import Facts
    from generator.importers.mlmodel import ModelFormat

_READY: Final = "READY"
_NO_STAGE: Final = "None"
# The prefixes of MLflow's own tags, and of the metrics of the machine that executed a run.
_INTERNAL: Final = "mlflow."
_MACHINE: Final = "system/"
# The times that a spec can have: from 2000 to 2999.
_FIRST_SECOND, _LAST_SECOND = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2000, 3000))


class RegisteredModel(Struct, frozen=True):
    """A registered model in MLflow; `aliases` maps each alias to a version."""

    name: str
    description: str
    aliases: Mapping[str, str] = field(default_factory=dict)


class ListedVersion(Struct, frozen=True):
    """One version as MLflow lists it; `run` and `model_id` (of a logged model) are empty if it has none."""

    model: RegisteredModel
    version: str
    status: str
    stage: str
    description: str
    tags: Mapping[str, str]
    run: str
    model_id: str

    @property
    def name(self) -> str:
        """The name shown to users: model and version."""
        return f"{self.model.name} {self.version}"

    @property
    def aliases(self) -> tuple[str, ...]:
        """The aliases that point to this version."""
        return tuple(sorted(alias for alias, version in self.model.aliases.items() if version == self.version))


class Run(Struct, frozen=True):
    """The data of an MLflow run; `start` is in milliseconds since 1970."""

    experiment: str
    start: int | None
    commit: str
    metrics: Mapping[str, float]
    parameters: Mapping[str, str]


class DescribedVersion(Struct, frozen=True):
    """A version, the path of its artifacts, and what is known beyond the registry: its run, metrics and format."""

    listed: ListedVersion
    path: str
    run: Run | None
    metrics: Mapping[str, float]
    format: ModelFormat | None


class MlflowImport(Struct, frozen=True):
    """A version to register, the description of its model, and notes on MLflow facts that were changed or left out."""

    registration: Registration
    description: str
    notes: tuple[Note, ...]


class VersionFilter(Struct, frozen=True):
    """The versions to import: those with one of the aliases or stages, or all if neither is given."""

    aliases: Sequence[str] = ()
    stages: Sequence[str] = ()

    def takes(self, version: ListedVersion) -> bool:
        """Whether the filter selects a version."""
        named = not self.aliases and not self.stages
        return named or version.stage in self.stages or any(alias in self.aliases for alias in version.aliases)


class MlflowOptions(Struct, frozen=True):
    """Options for what MLflow does not contain.

    `project` is the servegen project, `framework` is used if the flavors do not determine one, and `known` maps
    lower-case names of frameworks to those of the catalog.
    """

    project: str
    framework: str | None
    known: Mapping[str, str]


def choose_models(models: Sequence[RegisteredModel], names: Iterable[str]) -> list[RegisteredModel]:
    """Return the models with these names, or all if none is given. Raises UsageError when MLflow has no such model."""
    by_name = {model.name: model for model in models}
    for name in names:
        if name not in by_name:
            hint = closest(name, by_name) or list_known("models", by_name)
            raise UsageError(f"MLflow has no registered model {name}", hint=hint)
    return [by_name[name] for name in dict.fromkeys(names)] or list(models)


def check_aliases(models: Iterable[RegisteredModel], aliases: Iterable[str]) -> None:
    """Check that each alias exists. Raises UsageError when none of the models has it."""
    there = sorted({alias for model in models for alias in model.aliases})
    for alias in aliases:
        if alias not in there:
            hint = closest(alias, there) or list_known("aliases", there)
            raise UsageError(f"no version has the alias {alias}", hint=hint)


def split_importable(
    models: Iterable[RegisteredModel], options: MlflowOptions
) -> tuple[list[RegisteredModel], list[Note]]:
    """Return the models that can have their own registry file, and notes with the reason for those that cannot."""
    taken: dict[str, RegisteredModel] = {}
    refused: list[Note] = []
    for model in models:
        name = slug(model.name, "")
        file = registry_file(options.project, name)
        where = spec_path(file)
        if isinstance(where, Finding):
            refused.append(Note(model.name, "name", f"{where.message}; rename it in MLflow"))
        elif name in taken:
            reason = f"{file} is already the file of {taken[name].name}; rename one of them, or choose with --model"
            refused.append(Note(model.name, "name", reason))
        else:
            taken[name] = model
    return list(taken.values()), refused


def split_usable(versions: Iterable[ListedVersion]) -> tuple[list[ListedVersion], list[Note]]:
    """Return the usable versions, and notes on the others, whose registration in MLflow is not finished or failed."""
    found = list(versions)
    out = [
        Note(version.name, "status", f"left out: it is {version.status}") for version in found if not _ready(version)
    ]
    return [version for version in found if _ready(version)], out


def carry_over(versions: Iterable[DescribedVersion], options: MlflowOptions) -> tuple[list[MlflowImport], list[Note]]:
    """Convert the versions; return the results, and notes on the versions without a usable path."""
    out: list[MlflowImport] = []
    refused: list[Note] = []
    for version in versions:
        try:
            if not version.path.strip() or legible(version.path) != version.path:
                raise InvalidValueError(version.path, "a path of printable characters")
            model_path.parse(version.path)
        except InvalidValueError as mistake:
            hint = f"; {mistake.hint}" if mistake.hint else ""
            refused.append(Note(version.listed.name, "path", f"{mistake}{hint}"))
        else:
            out.append(_carried(version, options))
    return out, refused


def _carried(version: DescribedVersion, options: MlflowOptions) -> MlflowImport:
    listed = version.listed
    framework, why = _framework(version, options)
    checksum = _digest(listed.tags)
    facts: Facts = {
        "path": version.path,
        "framework": framework,
        "metrics": _metrics(version),
        "description": listed.description.strip(),
        "digest": checksum,
        "size": version.format.size if version.format is not None else "",
        "tags": _tags(listed.tags, taken=("digest",) if checksum is not None else ()),
        "origin": _origin(version),
    }
    model = slug(listed.model.name, "")
    plain = legible(facts)
    changes = (*_renamed(listed, model), *_moved(version), *why, *_cleaned(facts, plain))
    notes = tuple(Note(listed.name, *one) for one in changes)
    description = legible(listed.model.description).strip()
    kept = _filled(plain | {"origin": _filled(plain["origin"])})
    return MlflowImport(Registration(options.project, model, listed.version, kept), description, notes)


def _ready(version: ListedVersion) -> bool:
    return version.status == _READY


def _framework(version: DescribedVersion, options: MlflowOptions) -> tuple[str | None, list[tuple[str, str]]]:
    """Return the framework of the flavors if there is exactly one, else the given one; if neither, None and a note."""
    found = version.format.frameworks(options.known) if version.format is not None else ()
    if len(found) == 1:
        return found[0], []
    if options.framework is not None:
        return options.framework, []
    if version.format is None:
        reason = "its MLmodel file cannot be read from here"
    elif found:
        reason = f"its flavors match several frameworks: {', '.join(found)}"
    else:
        reason = f"its flavors match no known framework: {list_few(version.format.flavors or ('python_function',))}"
    return None, [("framework", f"left out: {reason}; import it again with --framework NAME")]


def _metrics(version: DescribedVersion) -> dict[str, str]:
    """Return the metrics of the model itself, else those of its run, without the metrics of the machine."""
    found = version.metrics or (version.run.metrics if version.run is not None else {})
    return {name: repr(value) for name, value in sorted(found.items()) if not name.startswith(_MACHINE)}


def _digest(tags: Mapping[str, str]) -> str | None:
    """Return the tag `digest` if it is a valid digest, else None: MLflow itself computes no checksum."""
    try:
        return digest.parse(tags["digest"]) if "digest" in tags else None
    except InvalidValueError:
        return None


def _tags(tags: Mapping[str, str], taken: tuple[str, ...]) -> dict[str, str]:
    words = {name: value for name, value in tags.items() if not name.startswith(_INTERNAL) and name not in taken}
    return dict(sorted(words.items()))


def _origin(version: DescribedVersion) -> dict[str, Any]:
    run = version.run
    return {
        "pipeline": run.experiment if run is not None else "",
        "run": version.listed.run,
        "time": (_time(run.start) or "") if run is not None and run.start else "",
        "commit": run.commit if run is not None else "",
        "parameters": dict(sorted(run.parameters.items())) if run is not None else {},
    }


def _filled(facts: Facts) -> Facts:
    """Return the facts that are not empty."""
    return {key: value for key, value in facts.items() if (value.strip() if isinstance(value, str) else value)}


def _time(milliseconds: int) -> str | None:
    """Return a time as a spec has it; None if it is not in this millennium."""
    seconds = milliseconds // 1000
    if not _FIRST_SECOND <= seconds < _LAST_SECOND:
        return None
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _renamed(listed: ListedVersion, model: str) -> Iterator[tuple[str, str]]:
    if model != listed.model.name:
        yield "name", f"{listed.model.name} becomes {model}: lower-case letters, digits and dashes"
    for alias in listed.aliases:
        yield "alias", f"{alias} is not carried over: services set where a version runs"
    if listed.stage != _NO_STAGE:
        yield "stage", f"{listed.stage} is not carried over: services set where a version runs"


def _cleaned(facts: Facts, plain: Facts) -> Iterator[tuple[str, str]]:
    for key, value in plain.items():
        if value != facts[key]:
            yield key, "control characters are removed, and lines end in LF, because manifests cannot contain others"


def _moved(version: DescribedVersion) -> Iterator[tuple[str, str]]:
    if version.path.startswith("/"):
        yield "path", "it is on a disk: mount the disk into the pods at the same path"
    elif version.path.startswith("mlflow-artifacts:"):
        yield "path", "it is served by the tracking server: the downloader needs MLFLOW_TRACKING_URI"
    if version.listed.run and version.run is None:
        yield "run", "it was deleted, with its metrics, parameters and commit"
    if version.run is not None and version.run.start and _time(version.run.start) is None:
        yield "time", "left out: the run does not start between the years 2000 and 2999"
