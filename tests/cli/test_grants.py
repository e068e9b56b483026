"""Grants as users meet them: a project that takes what is not its own, the block to paste, and a change of grants."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from generator.core.yaml import dump
from tests.support.clones import git, identity, write
from tests.support.command import servegen

CLUSTERS: Final = "servegen: ~=1.0\nclusters:\n  main: {domain: service.example.com, gateways: managed}\n"
ENVIRONMENTS: Final = "environments:\n  prod: {cluster: main, stage: prod, requires: none}\n"
SPEC: Final = "model: m\nversion: v1\ntype: triton-server\ncommand: run\nenvironments: {prod: }\n"
OWN: Final = "services/p/a/m-1.yaml"
PROJECT: Final = "services/p/project.yaml"
PLATFORM: Final = "services/platform.yaml"


def _repository(root: Path, grants: str = "", more: dict[str, str] | None = None) -> Path:
    write(root, {PLATFORM: CLUSTERS + grants + ENVIRONMENTS, OWN: SPEC, **(more or {})})
    return root


def _found(root: Path, *arguments: str) -> list[dict[str, Any]]:
    done = servegen(root, "validate", "--engine", "embedded", "--output", "json", *arguments)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _ids(root: Path, *arguments: str) -> list[str]:
    return [finding["id"] for finding in _found(root, *arguments)]


# What a project can try through a key, a patch, a model version and its project file, with what is refused.
TRIES: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "external addresses": ({"kind": "Service", "spec": {"externalIPs": ["10.0.0.9"]}}, "A12"),
    "a name of another host": (
        {"kind": "Service", "spec": {"type": "ExternalName", "externalName": "argocd-server.argocd.svc"}},
        "A08",
    ),
    "the pods of another service": ({"kind": "Service", "spec": {"selector": {"app": "other"}}}, "A08"),
    "a service account": ({"kind": "Deployment", "pod": {"serviceAccountName": "argocd-server"}}, "A04"),
    "a node": ({"kind": "Deployment", "pod": {"nodeName": "control-plane-1"}}, "A08"),
    "all taints": ({"kind": "Deployment", "pod": {"tolerations": [{"operator": "Exists"}]}}, "A08"),
    "a priority": ({"kind": "Deployment", "pod": {"priorityClassName": "system-node-critical"}}, "A03"),
    "a volume of a driver": (
        {"kind": "Deployment", "pod": {"volumes": [{"name": "x", "csi": {"driver": "secrets-store.csi.k8s.io"}}]}},
        "A08",
    ),
    "a second container": (
        {"kind": "Deployment", "pod": {"containers": [{"name": "x", "image": "example.com/x:1"}]}},
        "A08",
    ),
    "an init container": (
        {"kind": "Deployment", "pod": {"initContainers": [{"name": "x", "image": "example.com/x:1"}]}},
        "A08",
    ),
    "a cloud role": (
        {"kind": "ServiceAccount", "metadata": {"annotations": {"iam.gke.io/gcp-service-account": "a@b.example.com"}}},
        "A09",
    ),
    "the token of the service account": ({"kind": "Deployment", "pod": {"automountServiceAccountToken": True}}, "A08"),
    "the processes of the node": ({"kind": "Deployment", "pod": {"hostPID": True}}, "A11"),
    "another runtime": ({"kind": "Deployment", "pod": {"runtimeClassName": "insecure"}}, "A08"),
}


def as_patch(tried: dict[str, Any]) -> dict[str, Any]:
    """Return what is tried as a patch of a spec; `pod` are fields of the pods of a Deployment."""
    pod = tried.get("pod")
    rest = {key: value for key, value in tried.items() if key != "pod"}
    return {**rest, **({"spec": {"template": {"spec": pod}}} if pod else {})}


def _tried(where: str, number: int, tried: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Return the file in which a project tries something, and the files of the project."""
    patches = dump({"patches": [as_patch(tried)]})
    project, spec = f"services/p{number}", SPEC.replace("v1", f"v{number}")
    own = f"{project}/a/m-{number}.yaml"
    of_model = re.sub(r"(?m)^(?=.)", "      ", patches)
    file, text = {
        "service": (own, f"{spec}{patches}"),
        "project": (f"{project}/project.yaml", "defaults:\n" + re.sub(r"(?m)^(?=.)", "  ", patches)),
        "model": (
            f"{project}/models/m.yaml",
            f"versions:\n  v{number}:\n    path: /mnt/m\n    defaults:\n{of_model}",
        ),
    }[where]
    return file, {own: spec, file: text}


# Each project tries one thing, all of them in one repository.
@pytest.mark.parametrize("where", ["service", "project", "model"])
def test_a_patch_gets_nothing_that_is_not_granted(where: str, tmp_path: Path) -> None:
    tries = [(*_tried(where, number, tried), id) for number, (tried, id) in enumerate(TRIES.values(), 1)]
    root = tmp_path / "here"
    write(root, {PLATFORM: f"{CLUSTERS}grants: {{}}\n{ENVIRONMENTS}"})
    for _, files, _ in tries:
        write(root, files)
    found: dict[str, set[str]] = {}
    for finding in _found(root):
        if finding["severity"] == "error" and finding["id"][0] == "A":
            found.setdefault(finding["file"], set()).add(finding["id"])
    assert found.keys() == {file for file, _, _ in tries}
    assert [(file, id) for file, _, id in tries if id not in found[file]] == []


