"""How the files of a model get into the pod: mounts of claims and of image volumes, and init containers that fetch.

The server finds each source at the path that its launch template names, by a read-only mount with `subPath`; nothing is
copied, and no shell sees an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.launch import ModelFiles
from generator.render.launch.endpoints import endpoints
from generator.render.views.expansion import escape_all
from generator.render.views.variables import variable
from generator.render.views.volumes import mount as own_mount
from generator.spec.fetching import credentials
from generator.spec.values.mirrors import mirror_image
from generator.spec.values.model_source import format_source
from generator.spec.values.quantity import format_bytes
from generator.spec.values.volumes import Volume, volume_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.fleet.launch import Endpoint, Launch
    from generator.fleet.model import ServiceInstance
    from generator.spec.fetching import SourceCredentials
    from generator.spec.platform import Platform
    from generator.spec.values.model_source import Source

Tree = dict[str, Any]
FETCHED: Final = frozenset({"https", "s3", "gs", "hf"})
# The emptyDir of what is fetched, where init containers mount it, and the list of digests in the ConfigMap.
_VOLUME: Final = "model"
_FOLDER: Final = "/mnt/model"
SUMS: Final = "model.sha256"
# The folder for temporary files of the fetcher: caches of its libraries, and no part of the model.
_SCRATCH: Final = "fetch-tmp"
_SCRATCH_BYTES: Final = 1 << 30
# Beyond the model and the folder for temporary files: logs.
_DISK: Final = ("100M", "1G")
_SECURITY: Final = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}


def model_files(
    instance: ServiceInstance, launch: Launch, platform: Platform, sources: Mapping[str, Source]
) -> ModelFiles:
    """Return the mounts, volumes and init containers of the sources that a launch mounts."""
    asked = instance.settings.resources
    out = ModelFiles(limited=asked is not None and asked.ephemeral is not None)
    for key, target in launch.mounts.items():
        _mount(out, instance, key, sources[key], target)
    fetched = {key: source for key, source in sources.items() if source.kind in FETCHED and key in launch.mounts}
    if fetched:
        out.fetched = instance.version.size if instance.version is not None else None
        out.limited = out.limited and out.fetched is not None
        out.volumes |= _fetched_volumes(out)
        out.init_containers += _fetchers(platform, fetched, out)
        out.endpoints = _endpoints(platform, fetched)
    if instance.version is not None and instance.version.files:
        out.init_containers.append(_checker(platform, out))
    out.service_accounts = _service_accounts(platform, fetched)
    return out


def _mount(out: ModelFiles, instance: ServiceInstance, key: str, source: Source, target: str) -> None:
    inner = source.inner
    match source.kind:
        case "claim":
            volume = Volume("pvc-share", source.address, target)
            out.volumes[volume_name(volume)] = {"persistentVolumeClaim": {"claimName": source.address}}
            out.mounts.append(_at(volume_name(volume), target, inner))
        case "oci":
            name = f"model-image-{len(out.volumes)}" if out.volumes else "model-image"
            out.volumes[name] = {"image": {"reference": source.address, "pullPolicy": "IfNotPresent"}}
            out.mounts.append(_at(name, target, inner))
        case "path":
            if holder := volume_of(instance, source):
                out.mounts.append(_at(volume_name(holder[0]), target, holder[1]))
        case "https" | "s3" | "gs" | "hf":
            steps = filter(None, (_folder(key), inner or ("" if source.archive else source.file)))
            out.mounts.append(_at(_VOLUME, target, "/".join(steps)))
        case _:
            pass


def volume_of(instance: ServiceInstance, source: Source) -> tuple[Volume, str] | None:
    """Return the volume of the service that holds an absolute path, and the path inside its source."""
    path = source.address
    fitting = []
    for volume in instance.settings.volumes or ():
        mounted = own_mount(volume, instance.settings.owner)
        place = mounted["mountPath"].rstrip("/")
        if path == place or path.startswith(f"{place}/"):
            fitting.append((place, volume, mounted.get("subPath", "")))
    if not fitting:
        return None
    place, volume, inside = max(fitting, key=lambda entry: len(entry[0]))
    return volume, "/".join(filter(None, (inside, path[len(place) :].strip("/"))))


def size_limit(size: int) -> int:
    """Return the limit of the emptyDir for a model of `size` bytes: an archive and its files are there together."""
    return (-(-size * 2 // (1 << 20)) + 64) << 20


def _fetched_volumes(out: ModelFiles) -> dict[str, Tree]:
    """Return the volumes of what is fetched, and note how much they may hold."""
    model: Tree = {}
    if out.fetched:
        out.room = size_limit(out.fetched) + _SCRATCH_BYTES
        model = {"sizeLimit": format_bytes(size_limit(out.fetched))}
    return {_VOLUME: {"emptyDir": model}, _SCRATCH: {"emptyDir": {"sizeLimit": format_bytes(_SCRATCH_BYTES)}}}


def _endpoints(platform: Platform, fetched: Mapping[str, Source]) -> tuple[Endpoint, ...]:
    found = ((source, credentials(format_source(source), platform.sources)) for source in fetched.values())
    return tuple(dict.fromkeys(one for source, given in found for one in endpoints(source, given)))


def _at(name: str, path: str, inner: str) -> Tree:
    return {"name": name, "mountPath": path, **({"subPath": inner} if inner else {}), "readOnly": True}


def _folder(key: str) -> str:
    return key or "model"


def _fetchers(platform: Platform, fetched: Mapping[str, Source], out: ModelFiles) -> list[Tree]:
    """Return an init container for each set of credentials, so that no source gets those of another one."""
    groups: dict[int, tuple[SourceCredentials | None, dict[str, Source]]] = {}
    for key, source in fetched.items():
        found = credentials(format_source(source), platform.sources)
        groups.setdefault(id(found), (found, {}))[1][key] = source
    return [
        {
            **_fetcher(platform, f"fetch-model-{number}" if number > 1 else "fetch-model", found, members),
            **_limits(out),
            "volumeMounts": [{"name": _VOLUME, "mountPath": _FOLDER}, {"name": _SCRATCH, "mountPath": "/tmp"}],
        }
        for number, (found, members) in enumerate(groups.values(), 1)
    ]


def _fetcher(platform: Platform, name: str, found: SourceCredentials | None, fetched: Mapping[str, Source]) -> Tree:
    arguments: list[str] = []
    for key, source in fetched.items():
        arguments += (escape_all(fetch_address(source)), escape_all(f"{_FOLDER}/{_folder(key)}"))
    secret = found.secret if found is not None else None
    own = found.env or {} if found is not None else {}
    env = {"HF_HOME": "/tmp/hf", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_XET_CHUNK_CACHE_SIZE_BYTES": "0", **own}
    return {
        "name": name,
        "image": mirror_image(platform.fetch.image, platform.images),
        "imagePullPolicy": "IfNotPresent",
        "args": arguments,
        **({"envFrom": [{"secretRef": {"name": secret}}]} if secret else {}),
        "env": [variable(key, value) for key, value in env.items()],
    }


def _limits(out: ModelFiles) -> Tree:
    """Return the resources and the rights of an init container. What it fetches counts as the pod's, not as its own."""
    requests, limits = {"cpu": "100m", "memory": "100Mi"}, {"cpu": "1", "memory": "1Gi"}
    requests["ephemeral-storage"] = _DISK[0]
    # The kubelet takes the limit of any container for one of the pod.
    if out.limited:
        limits["ephemeral-storage"] = _DISK[1]
    return {"resources": {"requests": requests, "limits": limits}, "securityContext": _SECURITY}


def _service_accounts(platform: Platform, fetched: Mapping[str, Source]) -> tuple[str, ...]:
    """Return the service accounts that may read the sources."""
    found = (credentials(format_source(source), platform.sources) for source in fetched.values())
    return tuple(dict.fromkeys(one.service_account for one in found if one is not None and one.service_account))


def fetch_address(source: Source) -> str:
    """Return the address as the storage initializer spells it: `hf://org/name:revision`."""
    if source.kind == "hf":
        return f"hf://{source.address}{':' if source.revision else ''}{source.revision}"
    return source.address


def _checker(platform: Platform, out: ModelFiles) -> Tree:
    return {
        "name": "check-model",
        "image": mirror_image(platform.fetch.checker, platform.images),
        "imagePullPolicy": "IfNotPresent",
        "command": ["sha256sum", "-c", f"/config/{SUMS}"],
        **_limits(out),
        "volumeMounts": [{"name": "config", "mountPath": "/config", "readOnly": True}, *out.mounts],
    }
