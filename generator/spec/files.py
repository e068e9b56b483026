"""The kind of a spec file, from its path in `services/`."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from generator.core.finding import Finding, Position
from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.names import check_service_name

ROOT: Final = "services"
PLATFORM: Final = f"{ROOT}/platform.yaml"
_FOLDER: Final = regex(r"[a-z0-9](?:[-a-z0-9]{0,48}[a-z0-9])?\Z")
_MODEL: Final = regex(r"[a-z0-9](?:[-a-z0-9]{0,52}[a-z0-9])?\Z")
# Folders of rendered/ that are not those of a project.
_TAKEN: Final = frozenset({"platform", "argocd", "flux"})
_PLACES: Final = (
    "services/platform.yaml, services/<project>/project.yaml, services/<project>/models/<model>.yaml or "
    "services/<project>/<app>/<service>.yaml"
)

Kind = Literal["platform", "project", "model", "service"]


class SpecPath(Struct, frozen=True):
    """The kind and the names that a file's path states; `app` and `name` are empty if they do not apply."""

    kind: Kind
    project: str = ""
    app: str = ""
    name: str = ""


def is_spec(file: str) -> bool:
    """Return whether a path below `services/` is intended as a spec: a YAML file that is not in a hidden folder."""
    parts = file.split("/")
    return file.endswith((".yaml", ".yml")) and not any(part.startswith(".") for part in parts)


def spec_path(file: str) -> SpecPath | Finding:
    """Return the kind and names of the spec at `file`, or a finding that says why it cannot be one."""
    parts = file.removeprefix(f"{ROOT}/").split("/")
    if file.endswith(".yml"):
        return Finding(
            "F01", "found a file ending in .yml, expected .yaml", Position(file), f"git mv {file} {file[:-3]}yaml"
        )
    stem = parts[-1].removesuffix(".yaml")
    match parts:
        case ["platform.yaml"]:
            return SpecPath("platform")
        case [project, "project.yaml"]:
            return _checked(file, project) or SpecPath("project", project)
        case [project, "models", _]:
            return _checked(file, project) or _model(file, stem) or SpecPath("model", project, name=stem)
        case [project, app, _]:
            return (
                _checked(file, project)
                or _checked(file, app)
                or _service(file, stem)
                or SpecPath("service", project, app, stem)
            )
        case _:
            return Finding("F01", "found a spec file in the wrong folder", Position(file), f"expected {_PLACES}")


def _checked(file: str, folder: str) -> Finding | None:
    if folder in _TAKEN and file.split("/")[1] == folder:
        message = f'found the project "{folder}", whose folder in rendered/ has another use'
        return Finding("F02", message, Position(file), "rename the project folder")
    if _FOLDER.match(folder):
        return None
    message = f'found the folder "{folder}", expected at most 50 lower-case letters, digits and dashes'
    return Finding(
        "F02", message, Position(file), "rename the folder, and use `title` in project.yaml for a display name"
    )


def _model(file: str, stem: str) -> Finding | None:
    if _MODEL.match(stem):
        return None
    message = f'found the model name "{stem}", expected at most 54 lower-case letters, digits and dashes'
    return Finding("F02", message, Position(file), "rename the file")


def _service(file: str, stem: str) -> Finding | None:
    try:
        check_service_name(stem)
    except InvalidValueError as mistake:
        return Finding("N02", f"the file name is the service name: {mistake}", Position(file), mistake.hint)
    return None
