"""`servegen explain`: pages of checks and keys, as users read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.cli.main import run
from generator.report.key_pages import all_keys, find_keys
from generator.report.rules import rule_ids
from tests.conftest import ROOT

TAKEOVER = """\
environments.<name>.takeover
  How the service takes over a host that another service owns. `automatic`: by its newer release
  stamp. `manual`: it runs beside the owner without getting requests, until a later commit removes
  this line.
  type: automatic or manual
  default: automatic
  in:
    service   environments.<name>.takeover
"""


def _explained(capsys: pytest.CaptureFixture[str], what: str, folder: Path = ROOT) -> str:
    assert run(["-C", str(folder), "explain", what]) == 0
    return capsys.readouterr().out


def test_each_check_has_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    for id in rule_ids():
        assert _explained(capsys, id.lower()).startswith(f"{id}\n\n")


def test_a_key(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert _explained(capsys, "takeover") == TAKEOVER
    assert _explained(capsys, "environments.takeover", tmp_path) == TAKEOVER
    ports = _explained(capsys, "node_port_range")
    assert "  type: number or text\n  for example: 30000-32767\n  default: 30000-32767\n" in ports
    page = _explained(capsys, "replicas", tmp_path)  # outside of a repository, the shipped default
    assert (
        "  for example: 2~10, 3\n  default: 1\n  in:\n    service   replicas\n    platform  defaults.replicas\n" in page
    )
    other = page.partition("\n\n")[2]  # another key of that name, which has no default there
    assert other.startswith("environments.<name>.rules.replicas\n")
    assert "default:" not in other


def test_the_default_of_the_repository(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "platform.yaml").touch()
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "defaults.yaml").write_text("resources: {cpu: 7}\n", encoding="utf-8")
    assert "  default: 7\n" in _explained(capsys, "resources.cpu", tmp_path)


def test_each_key_has_documentation_and_can_be_found() -> None:
    for key in all_keys():
        assert key.text, key
        assert key in find_keys(".".join(part for part in key.path if part != "<name>"))


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("Z99", "there is no check Z99\n  hint: the ids are A01 to Y09"),
        ("replcias", 'there is no key replcias\n  hint: did you mean "replicas"?'),
        ("x.y", "there is no key x.y\n  hint: `servegen schema service` prints all keys of a service"),
    ],
)
def test_an_unknown_word(capsys: pytest.CaptureFixture[str], what: str, message: str) -> None:
    assert run(["-C", str(ROOT), "explain", what]) == 2
    assert message in capsys.readouterr().err
