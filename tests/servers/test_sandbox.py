"""The namespaces of a pod end with the process that created them, however it ends."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.conftest import ROOT
from tests.servers.waiting import until

# A test that runs until it is killed, with a container of another user.
_ENDLESS: Final = """\
import time
from pathlib import Path
from tests.servers.images import BASE
from tests.servers.pod import Pod

spec = {{
    "securityContext": {{"runAsUser": 1000}},
    "volumes": [{{"name": "scratch", "emptyDir": {{}}}}],
    "containers": [
        {{
            "name": "main",
            "image": "python",
            "command": ["python3", "-c", "import time; open('/scratch/begun', 'w'); time.sleep(1000) # {mark}"],
            "volumeMounts": [{{"name": "scratch", "mountPath": "/scratch"}}],
        }}
    ],
}}
pod = Pod.create([{{"kind": "Deployment", "metadata": {{"name": "d"}}, "spec": {{"template": {{"spec": spec}}}}}}],
                 Path({folder!r}), BASE)
pod.start()
time.sleep(1000)
"""


def test_nothing_is_left_of_a_pod_whose_test_is_killed(folder: Path) -> None:
    mark = folder.name
    run = subprocess.Popen([sys.executable, "-c", _ENDLESS.format(mark=mark, folder=str(folder / "pod"))], cwd=ROOT)
    until("the container to run", (folder / "pod/volumes/scratch/begun").exists)
    run.kill()
    run.wait()
    until("nothing to be left", lambda: not _commands_with(mark))


def _commands_with(text: str) -> list[str]:
    """Return the command lines of running processes that contain a text."""
    out = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            out.append(path.read_bytes().decode(errors="replace"))
    return [line for line in out if text in line]
