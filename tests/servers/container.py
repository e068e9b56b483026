"""One container: a process in namespaces of its own, with the root, the mounts and the user of its specification.

The root is an overlay over this machine's, so that mount points can be created and nothing that is written stays. The
program is process 1, so that it gets signals as in a real container.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.servers.environment import expand, variables_of
from tests.servers.images import PATH, Image, Images, find_image
from tests.servers.objects import Objects, PodError
from tests.servers.rootfs import Root
from tests.servers.sandbox import child
from tests.servers.volumes import Volume, mounts_of

if TYPE_CHECKING:
    from tests.servers.objects import Tree
    from tests.servers.sandbox import Sandbox

_SHM: Final = "/dev/shm"
_START_SECONDS: Final = 60
# What containerd leaves to a container by default.
_CAPABILITIES: Final = (
    "chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,net_raw,sys_chroot,mknod,audit_write,"
    "setfcap"
)


@dataclass(frozen=True, slots=True)
class Launch:
    """Everything that starts a container."""

    name: str
    command: tuple[str, ...]
    root: Root
    user: tuple[str, ...]
    """The command that changes the user and drops capabilities."""
    environment: tuple[str, ...]
    """The command that sets the environment and the working folder."""

    @classmethod
    def of(cls, tree: Tree, objects: Objects, images: Images, volumes: Mapping[str, Volume]) -> Launch:
        """Read the specification of a container. Raises PodError if a kubelet could not start it."""
        image, own = find_image(tree["image"], images), variables_of(tree, objects)
        security = {**(objects.spec.get("securityContext") or {}), **(tree.get("securityContext") or {})}
        mounts = tuple(mounts_of(tree, volumes, own))
        return cls(
            name=tree["name"],
            command=_command(tree, image, own),
            root=Root(
                image=image,
                mounts=mounts,
                read_only=security.get("readOnlyRootFilesystem", False),
                shm=all(mount.path != _SHM for mount in mounts),
                host=objects.pod["metadata"]["name"],
            ),
            user=_user(security),
            environment=_environment(tree, image, own, objects, security),
        )


def _command(tree: Tree, image: Image, variables: Mapping[str, str]) -> tuple[str, ...]:
    command = [expand(part, variables) for part in tree.get("command") or ()] or list(image.entrypoint)
    whole = (*command, *(expand(part, variables) for part in tree.get("args") or ()))
    if not whole:
        raise PodError(f"no command specified for container {tree['name']}")
    return whole


def _user(security: Tree) -> tuple[str, ...]:
    user = security.get("runAsUser", 0)
    if security.get("runAsNonRoot") and not user:
        raise PodError("container has runAsNonRoot and image will run as root")
    group = security.get("runAsGroup", 0)
    groups = [*security.get("supplementalGroups", ()), *([security["fsGroup"]] if "fsGroup" in security else [])]
    out = ["setpriv", "--reuid", str(user), "--regid", str(group)]
    out += ["--groups", ",".join(map(str, groups))] if groups else ["--clear-groups"]
    if not security.get("allowPrivilegeEscalation", True):
        out.append("--no-new-privs")
    capabilities = security.get("capabilities") or {}
    drops = "ALL" in capabilities.get("drop", ())
    added = [one.lower() for one in capabilities.get("add", ())]
    kept = ",".join(f"+{one}" for one in [*([] if drops else _CAPABILITIES.split(",")), *added])
    bound = f"-all,{kept}" if kept else "-all"
    return (*out, f"--bounding-set={bound}", "--inh-caps=-all")


def _environment(tree: Tree, image: Image, own: Mapping[str, str], objects: Objects, security: Tree) -> tuple[str, ...]:
    home = "/" if security.get("runAsUser") else "/root"
    values = {"PATH": PATH, "HOSTNAME": objects.pod["metadata"]["name"], "HOME": home, **image.environment, **own}
    pairs = (f"{name}={value}" for name, value in values.items())
    return ("env", "-i", "-C", tree.get("workingDir") or image.folder, *pairs)


@dataclass(slots=True)
class Container:
    """A started container."""

    launch: Launch
    process: subprocess.Popen[bytes]
    init: int
    """Its process 1, as other processes of this machine see it."""
    log: Path

    @classmethod
    def start(cls, launch: Launch, sandbox: Sandbox) -> Container:
        """Start a container. Raises PodError with the error output if its root cannot be set up."""
        log, mark = sandbox.folder / f"{launch.name}.log", sandbox.folder / f"{launch.name}.started"
        inner = shlex.join([*launch.user, *launch.environment, *launch.command])
        script = [*launch.root.script(sandbox.folder / "memory" / launch.name), f": > {shlex.quote(str(mark))}"]
        script.append(f"exec chroot {launch.root.place(sandbox.folder / 'memory' / launch.name)} {inner}")
        # The child of the outer shell is process 1. The outer shell returns 128 and the number for a signal.
        own = [
            "unshare",
            "--mount",
            "--pid",
            "--uts",
            "--propagation",
            "private",
            "sh",
            "-c",
            'sh -c "$1"; exit $?',
            "sh",
        ]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*sandbox.enter, *own, "\n".join(script)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        end = time.monotonic() + _START_SECONDS
        while not (mark.exists() and (process.poll() is not None or _in_own_root(child(child(process.pid))))):
            if (process.poll() is not None and not mark.exists()) or time.monotonic() > end:
                raise PodError(f"container {launch.name} was not created: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.005)
        return cls(launch, process, child(child(process.pid)), log)

    @property
    def exit_code(self) -> int | None:
        """The exit code, for a signal 128 and its number; None while it runs."""
        return self.process.poll()

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for the end, and return the exit code; None if it still runs."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.exit_code

    def run(self, command: Sequence[str], seconds: float) -> str | None:
        """Run a command in the container. Return None if it succeeds, else why not."""
        enter = ["nsenter", "--target", str(self.init), "--mount", "--net", "--pid", "--uts", "--root", "--"]
        line = [*enter, *self.launch.user, *self.launch.environment, *command]
        try:
            done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            return f"command timed out after {seconds:g} s"
        output = (done.stdout + done.stderr).decode(errors="replace").strip()
        return f"exit code {done.returncode}: {output[-500:]}" if done.returncode else None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to process 1."""
        if self.process.poll() is None and self.init:
            with suppress(ProcessLookupError):
                os.kill(self.init, number)

    def output(self) -> str:
        """The log so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


def _in_own_root(init: int) -> bool:
    """Whether process 1 has changed to its root. A command that joins it earlier would see this machine's root."""
    with suppress(OSError):
        return init != 0 and Path(f"/proc/{init}/root").readlink() != Path("/")
    return False
