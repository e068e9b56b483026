"""`servegen explain`: pages of checks and keys, as users read them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.cli.main import run
from generator.report.key_pages import all_keys, find_keys
from generator.report.rules import rule_ids
from tests.conftest import ROOT
from tests.review.sides import FIRST, SPECS

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


PLACE = "prod/detector-2026111"
MEMORY = """\
prod Deployment/detector-2026111 spec.template.spec.containers[main].resources.limits.memory
  value       16G
  set by      services/vision/detector/detector-2026111.yaml:36:15 environments.prod.resources.memory: 16G \
(the service in prod)
  instead of  services/vision/detector/detector-2026111.yaml:14:11 resources.memory: 8G (the service)
  instead of  templates/defaults.yaml:5:11 resources.memory: 2G (the shipped defaults)
  written by  templates/service/base/20-deployment.yaml.j2:80:11 resources: {{ pod.resources }}
              Claims, requests and limits; extended resources (cards) only as limits, which are their requests too.
"""
WORKLOADS = "rendered/vision/detector/overlays/prod/workloads/kustomization.yaml"


def _value(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["-C", str(ROOT), "explain", *words]) == 0
    return capsys.readouterr().out


def test_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    field = "spec.template.spec.containers[0].resources.limits.memory"
    assert _value(capsys, PLACE, "deployment", field) == MEMORY


def test_a_line_of_a_patch_is_the_value_of_the_object(capsys: pytest.CaptureFixture[str]) -> None:
    lines = (ROOT / WORKLOADS).read_text(encoding="utf-8").splitlines()
    number = next(n for n, line in enumerate(lines, 1) if line.strip() == 'memory: "16G"')
    out = _value(capsys, f"{WORKLOADS}:{number}")
    assert out.startswith(f"{WORKLOADS} Deployment/detector-2026111 spec.template.spec.containers[main].resources.")
    assert "set by      services/vision/detector/detector-2026111.yaml:36:15" in out


def test_several_values_have_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    out = _value(capsys, "prod", "Namespace/vision-prod", "metadata.labels")
    assert "  metadata.labels.pod-security.kubernetes.io/enforce-version: v1.36  <- services/platform.yaml:" in out
    out = _value(capsys, WORKLOADS)
    assert "  resources[1]: ../../../base/detector-2026111  <- services/vision/detector/detector-2026111.yaml" in out


def test_the_objects_of_a_service(capsys: pytest.CaptureFixture[str]) -> None:
    assert f"{PLACE} Deployment/detector-2026111\n" in _value(capsys, PLACE)
    assert "Application/vision-detector-prod spec.source.path\n" in _value(
        capsys, PLACE, "Application", "spec.source.path"
    )


@pytest.mark.parametrize("words", [(PLACE, "Deployment", "spec.template.spec.containers"), (WORKLOADS,)])
def test_json_of_values(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    import jsonschema_rs

    text = (ROOT / "docs" / "explain.schema.json").read_text(encoding="utf-8")
    strict = json.loads(text.replace('"type": "object",', '"type": "object", "additionalProperties": false,'))
    found = json.loads(_value(capsys, *words, "--output", "json"))
    assert [str(error) for error in jsonschema_rs.validator_for(strict).iter_errors(found)] == []
    assert found["values"]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("prdo/detector-2026111",), 'did you mean "prod"?'),
        (("prod/detector-2026112",), 'did you mean "detector-2026111"?'),
        (("debug/detector-2026102",), "it is deployed in test, prod"),
        ((PLACE, "Deploymnt"), 'did you mean "Deployment"?'),
        ((PLACE, "Deployment", "spec.replica"), 'did you mean "spec.replicas"?'),
        ((PLACE, "Service", "spec.ports"), "write one as KIND/NAME"),
        ((WORKLOADS.replace("prod", "prd"),), f'did you mean "{WORKLOADS}"?'),
        ((f"{WORKLOADS}:1",), "choose the line of a key with its value"),
        (("--reverse", "services/platform.yaml:doman"), 'did you mean "domain"?'),
        (("--reverse", "services/platform.yml:domain"), "services/platform.yaml:domain"),
        (("--reverse", "services/vision/detector/detector-2026111.yaml:released"), "write one of them"),
    ],
)
def test_a_mistyped_place(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], hint: str) -> None:
    assert run(["-C", str(ROOT), "explain", *words]) == 2
    assert hint in capsys.readouterr().err


def test_what_a_line_decides(capsys: pytest.CaptureFixture[str]) -> None:
    file = "services/vision/detector/detector-2026111.yaml"
    out = _value(capsys, "--reverse", f"{file}:replicas")
    assert out.startswith(f"{file}:10:11 replicas: 2~10 compared with 3~10, 2~11\nnote: test: 1 value of 1 object\n")
    assert "    spec.replicas: 2 -> 3\n" in out
    assert "prod" not in out  # its stanza has replicas of its own
    assert f"{file}:10:11 replicas: 2~10 compared with 5\n" in _value(capsys, "--reverse", f"{file}:10=5")


def test_a_value_that_is_not_valid_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    file = "services/vision/detector/detector-2026111.yaml"
    assert run(["-C", str(ROOT), "explain", "--reverse", f"{file}:replicas=many"]) == 1
    assert "with this value the specs have errors" in capsys.readouterr().err


def test_json_of_what_a_line_decides(capsys: pytest.CaptureFixture[str]) -> None:
    import jsonschema_rs

    schema = json.loads((ROOT / "docs" / "diff.schema.json").read_text(encoding="utf-8"))
    found = json.loads(_value(capsys, "--reverse", "services/platform.yaml:area", "--output", "json"))
    assert [str(error) for error in jsonschema_rs.validator_for(schema).iter_errors(found)] == []
    assert found["reverse"]["key"] == "clusters.main.area"
    assert {change["environment"] for change in found["objects"]} == {"debug", "test", "prod"}


def test_secrets_are_not_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    secret = "correct-horse-battery-1"
    (tmp_path / "services" / "p" / "a").mkdir(parents=True)
    for file, text in SPECS.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(
            text.replace("env: {A: one}", f"env: {{API_PASSWORD: {secret}}}"), encoding="utf-8"
        )
    field = "spec.template.spec.containers[main].env[API_PASSWORD].value"
    for words in (["--output", "text"], ["--output", "json"]):
        assert run(["-C", str(tmp_path), "explain", "prod/m-1", "Deployment", field, *words]) == 0
        out = capsys.readouterr().out
        assert "env.API_PASSWORD" in out
        assert secret not in out
    assert run(["-C", str(tmp_path), "explain", "--reverse", f"{FIRST}:API_PASSWORD"]) == 0
    assert secret not in capsys.readouterr().out


def test_specs_with_errors_are_reported(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "platform.yaml").write_text("clusters: [\n", encoding="utf-8")
    assert run(["-C", str(tmp_path), "explain", "prod/m-1", "Deployment"]) == 1
    assert "services/platform.yaml:" in capsys.readouterr().err


def test_a_config_file_is_explained_by_the_command_of_the_hint(capsys: pytest.CaptureFixture[str]) -> None:
    file = "rendered/vision/detector/base/detector-2026111/config/config.pbtxt"
    assert run(["-C", str(ROOT), "explain", file]) == 2
    hint = capsys.readouterr().err.partition("hint: `servegen ")[2].partition("`")[0]
    assert hint.endswith("/detector-2026111 ConfigMap/detector-2026111-config data.config.pbtxt")
    out = _value(capsys, *hint.split()[1:])
    assert "(the launch of triton-server)" in out
    assert "kustomize makes a ConfigMap of the files in the folder config/" in out
