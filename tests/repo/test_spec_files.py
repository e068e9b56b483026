"""What is below services/ is read within limits, and everything that is not read is reported with its path."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generator.repo.spec_files import MAX_FILES, MAX_LEVELS
from tests.support.clones import PLATFORM, service, write
from tests.support.command import servegen

COMMANDS = ("render", "render --check", "validate --engine embedded", "list services")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one service."""
    write(tmp_path, {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": service("1")})
    return tmp_path


def reported(root: Path, command: str = "render") -> str:
    """Run a command that must find errors, and return them."""
    done = servegen(root, *command.split())
    assert (done.returncode, done.stdout) == (1, ""), done.stdout + done.stderr
    return done.stderr


def _linked(platform: Path) -> None:
    platform.rename(platform.parent / "real.txt")
    platform.symlink_to("real.txt")


def _dangling(platform: Path) -> None:
    platform.unlink()
    platform.symlink_to("/nowhere")


def _folder(platform: Path) -> None:
    platform.unlink()
    platform.mkdir()


def _pipe(platform: Path) -> None:
    platform.unlink()
    os.mkfifo(platform)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            _linked,
            "found a symbolic link, which servegen does not follow [F08]\n  hint: replace the link",
        ),
        (_dangling, "found a symbolic link, which servegen does not follow [F08]"),
        (_folder, "found a folder, expected a file [F08]\n  hint: rename or delete the folder"),
        (_pipe, "found a named pipe, expected a file or a folder [F08]\n  hint: delete it"),
    ],
)
def test_a_platform_file_that_is_no_file_is_not_missing(
    root: Path, make: Callable[[Path], None], said: str, command: str
) -> None:
    make(root / "services" / "platform.yaml")
    assert f"services/platform.yaml:1:1: error: {said}" in (found := reported(root, command))
    assert "F04" not in found


def test_pipes_sockets_and_folders_in_the_place_of_specs_are_reported(root: Path) -> None:
    os.mkfifo(root / "services/p/a/m-2.yaml")
    os.mkfifo(root / "services/notes")
    (root / "services/p/a/m-3.yaml").mkdir()
    (root / "rendered").mkdir()
    os.mkfifo(root / "rendered/pipe")
    here = Path.cwd()
    os.chdir(root / "services/p")  # the address of a socket has at most 108 bytes
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")
    os.chdir(here)
    found = [line for line in reported(root).splitlines() if " error: " in line]
    assert found == [
        "rendered/pipe:1:1: error: found a special file, expected a file [F08]",
        "services/notes:1:1: error: found a named pipe, expected a file or a folder [F08]",
        "services/p/a/m-2.yaml:1:1: error: found a named pipe, expected a file or a folder [F08]",
        "services/p/a/m-3.yaml:1:1: error: found a folder, expected a file [F08]",
        "services/p/s:1:1: error: found a socket, expected a file or a folder [F08]",
    ]


def test_a_link_of_the_whole_folder(root: Path) -> None:
    (root / "services").rename(root / "elsewhere")
    (root / "services").symlink_to("elsewhere")
    assert reported(root).startswith("services:1:1: error: found a symbolic link, which servegen does not follow [F08]")


@pytest.fixture
def nest(root: Path) -> Iterator[Callable[[Path, int], None]]:
    """Create nested folders that are too many for a path, and delete them after the test, which Python cannot."""

    def create(folder: Path, levels: int) -> None:
        at = os.open(folder, os.O_RDONLY)
        for _ in range(levels):
            os.mkdir("d", dir_fd=at)
            below = os.open("d", os.O_RDONLY, dir_fd=at)
            os.close(at)
            at = below
        os.close(os.open("m-2.yaml", os.O_CREAT, dir_fd=at))
        os.close(at)

    yield create
    subprocess.run(["rm", "-rf", str(root)], check=True)


def test_folders_in_folders_end_at_a_limit(root: Path, nest: Callable[[Path, int], None]) -> None:
    nest(root / "services", 1200)
    deepest = "services" + "/d" * MAX_LEVELS
    assert reported(root) == (
        f"{deepest}:1:1: error: found folders nested deeper than 10 levels, expected services/<project>/<app> [F13]\n"
        "  hint: move the specs up, and delete the folder\n\n1 error\n"
    )


