"""Random repositories: specs that are valid by construction, in all the forms that users write."""

from __future__ import annotations

import shlex
from typing import Any

from hypothesis import strategies as st

from generator.core.yaml import EMPTY
from generator.edit.spec_text import model_text, service_text
from tests.conftest import ROOT
from tests.support.grants import grant_everything

PLATFORM = grant_everything((ROOT / "templates" / "init" / "platform.yaml").read_text(encoding="utf-8"))
# A second cluster whose facts all differ, so that overlays must change what the base took from the first.
_FAR = """\
  far:
    domain: far.example.com
    area: guangzhou
    kubernetes: "1.33"
    gateways: {"80": mesh/gate, "8080": mesh/gate-8080}
    gpu: {backend: hami, nodes: cube}
    namespaces: {managed: true, pod_security: privileged}
    scrape: none
    defaults: {pull_secrets: hub, labels: {place: far}}

environments:
  far: {cluster: far, stage: prod, quota: {cpu: 1000, memory: 10Ti, gpu: 100, pods: 1000}}
"""
# Random services have volumes that `restricted` forbids.
TWO_CLUSTERS = PLATFORM.replace("environments:\n", _FAR).replace("pod_security: restricted ", "pod_security: baseline ")
ENVIRONMENTS = ("debug", "test", "prod", "far")
# Strings that break naive quoting: YAML words, numbers, wide characters, templates.
NASTY = (
    "on",
    "1e3",
    "010",
    "null",
    "~",
    " lead",
    "trail ",
    "a: b",
    "#x",
    "{{ x }}",
    "$(K8S_POD_IP)",
    "<<",
    "=",
    "名字",
    "'",
    '"',
)
_text = st.sampled_from(NASTY) | st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=("Cs", "Cc", "Cn")), max_size=20
)
_content = st.sampled_from(
    ("a\n", "a: 1\nb: 2\n", "x\n\ty\n\n\n", "no newline", " lead\n", "---\nx\n", "<>&\u2028\n")
) | _text.filter(bool)
_env = st.dictionaries(st.sampled_from(("A", "B", "LOG_LEVEL", "TZ", "_x")), _text, max_size=4)
_config = st.dictionaries(st.sampled_from(("a.txt", "config.pbtxt", "z-1")), _content, max_size=3)
_replicas = st.sampled_from(("1", "3", "2~10", "1～4"))
_memory = st.sampled_from(("2G", "512Mi", "2G~4G"))
_gpu = st.sampled_from(("0", "1(T4)", "0.2(T4)", "2(A100-80G)", "0.5", "8G,0.2(T4)"))
_volumes = st.sampled_from(
    (
        "models(pvc-share):/mnt",
        "nfs.example.com/models(nfs):/a:ro,2G(memory):/dev/shm",
        "hub(secret):/s,x(configmap):/c",
        ["other(pvc-share):/mnt", {"/c": None}],
        [None, "x(configmap):/c"],
    )
)
_affinity = st.sampled_from(
    (
        "topology.kubernetes.io/zone in (a, b), !spot",
        {"spread": {"node": "required", "zone": "preferred"}, "prefer": "disk=ssd", "avoid": "app=trainer"},
        {"nodes": {"disk": None, "topology.kubernetes.io/zone": ["b", "c"]}, "spread": None, "near": "app=cache"},
        None,
    )
)
_patch_lists = (
    {
        "tolerations": [
            {"key": "team", "operator": "Exists"},
            {"key": "dedicated", "value": "a", "effect": "NoSchedule"},
        ]
    },
    {"tolerations": [{"$patch": "replace"}, {"operator": "Exists"}]},
    {"containers": [{"name": "main", "envFrom": [{"configMapRef": {"name": "one"}}]}]},
    {"containers": [{"name": "main", "envFrom": [{"secretRef": {"name": "two"}}]}]},
)
_patches = st.lists(st.sampled_from(_patch_lists), max_size=2).map(
    lambda pods: [{"kind": "Deployment", "spec": {"template": {"spec": pod}}} for pod in pods]
)
_PORTS = {
    "triton-server": ("8000", "8000,8002"),
    "tfserving": ("8501", "8501,8500"),
    "ml-server": ("8080", "8080,8081"),
}
# What each of these servers loads, from a claim and from an address.
_PATHS = ("pvc://models/x/", "https://models.example.com/x.tar.gz#x/", "s3://models/x/")
# A shell would refuse a text with an open quote.
_command = _text.map(lambda text: ["run", text]) | _text.map(lambda text: f"run {shlex.quote(text)} # $$")
_health = st.sampled_from(("shell:test -f /tmp/ok", "shell:curl --fail http://127.0.0.1:8000/ok"))