def test_a_finding_names_the_grant_and_where_it_belongs(tmp_path: Path) -> None:
    root = _repository(tmp_path, "grants: {}\n", {OWN: f"{SPEC}priority: system-node-critical\n"})
    done = servegen(root, "validate", "--engine", "embedded")
    assert done.returncode == 1
    assert done.stderr == (
        "services/p/a/m-1.yaml:6:11: error: Deployment m-1: found the priority system-node-critical, which p is not "
        "granted (in prod) [A03]\n"
        "    6 | priority: system-node-critical\n"
        "      |           ^\n"
        "  hint: remove `priority`, or ask the owners of services/platform.yaml for `p: {priorities: "
        "[system-node-critical]}` below `grants`\n\n1 error\n"
    )
    (finding,) = _found(root)
    assert finding["grant"] == {"project": "p", "key": "priorities", "value": "system-node-critical"}


USES: Final = {
    PROJECT: "environments: {prod: {namespace: models, quota: {gpu: 8}}}\n",
    OWN: f"""{SPEC}id: 14
host: m.example.com
priority: high
node_selector: {{pool: p}}
tolerations: dedicated=p:NoSchedule
env: {{TOKEN: {{secret: hub/token}}}}
volumes: models(pvc):/mnt,/data/m(hostpath):/data
labels: {{example.com/team: p}}
patches:
  - kind: Deployment
    spec: {{template: {{spec: {{hostNetwork: true, serviceAccountName: reader}}}}}}
""",
}
BLOCK: Final = """\
grants:
  '*':
    secrets: [other]
  p:
    namespaces: [models]
    domains: [m.example.com]
    priorities: [high]
    service_accounts: [reader]
    node_selectors: [pool=p]
    tolerations: ['dedicated=p:NoSchedule']
    quota: {gpu: 8}
    secrets: [other, hub]
    patches: [Deployment.spec.template.spec.hostNetwork, Deployment.spec.template.spec.serviceAccountName]
    labels: [example.com/*]
    host_paths: [/data/m]
    privileged: true
"""


def test_the_block_of_doctor_grants_everything_that_is_used(tmp_path: Path) -> None:
    quota = ENVIRONMENTS.replace("stage: prod", "stage: prod, quota: {gpu: 4}, pod_security: privileged")
    write(tmp_path, {PLATFORM: f'{CLUSTERS}grants: {{"*": {{secrets: [other]}}}}\n{quota}', **USES})
    before = _found(tmp_path)
    done = servegen(tmp_path, "doctor", "--grants")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == BLOCK
    write(tmp_path, {PLATFORM: CLUSTERS + done.stdout + quota})
    granted = {finding["id"] for finding in before} - {finding["id"] for finding in _found(tmp_path)}
    assert granted == {"A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A09", "A10", "A11"}
    assert servegen(tmp_path, "doctor", "--grants").stdout == BLOCK


def test_a_repository_without_grants_has_one_finding(tmp_path: Path) -> None:
    root = _repository(tmp_path, "", USES)
    done = servegen(root, "validate", "--engine", "embedded")
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if "[A" in line]
    assert line.startswith(
        "services/platform.yaml:1:1: error: found no `grants`, expected grants for what projects use: "
    )
    assert "domains m.example.com by p" in line
    assert "  hint: add the block that `servegen doctor --grants` prints\n" in done.stderr
    alone = _repository(tmp_path / "alone")
    assert _ids(alone) == []


@pytest.fixture
def committed(tmp_path: Path) -> Path:
    """A repository in Git with grants for p, and a template of its own."""
    files = {"templates/stages/debug.yaml": "environment: debug\nprefix: debug.\ninteractive: true\n"}
    root = _repository(tmp_path, "grants: {p: {domains: [p.example.com]}}\n", files)
    git(root, "init", "-q", "-b", "main")
    git(identity(root), "add", ".")
    git(root, "commit", "-qm", "first")
    return root


def test_a_change_cannot_grant_something_to_itself(committed: Path) -> None:
    write(committed, {OWN: f"{SPEC}host: m.q.example.com\n"})
    text = (committed / PLATFORM).read_text(encoding="utf-8")
    write(committed, {PLATFORM: text.replace("[p.example.com]", "[p.example.com, q.example.com]")})
    assert _ids(committed) == []
    ids = [(finding["id"], finding["severity"], finding["file"]) for finding in _found(committed, "--base", "HEAD")]
    assert ids == [("A02", "error", OWN), ("F17", "warning", OWN), ("A14", "warning", PLATFORM)]
    git(committed, "commit", "-qm", "the grant", PLATFORM)
    assert _ids(committed, "--base", "HEAD") == ["F17"]