def test_deep_folders_in_rendered_are_no_defect_either(root: Path, nest: Callable[[Path, int], None]) -> None:
    assert servegen(root, "render").returncode == 0
    nest(root / "rendered", 400)
    done = servegen(root, "render", "--check")
    assert (done.returncode, "  would delete  rendered/d/d/" in done.stderr) == (4, True)
    nest(root / "rendered" / "p", 5000)
    done = servegen(root, "render", "--check")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.endswith(": File name too long\n")


def test_more_files_than_the_limit_are_one_finding(root: Path) -> None:
    for number in range(1 + MAX_FILES // 1000):
        folder = root / f"services/p/x{number}"
        write(folder, {"0": "a text\n"})
        for link in range(1, 1000):
            os.link(f"{folder}/0", f"{folder}/{link}")
    assert reported(root) == (
        "services:1:1: error: services/ has more than 80,000 files, expected at most 80,000 [F13]\n"
        "  hint: move what is no spec out of services/, or use several repositories\n\n1 error\n"
    )


def test_a_revision_with_more_files_than_the_limit_is_not_read(root: Path) -> None:
    names = "".join(f"M 100644 :1 services/p/a{number // 500}/m{number}.yaml\n" for number in range(MAX_FILES + 1))
    stream = f"blob\nmark :1\ndata 5\na: 1\n\ncommit refs/heads/big\ncommitter a <a@b> 0 +0000\ndata 1\nx\n{names}\n"
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=root, check=True, input=stream.encode())
    done = servegen(root, "verify", "big", "--no-build")
    assert (done.returncode, done.stdout) == (3, "")
    assert re.fullmatch(r"servegen: services/ of [0-9a-f]{40} has more than 80,000 files\n", done.stderr)


def test_a_long_file_is_read_until_the_limit_only(root: Path) -> None:
    with (root / "services/p/a/m-2.yaml").open("wb") as file:
        file.truncate(3 << 30)
    assert "services/p/a/m-2.yaml:1:1: error: the file has more than 1,048,576 bytes [Y04]" in reported(root)


LISTS = {
    "volumes:\n" + "".join(f"- v{n}(pvc):/mnt/{n}\n" for n in range(1200)): (
        "1005:3",
        "found 1,200 items in a list, expected at most 1,000 [Y05]",
    ),
    "env:\n" + "".join(f"  V{n}: x\n" for n in range(6000)): (
        "5005:3",
        "found 6,000 keys in a mapping, expected at most 5,000 [Y05]",
    ),
    "command: [" + ", ".join("a" for _ in range(25_000)) + "]\n": ("4:3011", "found 25,000 items in a list"),
    "mirror: " + ",".join(f"m-{n}:1%" for n in range(1200)) + "\n": (
        "4:9",
        "mirror: found 1200, expected at most 1,000 parts",
    ),
    "env: |\n" + "".join(f"  V{n}=x\n" for n in range(6000)): ("4:6", "env: found 6000, expected at most 5,000"),
    "config: |\n" + "".join(f"  ---f{n}.txt\n  x\n" for n in range(6000)): (
        "4:9",
        "config: found 6000, expected at",
    ),
    "labels:\n" + "".join(f"  - [{', '.join('a' * 500)}]\n" for _ in range(60)): (
        "44:1371",
        "the file has more than 20,000 values [Y05]\n",
    ),
    "labels:\n  - &a [" + ", ".join("a" * 500) + "]\n" + "  - *a\n" * 60: (
        "5:1374",
        "the aliases expand to more than 20,000 values [Y05]",
    ),
}


@pytest.mark.parametrize("text", LISTS, ids=range(len(LISTS)))
def test_long_lists_have_a_message_with_the_first_item_that_is_too_many(root: Path, text: str) -> None:
    spec = service("1", more=text)
    spec = spec.removesuffix("command: run\n") if text.startswith("command") else spec
    write(root, {"services/p/a/m-1.yaml": spec})
    place, message = LISTS[text]
    found = reported(root)
    assert f"services/p/a/m-1.yaml:{place}" in found
    assert f" error: {message}" in found
    assert "  hint: " in found


def test_many_names_in_one_list_are_still_one_service(root: Path) -> None:
    more = "tolerations:\n" + "".join(f"- k{n}=v:NoSchedule\n" for n in range(1000))
    write(root, {"services/p/a/m-1.yaml": service("1", more=more)})
    done = servegen(root, "render")
    assert (done.returncode, done.stderr) == (0, "")
    assert (root / "rendered/p/a/base/m-1/resources.yaml").read_text("utf-8").count("NoSchedule") == 1000
