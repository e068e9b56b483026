"""A10: pods may mount folders of the node that their project is granted.

A folder of the node outlives pods and namespaces, and many of them give the rights of root.

Passes, with the grant `vision: {host_paths: [/data/models]}`:

    volumes: /data/models/detector(hostpath):/mnt

Fails, with the same grant:

    volumes: /var/run(hostpath):/mnt
"""

from __future__ import annotations

from posixpath import normpath
from typing import TYPE_CHECKING, Final

from generator.checks.grants.need import Need
from generator.checks.grants.project_object import WORKLOADS
from generator.core.loose_values import to_list, to_map
from generator.fleet.grants import platform_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.grants.project_object import ProjectObject

ID: Final = "A10"
KINDS: Final = WORKLOADS


def needs(subject: ProjectObject) -> Iterator[Need]:
    """Yield the folders of the node that are not granted."""
    for index, volume in enumerate(to_list(subject.pod.get("volumes"))):
        source = to_map(to_map(volume).get("hostPath"))
        folder = normpath(f"/{str(source.get('path', '')).lstrip('/')}")
        if source and not _is_granted(subject, folder) and not _is_given(subject, folder):
            path = (*subject.pod_path, "volumes", index)
            hint = "use a (pvc), (nfs) or (memory) volume"
            yield Need("host_paths", folder, f"the folder {folder} of the node", hint, path)


def _is_granted(subject: ProjectObject, folder: str) -> bool:
    steps = folder.split("/")
    above = ("/".join(steps[:count]) or "/" for count in range(1, len(steps) + 1))
    return any(subject.rights.allows("host_paths", path) for path in above)


def _is_given(subject: ProjectObject, folder: str) -> bool:
    return any(
        volume.kind == "hostpath" and normpath(volume.source) == folder
        for volume in platform_settings(subject.instance, "volumes").volumes or ()
    )