def test_the_owners_are_named(committed: Path) -> None:
    owners = "* @example/all\n[Platform] @example/platform\n/services/platform.yaml  # the default of the section\n"
    write(committed, {".gitlab/CODEOWNERS": f"{owners}/services/p/ @p\n/templates/ @example/one @two  # both\n"})
    git(committed, "add", ".gitlab")
    git(committed, "commit", "-qm", "owners")
    write(committed, {OWN: f"{SPEC}host: m.q.example.com\n", "templates/stages/debug.yaml": "prefix: d.\n"})
    # The owners are those of the base, too.
    write(committed, {".gitlab/CODEOWNERS": "* @somebody\n"})
    hints = {finding["id"]: finding["hint"] for finding in _found(committed, "--base", "HEAD")}
    assert hints.keys() == {"A02", "F17", "T04"}
    assert hints["A02"].endswith("below `grants` (by CODEOWNERS: @example/platform)")
    assert hints["T04"].endswith("when this is merged (by CODEOWNERS: @example/one @two)")


def test_the_first_grants_are_used_with_a_warning(committed: Path) -> None:
    text = (committed / PLATFORM).read_text(encoding="utf-8")
    write(committed, {PLATFORM: re.sub("grants: .*\n", "", text)})
    git(committed, "commit", "-qam", "no grants")
    write(committed, {PLATFORM: text, OWN: f"{SPEC}host: m.p.example.com\n"})
    assert _ids(committed, "--base", "HEAD") == ["F17", "A14"]


def test_a_change_is_not_judged_by_its_own_templates(committed: Path) -> None:
    templates = {
        # It would let a route have any host, and replaces the stage that asks for a test first.
        "templates/stages/prod.yaml": "environment: prod\nprefix: ''\nrequires: none\n",
        "templates/service/base/20-deployment.yaml.j2": "kind: {{ nothing.such }}\n",
    }
    write(committed, templates)
    git(committed, "add", "templates/stages")
    found = _found(committed, "--base", "HEAD")
    assert [(finding["id"], finding["severity"], finding["file"]) for finding in found] == [
        ("T04", "warning", "templates/service/base/20-deployment.yaml.j2"),
        ("T04", "warning", "templates/stages/prod.yaml"),
    ]
    assert "is not in HEAD, so it is not used to judge the change" in found[0]["message"]
    (committed / "templates/stages/debug.yaml").unlink()
    gone = _found(committed, "--base", "HEAD")[-1]
    assert (gone["file"], "differs from the file in HEAD" in gone["message"]) == ("templates/stages/prod.yaml", False)
    assert "T04" in _ids(committed, "--base", "HEAD")


def test_the_network_needs_a_grant_where_the_cluster_limits_it(tmp_path: Path) -> None:
    managed = CLUSTERS.replace("gateways: managed", "gateways: managed, namespaces: {managed: true}")
    files = {
        PLATFORM: f"{managed}grants: {{}}\n{ENVIRONMENTS}",
        OWN: f'{SPEC}egress: redis.cache:6379,10.0.0.0/8:5432,"*:443"\n'.replace('"', ""),
        "services/p/a/m-2.yaml": f"{SPEC}egress: 10.0.0.0/8:5432\n",
        "services/q/a/m-3.yaml": f"{SPEC}network: open\n",
    }
    write(tmp_path, files)
    found = [finding for finding in _found(tmp_path) if finding["severity"] == "error"]
    assert [(one["id"], one["file"], one["line"], one["grant"]["value"]) for one in found] == [
        ("A15", OWN, 6, "*:443"),
        ("A15", OWN, 6, "10.0.0.0/8:5432"),
        ("A15", "services/p/a/m-2.yaml", 6, "10.0.0.0/8:5432"),
        ("A15", "services/q/a/m-3.yaml", 6, "open"),
    ]
    assert "`q: {network: open}` below `grants`" in found[-1]["hint"]
    block = servegen(tmp_path, "doctor", "--grants").stdout
    assert block == "grants:\n  p:\n    egress: ['*:443', 10.0.0.0/8:5432]\n  q:\n    network: open\n"
    write(tmp_path, {PLATFORM: managed + block + ENVIRONMENTS})
    assert [one for one in _found(tmp_path) if one["severity"] == "error"] == []
    assert servegen(tmp_path, "doctor", "--grants").stdout == block


@pytest.mark.parametrize(
    "value", ["redis.cache:6379", "10.0.0.0/33:1", "10.0.0.0/8", "*:http", "https://a.example.com:443"]
)
def test_a_mistake_in_a_grant_of_addresses_is_an_error_at_its_line(value: str, tmp_path: Path) -> None:
    root = _repository(tmp_path, f'grants:\n  p:\n    egress: ["{value}"]\n')
    assert [(one["id"], one["file"], one["line"]) for one in _found(root)] == [("K03", PLATFORM, 6)]
