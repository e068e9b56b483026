"""Whether a text of a spec file reaches an environment of stage prod.

The files may have errors, so this reads only what it needs. What cannot be read is taken to reach one.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from generator.core import yaml as yamlio
from generator.core.finding import Finding
from generator.spec.files import PLATFORM, ROOT, is_spec, spec_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.core.yaml import Path

_PROD = "prod"


class DeployedStages(Struct, frozen=True, dict=True):
    """The environments in which the spec files (path -> content) deploy services."""

    files: Mapping[str, bytes]
    _known: dict[tuple[str, Path], bool] = field(default_factory=dict)

    def reaches_prod(self, file: str, path: Path) -> bool:
        """Return whether a service of an environment of stage prod gets the text at `path` of a file."""
        place = file, path[:2]
        if place not in self._known:
            self._known[place] = self._find_out(*place)
        return self._known[place]

    def _find_out(self, file: str, path: Path) -> bool:
        where = spec_path(file)
        if isinstance(where, Finding) or self._environments is None:
            return True
        if path[:1] == ("environments",) and len(path) > 1:
            return self._is_prod(path[1])
        match where.kind:
            case "platform" if path[:1] == ("clusters",) and len(path) > 1:
                return any(self._is_prod(name) for name in self._environments if self._cluster(name) == path[1])
            case "platform":
                return any(map(self._is_prod, self._environments))
            case "project":
                return any(map(self._runs_in_prod, self._services(where.project)))
            case "model":
                used = (one for one in self._services(where.project) if _uses(one, where.name, path))
                return any(map(self._runs_in_prod, used))
            case "service":
                return self._runs_in_prod(self._data(file))

    @cached_property
    def _environments(self) -> dict[str, Any] | None:
        data = self._data(PLATFORM)
        environments = data.get("environments") if isinstance(data, dict) else None
        return environments if isinstance(environments, dict) else None

    def _is_prod(self, name: object) -> bool:
        stanza = (self._environments or {}).get(str(name))
        return not isinstance(stanza, dict) or stanza.get("stage") == _PROD

    def _cluster(self, name: str) -> object:
        stanza = (self._environments or {}).get(name)
        return stanza.get("cluster") if isinstance(stanza, dict) else None

    def _runs_in_prod(self, service: Any) -> bool:
        environments = service.get("environments", {}) if isinstance(service, dict) else None
        if not isinstance(environments, dict):
            return environments is not yamlio.EMPTY
        return any(self._is_prod(name) for name, stanza in environments.items() if stanza is not None)

    def _services(self, project: str) -> Iterator[Any]:
        for file in sorted(self.files):
            if file.startswith(f"{ROOT}/{project}/") and is_spec(file):
                where = spec_path(file)
                if not isinstance(where, Finding) and where.kind == "service":
                    yield self._data(file)

    def _data(self, file: str) -> Any:
        document = yamlio.read(self.files[file], file)[0] if file in self.files else None
        return document.data if document is not None else None


def _uses(service: Any, model: str, path: Path) -> bool:
    """Return whether a service uses a model, and the version at `path` if that is in one."""
    if not isinstance(service, dict):
        return True
    version = path[1] if path[:1] == ("versions",) and len(path) > 1 else service.get("version")
    return bool(service.get("model") == model and service.get("version") == version)
