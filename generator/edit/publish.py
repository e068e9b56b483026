"""Create the spec of a service for a registered version: a minimal one, or a copy of the newest service's spec.

The copy is what users make by hand for a new version: the previous file with another version in it. It keeps every
line, comments included, except the lines that belong only to the old service.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.core.errors import UsageError
from generator.core.yaml import read
from generator.edit.spec_text import service_text
from generator.edit.yaml_edit import put, remove
from generator.fleet.model_registry import deployed_in
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.names import service_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from generator.fleet.model import ServiceEntry
    from generator.spec.catalog import Catalog
    from generator.spec.model import Version

# An id belongs to one service, and a waiver to what was looked at; the others describe how the old service was rolled
# out.
_NOT_TAKEN_OVER: Final = ("id", "split", "mirror", "headers", "waivers", "environments")


def require_service_name(model: str, version: str) -> str:
    """Return the service name for a version of a model. Raises UsageError when no legal name can be formed."""
    try:
        return service_name(model, version)
    except InvalidValueError as error:
        raise UsageError(f"cannot make a service name from {model} and {version}: {error}", hint=error.hint) from None


class Publication(Struct, frozen=True):
    """The service to create. `environments` maps each environment in which it is deployed at once to its stamp."""

    project: str
    app: str
    name: str
    model: str
    version: str
    type: str
    image: str | None
    description: str | None
    id: int | None
    environments: dict[str, str]

    @property
    def file(self) -> str:
        """The path of its spec file."""
        return f"services/{self.project}/{self.app}/{self.name}.yaml"


def server(version: Version, catalog: Catalog) -> str | None:
    """Return the model server of a version: its `api`, else that of its framework, else None.

    The server of a framework is the only one that runs it, or the only one that is preferred for it.
    """
    if version.api is not None:
        return version.api
    framework = catalog.frameworks.get((version.framework or "").lower(), version.framework)
    fitting = {name: one for name, (one, _) in catalog.servers.items() if framework in one.frameworks}
    preferred = [name for name, one in fitting.items() if framework in one.preferred] or list(fitting)
    return preferred[0] if len(preferred) == 1 else None


def newest(services: Iterable[ServiceEntry]) -> ServiceEntry | None:
    """Return the service with the latest release stamp in any environment, then the highest version; None if empty."""
    return max(services, key=lambda service: (_released(service), _numbers(service.spec.version)), default=None)


def spec(publication: Publication) -> bytes:
    """Return a minimal spec: all other settings come from the layers, which include the model version."""
    keys: dict[str, Any] = {
        "id": str(publication.id) if publication.id is not None else None,
        "model": publication.model,
        "version": publication.version,
        "type": publication.type,
        "description": publication.description,
        "image": publication.image,
        "environments": _stanzas(publication) or None,
    }
    return service_text({key: value for key, value in keys.items() if value is not None}).encode()


def spec_like(publication: Publication, like: ServiceEntry, raw: bytes) -> tuple[bytes, list[str]]:
    """Return the spec of `like` (content `raw`) for another version, and the keys that were not taken over.

    Raises NotEditableError when the form of the file does not allow an edit.
    """
    file = like.document.file
    left: list[str] = [key for key in _NOT_TAKEN_OVER if key in like.spec.written]
    for key in left:
        raw = remove(raw, file, (key,))
    raw = put(raw, file, ("version",), publication.version)
    if publication.type != like.spec.type:
        raw = put(raw, file, ("type",), publication.type)
    for key, value in (("description", publication.description), ("image", publication.image)):
        raw = put(raw, file, (key,), value) if value is not None else raw
    if publication.id is not None:
        raw = put(raw, file, ("id",), publication.id, before="model")
    if publication.environments:
        raw = put(raw, file, ("environments",), _stanzas(publication))
    return _trimmed(raw, file), left


def is_same_service(service: ServiceEntry, publication: Publication) -> bool:
    """Whether an existing service already is the one to create.

    Model, version, type, the presence of an id and the environments count; its other settings may differ.
    """
    spec = service.spec
    same = (spec.model, spec.version, spec.type) == (publication.model, publication.version, publication.type)
    has_id = publication.id is None or spec.id is not None
    return same and has_id and set(publication.environments) <= set(deployed_in(service))


def _trimmed(raw: bytes, file: str) -> bytes:
    """Return the spec without the empty lines at its end that removed keys left.

    They stay if the data would change, since a text block may need them.
    """
    shorter = raw.rstrip() + (b"\r\n" if b"\r\n" in raw else b"\n")
    (now, _), (then, _) = read(raw, file), read(shorter, file)
    return shorter if now is not None and then is not None and now.data == then.data else raw


def _stanzas(publication: Publication) -> dict[str, Any]:
    return {name: {"released": stamp} for name, stamp in publication.environments.items()}


def _released(service: ServiceEntry) -> float:
    stamps: list[datetime] = [
        release.released for release in service.spec.environments.values() if release is not None and release.released
    ]
    return max((stamp.timestamp() for stamp in stamps), default=0.0)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"[0-9]+", version))
