"""The root of a container, as the commands that set it up in a new mount namespace."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from tests.servers.images import Image
from tests.servers.volumes import Mount


@dataclass(frozen=True, slots=True)
class Root:
    """The root of a container: its image, its mounts, and whether only mounts can be written to."""

    image: Image
    mounts: tuple[Mount, ...]
    read_only: bool
    shm: bool
    """Whether /dev/shm is the one that each container has without a volume there, of 64 MiB."""
    host: str

    def place(self, work: Path) -> str:
        """The path of the root, quoted for a shell."""
        return shlex.quote(f"{work}/root")

    def script(self, work: Path) -> list[str]:
        """Return the commands of a shell; `work` is a folder in memory for what the container writes."""
        out = ["set -e", *self._overlay(work), *self._system(work), *self._image(work)]
        for mount in self.mounts:
            out += _bind(mount.source, f"{work}/root{mount.path}", read_only=mount.read_only)
        for path in self.image.kept:
            # Needed only if it is on another file system than /, or if a volume hides it.
            target = f"{work}/root{path}"
            bind = "; ".join(_bind(path, target, read_only=True))
            out.append(f'[ -n "$(ls -A {shlex.quote(target)} 2>/dev/null)" ] || {{ {bind}; }}')
        if self.read_only:
            if all(mount.path != "/tmp" for mount in self.mounts):
                out.append(f"mount -o remount,bind,ro {shlex.quote(f'{work}/root/tmp')}")
            out.append(f"mount -o remount,ro {self.place(work)}")
        return out

    def _overlay(self, work: Path) -> list[str]:
        upper, own, root = (shlex.quote(f"{work}/{name}") for name in ("upper", "work", "root"))
        options = f"lowerdir=/,upperdir={upper},workdir={own}"
        return [
            f"mkdir -p {upper} {own} {root}",
            f"mount -t overlay overlay -o {options} {root}",
            f"echo {shlex.quote(self.host)} > /proc/sys/kernel/hostname",
        ]

    def _system(self, work: Path) -> list[str]:
        root, empty = f"{work}/root", f"{work}/tmp"
        out = [
            f"mount -t proc proc {shlex.quote(f'{root}/proc')}",
            f"mount --rbind /sys {shlex.quote(f'{root}/sys')}",
            f"mount --rbind /dev {shlex.quote(f'{root}/dev')}",
            f"mkdir -m 1777 {shlex.quote(empty)}",
            *_bind(Path(empty), f"{root}/tmp", read_only=False),
        ]
        if self.shm:
            out.append(f"mount -t tmpfs -o size=64m,mode=1777 shm {shlex.quote(f'{root}/dev/shm')}")
        return out

    def _image(self, work: Path) -> list[str]:
        out = [f"mkdir -p {shlex.quote(f'{work}/root{self.image.folder}')}"]
        for path in self.image.kept:
            # Another user may not enter the folders above it, such as a home.
            for folder in reversed(path.parents):
                above = shlex.quote(f"{work}/root{folder}")
                out.append(f"[ ! -d {above} ] || chmod a+x {above}")
        for name, source in self.image.trees.items():
            out += _bind(source, f"{work}/root{name}", read_only=True)
        for name, target in self.image.links.items():
            link = f"{work}/root{name}"
            out.append(f"mkdir -p {shlex.quote(str(Path(link).parent))}")
            out.append(f"ln -sf {shlex.quote(str(target))} {shlex.quote(link)}")
        return out


def _bind(source: Path, target: str, *, read_only: bool) -> list[str]:
    """Mount a folder or a file at a path, which is created if it does not exist."""
    here, there = shlex.quote(str(source)), shlex.quote(target)
    create = f"mkdir -p {there}"
    if not source.is_dir():
        above = shlex.quote(str(Path(target).parent))
        create = f"mkdir -p {above} && {{ [ -e {there} ] || : > {there}; }}"
    out = [create, f"mount --bind {here} {there}"]
    return [*out, f"mount -o remount,bind,ro {there}"] if read_only else out
