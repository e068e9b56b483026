"""`servegen expose` and `servegen new --external`: they add the smallest free id as one new line, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.command import servegen
from tests.support.prepared import minimal

if TYPE_CHECKING:
    from pathlib import Path

FILE = "services/p/a/m-1.yaml"
KEYS = "model: m\nversion: v1\ntype: triton-server\nenvironments:\n  test:\n  prod:\ncommand: run\n"


def _repository(root: Path, **specs: str) -> None:
    minimal(root)
    for name, text in {"p/a/m-1": KEYS, **{name.replace("_", "/"): text for name, text in specs.items()}}.items():
        path = root / "services" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def _read(root: Path, file: str = FILE) -> str:
    return (root / file).read_bytes().decode()


def test_the_id_and_what_follows_from_it(tmp_path: Path) -> None:
    _repository(tmp_path, **{"p_a_m-2": f"id: 1\n{KEYS}".replace("v1", "v2")})
    done = servegen(tmp_path, "expose", "m-1")
    said = f"{FILE}: id 2\nprod: 203.0.113.7:30020\nprod: 1 object new, 1 change of routes\nnext: servegen render\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")
    assert _read(tmp_path) == f"id: 2\n{KEYS}"
    done = servegen(tmp_path, "render")
    assert (done.returncode, done.stderr) == (0, "")
    done = servegen(tmp_path, "list", "services")
    assert [line.split()[-2] for line in done.stdout.splitlines()] == [
        "ADDRESS",
        "-",
        "203.0.113.7:30020",
        "-",
        "203.0.113.7:30010",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"# about\n\n{KEYS}# end", f"# about\n\nid: 1\n{KEYS}# end"),
        (KEYS.replace("\n", "\r\n"), f"id: 1\n{KEYS}".replace("\n", "\r\n")),
        (f"\ufeff{KEYS}", f"\ufeffid: 1\n{KEYS}"),
        (f"---\ntimeout:  90s   # short\n{KEYS}", f"---\ntimeout:  90s   # short\nid: 1\n{KEYS}"),
        (f"config:\n  a: |\n    model: x\n{KEYS}", f"config:\n  a: |\n    model: x\nid: 1\n{KEYS}"),
        ("  model: m\n  version: v1\n  type: tfserving\n", "  id: 1\n  model: m\n  version: v1\n  type: tfserving\n"),
        ("{version: v1, model: m, type: tfserving}", "{version: v1, id: 1, model: m, type: tfserving}"),
        (
            "{\n  model: m, version: v1,\n  type: tfserving}\n",
            "{\n  id: 1, model: m, version: v1,\n  type: tfserving}\n",
        ),
        (f"{KEYS}id:  # none yet\n", f"{KEYS}id: 1  # none yet\n"),
    ],
    ids=[
        "comments",
        "Windows line ends",
        "a mark at the start",
        "a document's start",
        "a text",
        "indented",
        "flow",
        "lines of flow",
        "an empty id",
    ],
)
def test_not_a_byte_beside_the_new_key_changes(tmp_path: Path, before: str, after: str) -> None:
    _repository(tmp_path, **{"p_a_m-1": before})
    done = servegen(tmp_path, "expose", "p/a/m-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert _read(tmp_path) == after


def test_another_series_is_written_and_a_written_one_is_used(tmp_path: Path) -> None:
    _repository(tmp_path, **{"p_a_n-1": f"series: internal\n{KEYS}".replace("model: m", "model: n")})
    platform = tmp_path / "services" / "platform.yaml"
    platform.write_text(platform.read_text("utf-8").replace("mode: nodePort", "mode: loadBalancer"), "utf-8")
    done = servegen(tmp_path, "expose", "m-1", "--series", "internal")
    effects = "prod: 1 object new, 1 change of routes\nnext: servegen render\n"
    assert done.stdout == f"{FILE}: id 1, series internal\nprod: 203.0.113.7:20010\n{effects}"
    assert _read(tmp_path) == f"id: 1\nseries: internal\n{KEYS}"
    done = servegen(tmp_path, "expose", "n-1")
    said = "services/p/a/n-1.yaml: id 2\nprod: 203.0.113.7:20020\nprod: 1 object new, 1 change of routes\n"
    assert done.stdout == f"{said}next: servegen render\n"


def test_a_service_without_an_environment_gets_an_id_for_later(tmp_path: Path) -> None:
    _repository(tmp_path, **{"p_a_m-1": KEYS.replace("  prod:\n", "")})
    done = servegen(tmp_path, "expose", "m-1")
    assert done.stdout == (
        f"{FILE}: id 1\n"
        "it has no address yet: it is not deployed in an environment whose stage and cluster provide one\n"
        "next: servegen render\n"
    )


@pytest.mark.parametrize(
    ("spec", "arguments", "said"),
    [
        (
            f"id: 7\n{KEYS}",
            ["m-1"],
            f"servegen: {FILE}:1:5: m-1 already has the id 7\n"
            "  hint: its address is unchanged; remove the line to get another one\n",
        ),
        (KEYS, ["m-11"], 'servegen: there is no service m-11\n  hint: did you mean "m-1"?\n'),
        (KEYS, ["x"], "servegen: there is no service x\n  hint: `servegen list services` prints the known names\n"),
        (
            f"series: internal\n{KEYS}",
            ["m-1", "--series", "notebook"],
            f"servegen: {FILE}:1:9: the spec has series: internal\n  hint: change that line, or remove --series\n",
        ),
        (
            KEYS,
            ["m-1", "--series", "internal"],
            "servegen: no free id of the series internal has ports that every cluster can use\n  hint: remove `id` "
            "from services that need no address, or change `external.ports.internal` of the clusters\n",
        ),
        (
            KEYS.replace("model: m", "? model\n: m"),
            ["m-1"],
            f"servegen: {FILE}: id cannot be edited here: no edit of its own lines gives the wanted value, "
            "because of an anchor, an alias or a block scalar\n  hint: write id: 1 by hand\n",
        ),
    ],
    ids=["an id", "a typing error", "no such service", "another series", "no id is free", "a rare form"],
)
def test_what_is_refused_changes_nothing(tmp_path: Path, spec: str, arguments: list[str], said: str) -> None:
    _repository(tmp_path, **{"p_a_m-1": spec})
    done = servegen(tmp_path, "expose", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)
    assert _read(tmp_path) == spec


def test_a_name_that_two_projects_have(tmp_path: Path) -> None:
    _repository(tmp_path, **{"q_b_m-1": f"host: q.example.com\n{KEYS}"})
    done = servegen(tmp_path, "expose", "m-1")
    said = "servegen: several services have the name m-1\n  hint: use one of p/a/m-1, q/b/m-1\n"
    assert (done.returncode, done.stderr) == (2, said)
    assert servegen(tmp_path, "expose", "q/b/m-1").returncode == 0
    assert (_read(tmp_path), _read(tmp_path, "services/q/b/m-1.yaml")) == (KEYS, f"host: q.example.com\nid: 1\n{KEYS}")


def test_no_id_is_given_away_while_a_spec_cannot_be_read(tmp_path: Path) -> None:
    _repository(tmp_path, **{"p_a_n-1": f"id: 1\n\t{KEYS}"})
    for arguments in (["expose", "m-1"], ["new", "o", "v1", "--project", "p", "--type", "tfserving", "--external"]):
        done = servegen(tmp_path, *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("services/p/a/n-1.yaml:2:1: error: ")
    assert _read(tmp_path) == KEYS
    assert not (tmp_path / "services" / "p" / "o").exists()


def test_new_services_get_different_ids(tmp_path: Path) -> None:
    _repository(tmp_path)
    for number in (1, 2):
        arguments = ["o", f"v{number}", "--project", "p", "--type", "serving", "--image", "registry.example.com/o:1"]
        assert servegen(tmp_path, "new", *arguments, "--environment", "prod", "--external").returncode == 0
        assert _read(tmp_path, f"services/p/o/o-{number}.yaml") == (
            "# yaml-language-server: $schema=../../.schema/service.json\n"
            f"id: {number}\nmodel: o\nversion: v{number}\ntype: serving\nimage: registry.example.com/o:1\n"
            "environments:\n  prod:\n"
        )
