"""F15: files below `rendered/` that Argo CD, Flux or kustomize read, although servegen did not render them.

They change what runs without a change of any spec. Sources: Argo CD's user guide (parameter overrides in Git, directory
applications), Flux's GitRepository (excluding files) and Kustomization (generated kustomization.yaml), and the names
that kustomize looks for. Hidden files with the ending of a manifest are applied, too.

Only files below `rendered/` matter. Argo CD looks for `.argocd-source*.yaml` in the folder of an Application, which is
below `rendered/`. A `.sourceignore`, at the top of the repository too, has no effect on the GitRepositories that
servegen renders: their `ignore` comes after it and includes `rendered/` (observed with sourceignore 0.18 and 0.22). One
below `rendered/` has an effect on any other GitRepository, such as that of `flux bootstrap`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Position
from generator.core.regex import regex
from generator.render.files import CONFIG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_PARAMETERS: Final = regex(r"\.argocd-source(?:-(?P<application>.+))?\.yaml\Z")
_MANIFEST: Final = regex(r"\..*\.(?:yaml|yml|json|jsonnet)\Z|\.(?:yaml|yml|json|jsonnet)\Z")
_IGNORE: Final = ".sourceignore"
_KUSTOMIZATIONS: Final = ("kustomization.yml", "Kustomization")
_CHART: Final = "Chart.yaml"
_NAMES: Final = frozenset({_IGNORE, _CHART, *_KUSTOMIZATIONS})
_HINT: Final = "set it in the specs, and delete the file {}"


def is_read_by_deliverers(path: str) -> bool:
    """Return whether a file below `rendered/` has a name that a delivery tool reads and servegen never writes."""
    folder, _, name = path.rpartition("/")
    if name not in _NAMES and not (name.startswith(".") and _MANIFEST.match(name)):
        return False
    return f"/{CONFIG}/" not in f"{folder}/"


def report_deliverer_files(paths: Iterable[str], content: Callable[[str], bytes]) -> list[Finding]:
    """Return a finding for each of these paths that a delivery tool reads; `content` returns the bytes of one."""
    found = sorted(filter(is_read_by_deliverers, paths))
    return [Finding("F15", _message(path, content), Position(path), _HINT.format(path)) for path in found]


def _message(path: str, content: Callable[[str], bytes]) -> str:
    folder, _, name = path.rpartition("/")
    if parameters := _PARAMETERS.match(name):
        application = parameters["application"]
        what = f"the Application {application}" if application else "each Application"
        keys = _keys(content(path))
        does = f", which overrides {keys} of" if keys else " for"
        return f"Argo CD reads this file{does} {what} with the path {folder}"
    if name == _IGNORE:
        return f"a GitRepository of Flux without `ignore` leaves out the files of {folder} that this file names"
    if name in _KUSTOMIZATIONS:
        return f"kustomize reads this file instead of what is rendered for {folder}, or refuses to build it"
    if name == _CHART:
        return f"Argo CD reads this file, and takes {folder} for a Helm chart"
    return f"Argo CD and Flux apply this file with the folder {folder}, and no spec has it"


def _keys(text: bytes) -> str:
    """Return the keys that such a file sets, without their values; empty if it cannot be read."""
    from generator.core.yaml import read  # takes longer to import than all names take to check

    document, _ = read(text, "")
    data = document.data if document is not None else None
    if not isinstance(data, dict):
        return ""
    keys = [
        f"{key}.{inner}" for key, value in data.items() for inner in (value if isinstance(value, dict) else [""]) if key
    ]
    return ", ".join(key.rstrip(".") for key in keys)
