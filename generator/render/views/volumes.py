"""The eight kinds of volumes in the form of Kubernetes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.spec.values.volumes import volume_name

if TYPE_CHECKING:
    from generator.spec.values.volumes import Volume


def source(volume: Volume) -> dict[str, Any]:
    """Return the volume's definition, without its name."""
    match volume.kind:
        case "pvc" | "pvc-share" | "storage":
            return {"persistentVolumeClaim": {"claimName": volume.source}}
        case "hostpath":
            return {"hostPath": {"path": volume.source}}
        case "nfs":
            server, _, path = volume.source.partition("/")
            return {"nfs": {"server": server, "path": f"/{path}"}}
        case "configmap":
            return {"configMap": {"name": volume.source}}
        case "secret":
            return {"secret": {"secretName": volume.source}}
        case "memory":
            return {"emptyDir": {"medium": "Memory", **({"sizeLimit": volume.source} if volume.source else {})}}


def mount(volume: Volume, owner: str | None) -> dict[str, Any]:
    """Return the mount of a volume. In a (pvc) volume an owner sees only its own folder, mounted under its own name."""
    subpath, path = volume.subpath, volume.mount
    if volume.kind == "pvc" and owner and subpath is None:
        subpath, path = owner, f"{path.rstrip('/')}/{owner}"
    return {
        "name": volume_name(volume),
        "mountPath": path,
        **({"subPath": subpath} if subpath else {}),
        **({"readOnly": True} if volume.read_only else {}),
    }
