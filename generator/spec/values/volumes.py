"""`volumes: kubeflow-user-workspace(pvc):/mnt,10G(memory):/dev/shm`: what is mounted, of eight kinds, and where.

`pvc` mounts the owner's folder of a claim if the spec has an `owner`; `pvc-share` and `storage` mount the whole claim.
`(memory):/dev/shm` without a size is limited only by the memory limit. `:ro` after the path mounts read-only.
`{/mnt: null}` removes what an earlier layer mounts at that path.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Annotated, Final, Literal, get_args

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.list_items import REMOVALS_SCHEMA, ItemGrammar, Layered, kept
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import boolean
from generator.spec.values.text import (
    check_keys,
    closest,
    first_duplicate,
    prefix_errors,
    scalar,
)

Kind = Literal["pvc", "pvc-share", "storage", "hostpath", "nfs", "configmap", "secret", "memory"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
# servegen mounts the files of `config` here.
_RESERVED: Final = "/config/"
_FORM: Final = regex(r"(?P<source>[^()]*)\((?P<kind>[^()]*)\):\s*(?P<mount>[^:]*)(?::(?P<mode>.*))?\Z")
_SIZE: Final = regex(r"([1-9][0-9]{0,8})\s*([GM])i?\Z", re.IGNORECASE)
_OBJECT: Final = regex(r"[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?\Z")
_LABEL: Final = regex(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
_PLACEHOLDER: Final = regex(r"\{\{.*?\}\}")
_KEYS: Final = (*KINDS, "mount", "read_only", "subpath")
_EXPECTED: Final = "volumes such as kubeflow-user-workspace(pvc):/mnt"


class Volume(Struct, frozen=True):
    """One mount: what is mounted, and where. `subpath` is relative to the volume."""

    kind: Kind
    source: str
    mount: str
    read_only: bool = False
    subpath: str | None = None


def parse(value: object) -> Layered[Volume]:
    """Parse volumes from a string, one mapping {pvc: claim, mount: /mnt, …}, or a list of both.

    Raises InvalidValueError.
    """
    volumes = _ITEMS.parse(value)
    twice = first_duplicate(volume.mount for volume in kept(volumes))
    if twice is not None:
        raise InvalidValueError(twice, "each path mounted only once", hint="remove one of the two")
    return volumes


def volume_name(volume: Volume) -> str:
    """Return a DNS label as the name of the pod's volume: one name for each source, or for each mount of memory.

    It consists of kind and source (or path). A hash is added if characters were lost or cut, and if two names could be
    equal: `share-x` of (pvc) and `x` of (pvc-share), or the memory mounts `/a-b` and `/a/b`.
    """
    if volume.kind == "memory":
        return folder_volume("memory", volume.mount)
    clear = not (volume.kind == "pvc" and volume.source.startswith("share-"))
    return _label(volume.kind, volume.source, f"{volume.kind}-{volume.source}", clear=clear)


def folder_volume(prefix: str, path: str) -> str:
    """Return a DNS label as the name of the volume that is mounted at `path` only."""
    what = path.strip("/")
    return _label(prefix, what, f"{prefix}-{what.replace('/', '-')}", clear="-" not in what)


@lru_cache(maxsize=4096)
def _label(kind: str, what: str, plain: str, *, clear: bool) -> str:
    if clear and _LABEL.match(plain):
        return plain
    safe = re.sub(r"[^a-z0-9]+", "-", plain.lower())[:56].strip("-")
    return f"{safe}-{hashlib.sha256(f'{kind} {what}'.encode()).hexdigest()[:6]}"


def _entry(item: object) -> Volume:
    return _mapping(item) if isinstance(item, dict) else _compact(scalar(item, _EXPECTED))


def _mapping(item: dict[str, object]) -> Volume:
    check_keys(item, _KEYS)
    kinds = [kind for kind in KINDS if kind in item]
    if len(kinds) != 1 or "mount" not in item:
        raise InvalidValueError(item, "one kind and a mount", hint="for example {pvc: claim, mount: /mnt}")
    kind = kinds[0]
    with prefix_errors(kind):
        source = _source(kind, scalar(item[kind], "the volume's source"))
    with prefix_errors("mount"):
        mount = mount_path(scalar(item["mount"], "an absolute path"))
    with prefix_errors("read_only"):
        read_only = boolean(item.get("read_only", "false"))
    with prefix_errors("subpath"):
        subpath = _subpath(item["subpath"]) if "subpath" in item else None
    return Volume(kind, source, mount, read_only, subpath)


def _compact(text: str) -> Volume:
    match = _FORM.match(text)
    if match is None:
        raise InvalidValueError(text, "source(kind):/path", hint="for example kubeflow-user-workspace(pvc):/mnt")
    name, mode = match["kind"].strip().lower(), match["mode"]
    kind = next((kind for kind in KINDS if kind == name), None)
    if kind is None:
        raise InvalidValueError(name, f"a kind of volume: {', '.join(KINDS)}", hint=closest(name, KINDS))
    if mode is not None and mode.strip() not in ("ro", "rw"):
        raise InvalidValueError(text, "nothing, ro or rw after the path", hint="write :ro for a read-only mount")
    read_only = mode is not None and mode.strip() == "ro"
    return Volume(kind, _source(kind, match["source"].strip()), mount_path(match["mount"].strip()), read_only)


def _check_filled(text: str) -> None:
    placeholder = _PLACEHOLDER.search(text)
    if placeholder is not None:
        owner = placeholder[0].strip("{} ") == "creator"
        hint = "set `owner` to the folder's name" if owner else "write the value itself"
        raise InvalidValueError(placeholder[0], "no placeholder", hint=hint)


def mount_path(text: str) -> str:
    """Return the path of a mount without double slashes. Raises InvalidValueError."""
    _check_filled(text)
    path = re.sub(r"/+", "/", text).rstrip("/")
    if not path.startswith("/") or not is_inside(path[1:]):
        better = "/" + "/".join(step for step in path.split("/") if step not in ("", ".", ".."))
        raise InvalidValueError(text, "an absolute path below /", hint=f"write {better}" if better != "/" else "")
    if f"{path}/".startswith(_RESERVED):
        expected = "another path: the files of `config` are mounted at /config/"
        raise InvalidValueError(text, expected, hint="write them into `config`, or mount elsewhere")
    return path


def _subpath(value: object) -> str:
    text = scalar(value, "a path inside the volume")
    if not is_inside(text):
        better = "/".join(step for step in text.split("/") if step not in ("", ".", ".."))
        raise InvalidValueError(text, "a relative path inside the volume", hint=f"write {better}" if better else "")
    return text


def is_inside(path: str) -> bool:
    """Return whether a path is relative and stays in its folder."""
    return not any(step in ("", ".", "..") for step in path.split("/"))


def _source(kind: Kind, source: str) -> str:
    _check_filled(source)
    match kind:
        case "memory":
            return _memory(source)
        case "hostpath":
            if not source.startswith("/") or ".." in source.split("/"):
                hint = f"write /{source}" if source and ".." not in source else ""
                raise InvalidValueError(source, "an absolute path on the node", hint=hint)
        case "nfs":
            server, _, path = source.partition("/")
            if not server or not path or ".." in path.split("/"):
                expected = "a server and a path"
                raise InvalidValueError(source, expected, hint="for example nfs.example.com/models(nfs):/mnt")
        case _:
            if not _OBJECT.match(source):
                expected = "the name of the claim, ConfigMap or Secret: lower-case letters, digits, - and ."
                better = re.sub(r"[^-.a-z0-9]+", "-", source.lower()).strip("-.")
                raise InvalidValueError(source, expected, hint=f"for example {better}" if better else "")
    return source


def _memory(source: str) -> str:
    if not source:
        return ""
    match = _SIZE.match(source)
    if match is None:
        number = re.match(r"[1-9][0-9]{0,8}", source)
        raise InvalidValueError(source, "a size such as 2G, or nothing", hint=f"write {number[0]}G" if number else "")
    return f"{match[1]}{match[2].upper()}i"


_ITEMS: Final = ItemGrammar(_EXPECTED, _entry, mount_path)
_MAPPING: Final = {
    "type": "object",
    "properties": {
        **{key: {"type": "string"} for key in (*KINDS, "mount", "subpath")},
        "read_only": {"type": "boolean"},
    },
    "required": ["mount"],
    "additionalProperties": False,
}
VolumesField = Annotated[
    tuple[Volume, ...],  # with removals until the layers are merged
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"[(（].*[)）]\s*[:：]"},
                {"type": "array", "items": {"anyOf": [{"type": "string"}, _MAPPING, *REMOVALS_SCHEMA]}},
                _MAPPING,
                REMOVALS_SCHEMA[0],
            ]
        }
    ),
]
