"""Repositories of servegen in real Git: a bare remote, and clones in which users and pipelines work."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.support.command import servegen
from tests.support.grants import grant_everything
from tests.support.prepared import copy_prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

PLATFORM: Final = grant_everything("""\
servegen: ~=1.0
clusters:
  main: {domain: example.com, gateways: managed}
environments:
  test: {cluster: main, stage: test}
  prod: {cluster: main, stage: prod, requires: none}
""")
_IDENTITY: Final = "[user]\n\tname = Dev\n\temail = dev@example.com\n[commit]\n\tgpgSign = false\n"
ATTRIBUTES: Final = "rendered/** linguist-generated -merge -text\n"


def git(folder: Path, *arguments: str, stdin: str | None = None) -> str:
    """Run git, which must succeed, and return its output."""
    done = subprocess.run(["git", *arguments], cwd=folder, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {arguments}: {done.stdout}{done.stderr}"
    return done.stdout.rstrip("\n")


def identity(folder: Path) -> Path:
    """Configure an author in a clone, and return the clone."""
    with (folder / ".git" / "config").open("a", encoding="utf-8") as settings:
        settings.write(_IDENTITY)
    return folder


def write(root: Path, files: dict[str, str]) -> None:
    """Write files, given by their path."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def service(version: str, *, host: str = "", day: int = 1, more: str = "") -> str:
    """Return a spec that is released in prod."""
    return (
        f"model: m\nversion: v{version}\ntype: triton-server\n"
        + (f"host: {host}\n" if host else "")
        + more
        + f"environments:\n  prod: {{released: 2026-11-{day:02}T10:00:00Z}}\ncommand: run\n"
    )


def repository(top: Path, spec: str, *, prefix: str = "") -> Path:
    """Create a repository in a folder of a new Git work tree, with one service, rendered and committed."""
    copy_prepared(top, _fill_repository, spec, prefix)
    return top / prefix


def _fill_repository(top: Path, spec: str, prefix: str) -> None:
    git(top, "init", "-q", "-b", "main")
    identity(top)
    write(top / prefix, {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": spec})
    committed(top / prefix)


def remote(folder: Path, *, format_: str = "sha1", prefix: str = "") -> Path:
    """Create a bare repository with a platform file and one service, rendered and committed in the clone `first`."""
    copy_prepared(folder, _fill_remote, format_, prefix)
    bare = folder / "remote.git"
    git(folder / "first", "remote", "set-url", "origin", str(bare))
    return bare


def _fill_remote(folder: Path, format_: str, prefix: str) -> None:
    bare, first = folder / "remote.git", folder / "first"
    git(folder, "init", "-q", "--bare", "-b", "main", f"--object-format={format_}", str(bare))
    git(folder, "init", "-q", "-b", "main", f"--object-format={format_}", str(first))
    git(first, "remote", "add", "origin", str(bare))
    identity(first)
    root = first / prefix
    write(first, {".gitattributes": ATTRIBUTES.replace("rendered", f"{prefix}rendered")})
    write(root, {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": service("1")})
    git(first, "add", ".gitattributes")
    git(first, "commit", "-qm", "attributes")
    committed(root, "--push")


def filled_clone(folder: Path, fill: Callable[..., object], *arguments: Hashable) -> Path:
    """Create `remote.git` as `remote` does, and beside it the clone `here`, as `fill(here, *arguments)` leaves both."""
    copy_prepared(folder, _fill_clone, fill, *arguments)
    git(folder / "here", "remote", "set-url", "origin", str(folder / "remote.git"))
    return folder / "here"


def _fill_clone(folder: Path, fill: Callable[..., object], *arguments: Hashable) -> None:
    here = clone(remote(folder), "here")
    shutil.rmtree(folder / "first")
    fill(here, *arguments)


def clone(bare: Path, name: str, *options: str) -> Path:
    """Clone a bare repository into a folder beside it."""
    address = f"file://{bare}" if options else str(bare)
    git(bare.parent, "clone", "-q", *options, address, name)
    return identity(bare.parent / name)


def committed(root: Path, *options: str) -> str:
    """Run `servegen commit`, which must succeed, and return its output."""
    done = servegen(root, "commit", *options)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def whole(root: Path) -> None:
    """Assert that HEAD holds the render of its specs, and that the work tree equals HEAD."""
    assert git(root, "status", "--porcelain") == ""
    done = servegen(root, "render", "--check")
    assert done.returncode == 0, done.stderr


def head(folder: Path, revision: str = "HEAD") -> str:
    """Return the id of a commit."""
    return git(folder, "rev-parse", revision)
