"""Write blobs and trees without an index.

Git takes long to read the index of a large repository, to write it, and to make trees of it, and only the trees of a
few folders change. So these are made here, and one process stores them with the blobs: `git unpack-objects` gets them
as a pack. Source: gitformat-pack(5), and git-cat-file(1) for trees
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from typing import TYPE_CHECKING, Final

from generator.core.errors import ToolError
from generator.repo.git.objects import SHA256_DIGITS, TreeEntry, object_name, read_trees
from generator.repo.git.refusal import REPAIR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.core.programs.git import Git

    Tree = dict[str, TreeEntry]

_FOLDER: Final = "40000"
# The numbers of types in a pack, and its version.
_TREE, _BLOB, _VERSION = 2, 3, 2
# Git compresses loose objects again, as it is configured.
_FASTEST: Final = 1


def write_tree(
    git: Git,
    revision: str | None,
    prefix: str,
    edits: Mapping[str, TreeEntry | None],
    contents: Iterable[bytes] = (),
) -> str:
    """Return the tree of a revision with files added, replaced or (None) deleted; without one, a tree of these files.

    `prefix` is git's folder in the tree. The revision is the id of an object, or starts with one. `contents` are blobs
    of the edits that the repository may lack. Raises ToolError if a tree cannot be read.
    """
    names = [entry.name for entry in edits.values() if entry]
    digits = len(names[0] if names else (revision or "").partition("^")[0])
    changed = _by_folder(prefix, edits)
    held = _read(git, revision, changed, digits)
    written: dict[str, tuple[str, bytes]] = {}
    # Deepest first: a folder has the names of those in it.
    for folder in sorted(changed, key=lambda path: path.count("/") + bool(path), reverse=True):
        tree = _edit(held[folder], changed[folder], _inside(folder, changed, written))
        text = _encode(tree)
        written[folder] = object_name(text, digits, b"tree"), text
    trees = [text for folder, (_, text) in written.items() if text or not folder]
    _store(git, [*((_BLOB, content) for content in contents), *((_TREE, text) for text in trees)], digits)
    return written[""][0]


def _by_folder(prefix: str, edits: Mapping[str, TreeEntry | None]) -> dict[str, dict[str, TreeEntry | None]]:
    """Return the edits by folder and name; the folders above are there too, the top as an empty string."""
    changed: dict[str, dict[str, TreeEntry | None]] = {"": {}}
    for path, entry in edits.items():
        folder, _, name = f"{prefix}{path}".rpartition("/")
        changed.setdefault(folder, {})[name] = entry
        while folder:
            folder = folder.rpartition("/")[0]
            changed.setdefault(folder, {})
    return changed


def _read(git: Git, revision: str | None, folders: Iterable[str], digits: int) -> dict[str, Tree]:
    """Return the entries of folders in a revision; none of one that it lacks.

    Git says of a tree that it cannot read only that there is none: the folder above says whether there should be one.
    """
    found = read_trees(git, revision, folders) if revision is not None else {"": b""}
    held = {folder: dict(_decode(found.get(folder, b""), digits)) for folder in folders}
    for folder in held.keys() - found.keys():
        above, _, name = folder.rpartition("/")
        entry = held[above].get(name)
        if not folder or (entry is not None and _is_folder(entry.mode)):
            raise ToolError(f"git cannot read the folder {folder or '/'} of {revision}", hint=REPAIR)
    return held


def _decode(tree: bytes, digits: int) -> Iterator[tuple[str, TreeEntry]]:
    at = 0
    while at < len(tree):
        end = tree.index(b"\0", at)
        mode, _, name = tree[at:end].partition(b" ")
        at = end + 1 + digits // 2
        yield name.decode("utf-8", "surrogateescape"), TreeEntry(mode.decode("ascii"), tree[end + 1 : at].hex())


def _encode(tree: Tree) -> bytes:
    """Return the content of a tree, in Git's order: by name, and by that of a folder with a slash at its end."""
    entries = [(name.encode("utf-8", "surrogateescape"), *entry) for name, entry in tree.items()]
    entries.sort(key=lambda entry: entry[0] + b"/" * _is_folder(entry[1]))
    return b"".join(b"%s %s\0%s" % (mode.encode("ascii"), name, bytes.fromhex(id)) for name, mode, id in entries)


def _inside(
    folder: str, changed: Mapping[str, object], written: Mapping[str, tuple[str, bytes]]
) -> dict[str, TreeEntry | None]:
    """Return the entries of the changed folders that are in a folder; None for one that is now empty."""
    paths = [path for path in changed if path and path.rpartition("/")[0] == folder]
    made = {path.rpartition("/")[2]: written[path] for path in paths}
    return {name: TreeEntry(_FOLDER, id) if text else None for name, (id, text) in made.items()}


def _edit(tree: Tree, files: Mapping[str, TreeEntry | None], folders: Mapping[str, TreeEntry | None]) -> Tree:
    """Return a tree with these changes; the deletion of a file deletes no folder of its name, and the reverse."""
    edited = dict(tree)
    for entries, are_folders in ((folders, True), (files, False)):
        for name, entry in entries.items():
            if entry is not None:
                edited[name] = entry
            elif name in edited and _is_folder(edited[name].mode) == are_folders:
                del edited[name]
    return edited


def _is_folder(mode: str) -> bool:
    return mode.lstrip("0") == _FOLDER


def _store(git: Git, objects: list[tuple[int, bytes]], digits: int) -> None:
    parts = [b"PACK", struct.pack(">II", _VERSION, len(objects))]
    for kind, content in objects:
        parts += [_head(kind, len(content)), zlib.compress(content, _FASTEST)]
    pack = b"".join(parts)
    algorithm = hashlib.sha256 if digits == SHA256_DIGITS else hashlib.sha1
    git.run("unpack-objects", "-q", stdin=pack + algorithm(pack, usedforsecurity=False).digest())


def _head(kind: int, size: int) -> bytes:
    """Return type and size of an object in a pack: 4 bits of the size in the first byte, 7 in each further one."""
    out, byte, rest = bytearray(), kind << 4 | size & 0xF, size >> 4
    while rest:
        out.append(byte | 0x80)
        byte, rest = rest & 0x7F, rest >> 7
    return bytes((*out, byte))
