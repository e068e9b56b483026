"""The files of a pod: its volumes, their mounts, and the init containers that bring the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.launch import ModelFiles
from generator.render.views import service
from generator.render.views.hardening import writable
from generator.render.views.volumes import mount, source
from generator.spec.values.volumes import folder_volume, volume_name

if TYPE_CHECKING:
    from generator.render.views.context import ServiceContext

CONFIG_MOUNT: Final = "/config"
_SHARED: Final = "/dev/shm"


def volume_mounts(context: ServiceContext) -> list[dict[str, Any]]:
    """The config files, then the volumes of the spec."""
    settings = context.instance.settings
    config = [{"name": "config", "mountPath": CONFIG_MOUNT, "readOnly": True}] if settings.config else []
    own = [mount(volume, settings.owner) for volume in settings.volumes or ()]
    return [*config, *own, *_files(context).mounts, *_config_mounts(context), *_scratch_mounts(context)]


def volumes(context: ServiceContext) -> list[dict[str, Any]]:
    """The volumes; one source that is mounted twice is one volume."""
    settings = context.instance.settings
    config = {"config": {"configMap": {"name": config_name(context)}}} if settings.config else {}
    own = {volume_name(volume): source(volume) for volume in settings.volumes or ()}
    scratch = {name: definition for name, _, definition in _scratch(context)}
    named = {**config, **own, **_files(context).volumes, **scratch}
    return [{"name": name, **definition} for name, definition in named.items()]


def service_account(context: ServiceContext) -> str:
    """The service account that the pod runs as."""
    accounts = _files(context).service_accounts
    return accounts[0] if accounts else service.name(context)


def init_containers(context: ServiceContext) -> list[dict[str, Any]]:
    """The containers that fetch the model and compare its files with their digests."""
    return _files(context).init_containers


def config_name(context: ServiceContext) -> str:
    """The name of the ConfigMap with the config files, before kustomize adds the hash of its content."""
    return f"{service.name(context)}-config"


def _scratch(context: ServiceContext) -> list[tuple[str, str, dict[str, Any]]]:
    """Return name, path and definition of the empty volumes that the server writes to, unless the spec has its own."""
    folders: list[tuple[str, str, dict[str, Any]]] = [
        (folder_volume("writable", path), path, {"emptyDir": {"sizeLimit": size}})
        for path, size in writable(context).items()
    ]
    settings = context.instance.settings
    taken = {volume.mount for volume in settings.volumes or ()}
    if not _shares_memory(context) or _SHARED in taken:
        return folders
    memory = settings.resources.memory if settings.resources is not None else None
    limit = {"sizeLimit": memory.limit} if memory is not None else {}
    return [(folder_volume("memory", _SHARED), _SHARED, {"emptyDir": {"medium": "Memory", **limit}}), *folders]


def _shares_memory(context: ServiceContext) -> bool:
    """Whether processes of the server share memory: as its launch says, or because each card has a process (NCCL).

    The 64 MiB that a container runtime gives are too few for them.
    """
    launch, resources = context.instance.launch, context.instance.settings.resources
    gpu = resources.gpu if resources is not None else None
    return (launch is not None and launch.shared_memory) or (gpu is not None and gpu.count > 1)


def _scratch_mounts(context: ServiceContext) -> list[dict[str, Any]]:
    return [{"name": name, "mountPath": path} for name, path, _ in _scratch(context)]


def _files(context: ServiceContext) -> ModelFiles:
    launch = context.instance.launch
    return launch.files if launch is not None else ModelFiles()


def _config_mounts(context: ServiceContext) -> list[dict[str, Any]]:
    """Return the mounts of the config files that the server looks for beside the model."""
    launch = context.instance.launch
    files = launch.config if launch is not None else {}
    return [
        {"name": "config", "mountPath": file.mount, "subPath": name, "readOnly": True}
        for name, file in files.items()
        if file.mount is not None
    ]
