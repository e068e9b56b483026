"""`volumes: kubeflow-user-workspace(pvc):/mnt,10G(memory):/dev/shm`: what else is mounted, of eight kinds.

`pvc` shows the owner's folder of a claim where the spec has an owner; `pvc-share` and `storage` show all of a claim.
`(memory):/dev/shm` without a size is bounded by the memory limit alone. `:ro` after the path mounts read-only.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, Final, Literal, get_args

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values.mistake import MistakeError
from generator.spec.values.scalars import boolean
from generator.spec.values.text import items, scalar

Kind = Literal["pvc", "pvc-share", "storage", "hostpath", "nfs", "configmap", "secret", "memory"]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
# Mounted by us, with the files of `config`.
_RESERVED: Final = "/config"
_FORM: Final = re.compile(r"(?P<source>[^()]*)\((?P<kind>[^()]*)\):(?P<mount>[^:]+)(?::(?P<mode>.*))?\Z")
_SIZE: Final = re.compile(r"([0-9]+)\s*([GM])i?\Z", re.IGNORECASE)
_OBJECT: Final = re.compile(r"[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?\Z")
_EXPECTED: Final = "volumes such as kubeflow-user-workspace(pvc):/mnt"


@dataclass(frozen=True, slots=True)
class Volume:
    """One mount: of what, and where. `subpath` is relative to the volume."""

    kind: Kind
    source: str
    mount: str
    read_only: bool = False
    subpath: str | None = None


def parse(value: object) -> tuple[Volume, ...]:
    """Volumes from a text, or a list of texts and mappings {pvc: claim, mount: /mnt, …}. Raises MistakeError."""
    if isinstance(value, list):
        volumes = tuple(_entry(item, index) for index, item in enumerate(value))
    else:
        volumes = tuple(_compact(item) for item in items(value, _EXPECTED))
    mounts = [volume.mount for volume in volumes]
    twice = next((mount for mount in mounts if mounts.count(mount) > 1), None)
    if twice is not None:
        raise MistakeError(twice, "each path mounted once", hint="remove one of the two")
    return volumes


def volume_name(volume: Volume) -> str:
    """A DNS label for the pod's volume: from kind and source, with a hash where characters were lost or cut."""
    plain = f"{volume.kind}-{volume.source or 'default'}"
    safe = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if safe == plain and len(safe) <= 63:
        return safe
    return f"{safe[:56].strip('-')}-{hashlib.sha256(plain.encode()).hexdigest()[:6]}"


def _entry(item: object, index: int) -> Volume:
    if not isinstance(item, dict):
        return _compact(scalar(item, _EXPECTED))
    kinds = [key for key in item if key in KINDS]
    unknown = next((key for key in item if key not in (*KINDS, "mount", "read_only", "subpath")), None)
    if unknown is not None:
        expected = f"mount, read_only, subpath, or a kind: {', '.join(KINDS)}"
        raise MistakeError(unknown, expected, at=(index, unknown))
    if len(kinds) != 1 or "mount" not in item:
        raise MistakeError(item, "one kind and a mount", hint="write {pvc: claim, mount: /mnt}", at=(index,))
    read_only = boolean(item["read_only"]) if "read_only" in item else False
    subpath = scalar(item["subpath"], "a path inside the volume") if "subpath" in item else None
    source = scalar(item[kinds[0]], "the volume's source")
    return _volume(kinds[0], source, scalar(item["mount"], "a path"), read_only=read_only, subpath=subpath)


def _compact(text: str) -> Volume:
    match = _FORM.match(text.strip())
    if match is None:
        raise MistakeError(text, "source(kind):/path", hint="for example kubeflow-user-workspace(pvc):/mnt")
    if match["mode"] not in (None, "ro", "rw"):
        raise MistakeError(match["mode"], "ro or nothing after the path")
    return _volume(
        match["kind"].strip().lower(), match["source"].strip(), match["mount"].strip(), read_only=match["mode"] == "ro"
    )


def _volume(kind: str, source: str, mount: str, *, read_only: bool, subpath: str | None = None) -> Volume:
    if kind not in KINDS:
        raise MistakeError(kind, f"a kind of volume: {', '.join(KINDS)}")
    if "{{" in source + mount:
        raise MistakeError(source + mount, "no placeholder", hint="set `owner:` instead of {{creator}}")
    path = mount.rstrip("/") or "/"
    if not path.startswith("/") or path == "/" or ".." in path.split("/"):
        raise MistakeError(
            mount, "an absolute path below /", hint=f"write /{mount.lstrip('./')}" if mount.strip("/.") else ""
        )
    if path == _RESERVED:
        raise MistakeError(
            mount, "another path: the files of `config` are mounted there", hint="put them into `config`"
        )
    return Volume(kind, _source(kind, source), path, read_only, subpath)  # type: ignore[arg-type]  # checked above


def _source(kind: str, source: str) -> str:
    match kind:
        case "memory":
            return _memory(source)
        case "hostpath":
            if not source.startswith("/") or ".." in source.split("/"):
                raise MistakeError(source, "an absolute path on the node")
        case "nfs":
            server, slash, path = source.partition("/")
            if not server or not slash or not path:
                raise MistakeError(source, "a server and a path, such as nfs.example.com/models")
        case _:
            if not _OBJECT.match(source):
                expected = "the name of the claim, ConfigMap or Secret: lower-case letters, digits, - and ."
                raise MistakeError(source, expected)
    return source


def _memory(source: str) -> str:
    if not source:
        return ""
    match = _SIZE.match(source)
    if match is None:
        raise MistakeError(source, "a size such as 2G, or nothing")
    return f"{match[1]}{match[2].upper()}i"


VolumesField = Annotated[
    tuple[Volume, ...],
    PlainValidator(parse),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "object"}]}}]}
    ),
]
