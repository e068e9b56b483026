"""Volumes as folders of this machine, and the mounts of each container.

ConfigMaps and Secrets have the layout of a kubelet: `key` is a link to `..data/key`, and `..data` is a link to a folder
whose name is a time. Source: Kubernetes API reference, Volume and VolumeMount; pkg/volume/util/atomic_writer.go.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.spec.values.quantity import amount
from tests.servers.environment import expand, field
from tests.servers.objects import Objects, PodError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.servers.objects import Tree

_STAMP: Final = "..2026_01_01_00_00_00.1234567890"
_PROJECTED: Final = ("configMap", "secret", "projected", "downwardAPI")


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder or file of this machine, and the path at which a container has it."""

    source: Path
    path: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume of a pod: its folder, and its size in bytes if it is in memory (0: without a limit)."""

    source: Path
    read_only: bool = False
    memory: int | None = None


def lay_volumes(objects: Objects, folder: Path) -> dict[str, Volume]:
    """Create the volumes of a pod in a folder, and return them by name. Raises PodError if a source does not exist."""
    out = {}
    for tree in objects.spec.get("volumes") or ():
        volume = _lay(tree, objects, folder / tree["name"])
        out[tree["name"]] = volume
        group = (objects.spec.get("securityContext") or {}).get("fsGroup")
        if group is not None and ("emptyDir" in tree or any(kind in tree for kind in _PROJECTED)):
            _give_to_group(volume.source, group)
    return out


def _lay(tree: Tree, objects: Objects, folder: Path) -> Volume:
    ((kind, source),) = ((key, value) for key, value in tree.items() if key != "name")
    given = objects.given
    match kind:
        case "emptyDir":
            return _empty(source or {}, folder)
        case "configMap" | "secret" | "downwardAPI" | "projected":
            entries: list[Tree] = source["sources"] if kind == "projected" else [{kind: source}]
            files = [file for entry in entries for file in _files(entry, objects).items()]
            return _lay_files(dict(files), source.get("defaultMode", 0o644), folder)
        case "persistentVolumeClaim":
            return Volume(_given(given.claims, source["claimName"], "claim"), source.get("readOnly", False))
        case "image":
            return Volume(_given(given.images, source["reference"], "image"), read_only=True)
        case "hostPath":
            return Volume(Path(source["path"]))
        case _:
            raise PodError(f"volumes of kind {kind} are not known to the pod runner")


def _given(folders: Mapping[str, Path], name: str, kind: str) -> Path:
    if name not in folders:
        raise PodError(f"{kind} {name!r} not found")
    return folders[name]


def _empty(source: Tree, folder: Path) -> Volume:
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    if source.get("medium") != "Memory":
        return Volume(folder)
    return Volume(folder, memory=int(amount(source.get("sizeLimit", 0)) or 0))


def _files(entry: Tree, objects: Objects) -> dict[str, tuple[bytes, int | None]]:
    """The files of one source: path -> content and mode."""
    ((kind, source),) = entry.items()
    if kind == "downwardAPI":
        return {
            item["path"]: (field(item["fieldRef"]["fieldPath"], objects).encode(), None) for item in source["items"]
        }
    if kind not in ("configMap", "secret"):
        raise PodError(f"projected {kind} is not known to the pod runner")
    read = objects.config_map if kind == "configMap" else objects.secret
    optional, name = source.get("optional", False), source.get("name") or source["secretName"]
    data = read(name, optional=optional)
    if "items" not in source:
        return {key: (content, None) for key, content in data.items()}
    missing = [item["key"] for item in source["items"] if item["key"] not in data]
    if missing and not optional:
        raise PodError(f"{name} references non-existent key: {missing[0]}")
    return {item["path"]: (data[item["key"]], item.get("mode")) for item in source["items"] if item["key"] in data}


def _lay_files(files: Mapping[str, tuple[bytes, int | None]], mode: int, folder: Path) -> Volume:
    (folder / _STAMP).mkdir(parents=True)
    (folder / "..data").symlink_to(_STAMP)
    for name, (content, own) in files.items():
        path = folder / _STAMP / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode if own is None else own)
        first = Path(name).parts[0]
        if not (folder / first).is_symlink():
            (folder / first).symlink_to(Path("..data") / first)
    return Volume(folder, read_only=True)


def _give_to_group(folder: Path, group: int) -> None:
    """Let a group read and write, as a kubelet does for fsGroup."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, -1, group, follow_symlinks=False)
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o2770 if path.is_dir() else 0o660))


def mounts_of(container: Tree, volumes: Mapping[str, Volume], variables: Mapping[str, str]) -> list[Mount]:
    """Return the mounts of a container, outer paths first. Raises PodError for an unknown volume."""
    out = []
    for tree in container.get("volumeMounts") or ():
        if tree["name"] not in volumes:
            raise PodError(f"volume {tree['name']!r} not found")
        volume = volumes[tree["name"]]
        below = tree.get("subPath") or expand(tree.get("subPathExpr", ""), variables)
        source = _below(volume, below) if below else volume.source
        out.append(Mount(source, tree["mountPath"].rstrip("/"), volume.read_only or tree.get("readOnly", False)))
    return sorted(out, key=lambda mount: mount.path)


def _below(volume: Volume, sub_path: str) -> Path:
    """The file or folder of a sub-path. A kubelet creates a folder if there is none."""
    path = volume.source / sub_path
    if not path.exists():
        if volume.read_only:
            raise PodError(f"failed to create subPath directory {sub_path!r}")
        path.mkdir(parents=True)
    return path.resolve()
