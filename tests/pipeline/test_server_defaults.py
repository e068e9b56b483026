"""`{model}` in the settings of a repository's own model server, and in those of services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.repo.repository import schemas_of
from tests.support.fleets import PLATFORM

if TYPE_CHECKING:
    from pathlib import Path

SERVER = """\
description: A server that is told its model.
defaults:
  image: example/serve:1
  ports: 8080
  command: [serve, "--model={model}", "--path=/models/{model}"]
  workdir: /models/{model}
  env: {MODEL: "{model}", OTHER: "{version}"}
  config: {serve.json: '{"name": "{model}"}'}
  health: {port: 8080, path: "/ready/{model}", live: "/live/{model}"}
  metrics: 8080:/metrics/{model}
  annotations: {"example.com/model": "{model}"}
"""
SPEC = "model: {model}\nversion: v1\ntype: mine\nenvironments: {{prod: }}\n"


def _deployments(tmp_path: Path, specs: dict[str, str]) -> dict[str, Any]:
    folder = tmp_path / "templates" / "servers" / "mine"
    folder.mkdir(parents=True)
    (folder / "server.yaml").write_text(SERVER, encoding="utf-8")
    loader = TemplateLoader((tmp_path / "templates", templates_root()))
    files = {f"services/p/a/{name}.yaml": text.encode() for name, text in specs.items()}
    made = plan(
        {"services/platform.yaml": PLATFORM.encode(), **files},
        loader,
        validate=embedded_validator(schemas_of(tmp_path)),
    )
    assert made.findings == ()
    trees = [entry.tree for entry in expected_manifests(made.fleet, made.routing, loader)]
    return {tree["metadata"]["name"]: tree for tree in trees if tree["kind"] == "Deployment"} | {
        tree["metadata"]["name"].rpartition("-")[0]: tree
        for tree in trees
        if tree["kind"] == "ConfigMap" and "-config-" in tree["metadata"]["name"]
    }


def test_the_name_of_the_model_is_filled_in_wherever_the_server_has_a_text(tmp_path: Path) -> None:
    found = _deployments(tmp_path, {"cat-1": SPEC.format(model="cat"), "dog-1": SPEC.format(model="dog")})
    for model in ("cat", "dog"):
        tree = found[f"{model}-1"]
        template = tree["spec"]["template"]
        container = template["spec"]["containers"][0]
        assert container["command"] == ["serve", f"--model={model}", f"--path=/models/{model}"]
        assert container["workingDir"] == f"/models/{model}"
        env = {variable["name"]: variable.get("value") for variable in container["env"]}
        assert (env["MODEL"], env["OTHER"]) == (model, "{version}")
        assert container["readinessProbe"]["httpGet"]["path"] == f"/ready/{model}"
        assert container["livenessProbe"]["httpGet"]["path"] == f"/live/{model}"
        assert tree["metadata"]["annotations"]["example.com/model"] == model
        assert found[f"{model}-1-config"]["data"] == {"serve.json": f'{{"name": "{model}"}}'}


def test_what_a_service_writes_itself_stays_as_it_is_but_for_health(tmp_path: Path) -> None:
    own = 'command: [run, "{model}"]\nenv: {MINE: "{model}"}\nhealth: 8080:/own/{model}\n'
    found = _deployments(tmp_path, {"cat-1": SPEC.format(model="cat") + own})
    container = found["cat-1"]["spec"]["template"]["spec"]["containers"][0]
    env = {variable["name"]: variable.get("value") for variable in container["env"]}
    assert container["command"] == ["run", "{model}"]
    assert (env["MODEL"], env["MINE"]) == ("cat", "{model}")
    assert container["readinessProbe"]["httpGet"]["path"] == "/own/cat"