def _settings() -> st.SearchStrategy[dict[str, Any]]:
    """A strategy for the settings that may differ by environment."""
    resources = st.fixed_dictionaries(
        {}, optional={"cpu": st.sampled_from(("1", "0.5~2")), "memory": _memory, "gpu": _gpu}
    )
    return st.fixed_dictionaries(
        {},
        optional={
            "replicas": _replicas,
            "resources": resources,
            "env": _env,
            "config": _config,
            "volumes": _volumes,
            "health": _health,
            "command": _command,
            "labels": st.dictionaries(
                st.sampled_from(("team", "tier")), st.sampled_from(("a", "1", "true")), max_size=2
            ),
            "sidecar": st.just("istio"),
            "workdir": st.just("/models"),
            "tolerations": st.sampled_from(
                ("dedicated=gpu:NoSchedule", "nvidia.com/gpu:NoSchedule,a:NoExecute", [{"operator": "Exists"}], [])
            ),
            "affinity": _affinity,
            "spread": st.sampled_from(
                ("pack", "zone,node", {"zone": "required", "example.com/rack": "preferred"}, None)
            ),
            "pull_secrets": st.sampled_from(("hub", ["hub", "mirror"], [{"hub": None}, "team"], None)),
            "patches": _patches,
            "timeout": st.sampled_from(("30s", "15m")),
        },
    )


@st.composite
def _service(draw: st.DrawFn, number: int) -> dict[str, Any]:
    type_ = draw(st.sampled_from(sorted(_PORTS)))
    keys: dict[str, Any] = {
        "model": "m",
        "version": f"v{number}",
        "type": type_,
        **draw(_settings()),
        "ports": draw(st.sampled_from(_PORTS[type_])),
        "hpa": draw(st.sampled_from(("cpu:50%", "cpu:50%,mem:60%"))),
        **draw(st.fixed_dictionaries({}, optional={"id": st.just(str(number))})),
        **draw(
            st.fixed_dictionaries(
                {}, optional={"host": st.sampled_from((f"h{number}.example.com", "/v1", "http://u.x/a?b=1"))}
            )
        ),
    }
    if keys.get("host", "").startswith("http"):
        keys["host"] = f"http://u{number}.example.com/a?b=1"
    stanzas = draw(st.dictionaries(st.sampled_from(ENVIRONMENTS), _settings(), min_size=1, max_size=4))
    if draw(st.sampled_from((False, False, True))):
        _spread_over_nodes(draw, keys, stanzas)
    keys["environments"] = {name: stanza or EMPTY for name, stanza in stanzas.items()}
    return keys


def _spread_over_nodes(draw: st.DrawFn, keys: dict[str, Any], stanzas: dict[str, dict[str, Any]]) -> None:
    """Change a service to one whose replicas are spread over several nodes, in some environments at least."""
    nodes = st.sampled_from(("1", "2", {"count": "3", "exclusive": "example.com/rack"}))
    keys |= {"type": "vllm", "ports": "8000", "command": draw(_command)}
    for settings in (keys, *stanzas.values()):
        settings.pop("patches", None)
        settings |= draw(st.fixed_dictionaries({}, optional={"nodes": nodes}))
        if settings is keys or "resources" in settings:
            settings["resources"] = {**settings.get("resources", {}), "gpu": draw(st.sampled_from(("1", "2(T4)")))}


@st.composite
def repositories(draw: st.DrawFn) -> dict[str, bytes]:
    """Draw the files of a repository (path -> content) with one to four services of one app."""
    files = {"services/platform.yaml": TWO_CLUSTERS.encode()}
    versions = {}
    for number in range(1, draw(st.integers(1, 4)) + 1):
        keys = draw(_service(number))
        files[f"services/team/app/m-{number}.yaml"] = service_text(keys).encode()
        framework = {"framework": "sklearn"} if keys["type"] == "ml-server" else {}
        versions[f"v{number}"] = {"path": draw(st.sampled_from(_PATHS)), **framework}
    files["services/team/models/m.yaml"] = model_text({"versions": versions}).encode()
    return files
