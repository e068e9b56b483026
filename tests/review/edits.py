"""A fleet in which services share much with each other, and single edits of its specs and own templates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from tests.support.grants import grant_everything
from tests.support.process_folder import process_folder

PLATFORM: Final = "services/platform.yaml"
_PROJECT: Final = "services/p/project.yaml"
_MODEL: Final = "services/p/models/m.yaml"
ONE: Final = "services/p/a/m-1.yaml"
TWO: Final = "services/p/a/m-2.yaml"
OTHER: Final = "services/p/b/n-1.yaml"
FAR: Final = "services/q/c/k-1.yaml"
FLEET: Final[Mapping[str, str]] = {
    PLATFORM: grant_everything("""\
servegen: ~=1.0
defaults: {env: {LEVEL: low}, replicas: 2}
clusters:
  main: {domain: example.com, gateways: managed, kubernetes: "1.36", external: {addresses: 192.0.2.1}}
  far: {domain: far.example.com, gateways: managed, kubernetes: "1.36", namespaces: {managed: true}}
environments:
  test: {cluster: main, stage: test}
  prod: {cluster: main, stage: prod, requires: none, defaults: {env: {PLACE: here}}}
  far: {cluster: far, stage: prod, requires: none}
"""),
    _PROJECT: "title: P\ndefaults: {labels: {team: red}}\n",
    _MODEL: "versions:\n  v1: {path: /models/m/1}\n  v2: {path: /models/m/2}\n",
    ONE: """\
model: m
version: v1
type: triton-server
command: run
host: m.example.com
resources: {cpu: 1, memory: 1G}
config: {a.txt: hello}
environments:
  test: {released: 2026-11-01T10:00:00Z}
  prod: {released: 2026-11-01T10:00:00Z, replicas: 3~6, hpa: cpu:50%}
""",
    TWO: """\
model: m
version: v2
type: triton-server
command: run
host: m.example.com
resources: {cpu: 1, memory: 1G}
env: {LEVEL: high}
environments:
  prod: {released: 2026-11-02T10:00:00Z}
""",
    OTHER: """\
model: n
version: v1
type: tfserving
command: run
sidecar: istio
id: 14
environments:
  prod: {released: 2026-11-01T10:00:00Z}
  far: {released: 2026-11-01T10:00:00Z}
""",
    FAR: """\
model: k
version: v1
type: ml-server
command: run
id: 15
environments:
  far: {released: 2026-11-01T10:00:00Z}
""",
}


class Edit(NamedTuple):
    """A text of a file and what replaces it; without `old`, the whole file, and with neither it goes.

    A file below templates/ starts as the shipped one.
    """

    file: str
    old: str = ""
    new: str = ""


DEPLOYMENT: Final = "templates/service/base/20-deployment.yaml.j2"
EDITS: Final = (
    Edit(ONE, "command: run", "command: run  # as before"),
    Edit(ONE, "hello", "bye"),
    Edit(ONE, "config: {a.txt: hello}\n", ""),
    Edit(ONE, "memory: 1G", "memory: 2G"),
    Edit(ONE, "replicas: 3~6", "replicas: 3~9"),
    Edit(ONE, "host: m.example.com\n", ""),
    Edit(ONE, "2026-11-01T10:00:00Z, replicas", "2026-11-03T10:00:00Z, replicas"),
    Edit(ONE, "command: run\n", "command: run\nsplit: m-2:20%\n"),
    Edit(ONE, "command: run\n", "command: run\ndescription: the first\n"),
    Edit(ONE, "command: run\n", "command: run\nenv: {LEVEL: null}\n"),
    Edit(ONE),
    Edit(TWO, "command: run\n", "command: run\nmirror: m-1:10%\n"),
    Edit(TWO, "command: run\n", "command: run\nports: 8000,8002\n"),
    Edit(TWO, "2026-11-02T10:00:00Z", "2026-11-02T10:00:00Z, takeover: manual"),
    Edit(TWO, "environments:\n", "environments:\n  test: {released: 2026-11-02T10:00:00Z}\n"),
    Edit(TWO, "  prod: {released: 2026-11-02T10:00:00Z}\n", "  prod: null\n"),
    Edit(TWO),
    Edit("services/p/a/m-3.yaml", "", FLEET[TWO].replace("v2", "v3").replace("11-02", "11-04")),
    Edit(OTHER, "id: 14\n", "id: 15\n"),
    Edit(OTHER, "command: run\n", "command: run\nhost: m.example.com\npath: /n\n"),
    Edit(OTHER, "sidecar: istio\n", ""),
    Edit(FAR, "id: 15\n", ""),
    Edit(FAR, "model: k", "model: n"),
    Edit(FAR),
    Edit("services/q/c/n-1.yaml", "", FLEET[FAR].replace("15", "16")),
    Edit(_MODEL, "/models/m/1", "/models/m/one"),
    Edit(_MODEL, "v2: {path", "v2: {defaults: {env: {OLD: x}}, path"),
    Edit(_MODEL),
    Edit(_PROJECT, "title: P", "title: Q"),
    Edit(_PROJECT, "team: red", "team: blue"),
    Edit(_PROJECT, "title: P\n", "title: P\nenvironments: {prod: {namespace: other}}\n"),
    Edit(_PROJECT),
    Edit(PLATFORM, "LEVEL: low", "LEVEL: lower"),
    Edit(PLATFORM, "replicas: 2", "replicas: 3"),
    Edit(PLATFORM, "PLACE: here", "PLACE: there"),
    Edit(PLATFORM, "stage: test}", "stage: test, defaults: {replicas: 1}}"),
    Edit(PLATFORM, "domain: far.example.com", "domain: away.example.com"),
    Edit(PLATFORM, "far: {cluster: far,", "far: {cluster: main, namespace: '{project}-far',"),
    Edit(
        PLATFORM,
        "namespaces: {managed: true}}",
        "delivery: {tool: argocd, repository: https://git.example.com/team/models.git}}",
    ),
    Edit(PLATFORM, "servegen: ~=1.0\n", "servegen: ~=1.0  # the version\n"),
    Edit(DEPLOYMENT, "revisionHistoryLimit: 5", "revisionHistoryLimit: 6"),
    Edit(DEPLOYMENT, "minReadySeconds: 5", "minReadySeconds: 4"),
    Edit(DEPLOYMENT, "automountServiceAccountToken: false", "automountServiceAccountToken: true"),
    Edit("templates/service/overlay/20-poddisruptionbudget.yaml.j2", "metadata:\n", "metadata:\n  # which\n"),
    Edit("templates/route/istio.yaml.j2", "kind: VirtualService\n", "kind: VirtualService\n\n"),
    Edit("templates/platform/namespace.yaml.j2", "kind: Namespace\n", "kind: Namespace\n\n"),
    Edit("templates/sidecars/istio.yaml", "annotations:\n", "annotations:\n  x: y\n"),
    Edit("templates/stages/prod.yaml", "disruption_budget: true", "disruption_budget: false"),
)

_AUTOSCALER: Final = "templates/service/overlay/10-horizontalpodautoscaler.yaml.j2"
_BUDGET: Final = "templates/service/overlay/20-poddisruptionbudget.yaml.j2"
_SERVICE: Final = "templates/service/base/30-service.yaml.j2"
_OWN: Final = "templates/service/overlay/90-own.yaml.j2"
_OWN_TEXT: Final = """\
apiVersion: example.com/v1
kind: Report
metadata:
  name: {{ service.name }}
spec:
  template: {spec: {containers: [{name: main, image: a}], volumes: [{name: v, configMap: {name: m-1-config}}]}}
  items:
    - {{ service.name }}
    - b
"""
# Edits of templates that shape objects of a service.
LINES: Final = (
    Edit(DEPLOYMENT, "revisionHistoryLimit: 5", "revisionHistoryLimit: 6"),
    Edit(DEPLOYMENT, "minReadySeconds: 5", "minReadySeconds: true"),
    Edit(DEPLOYMENT, "enableServiceLinks: false", "enableServiceLinks: true"),
    Edit(DEPLOYMENT, "{{ pod.grace_seconds }}", "75"),
    Edit(DEPLOYMENT, "{{ pod.image_pull_policy }}", "{{ pod.image ~ '' }}"),
    Edit(DEPLOYMENT, "name: main", "name: first"),
    Edit(DEPLOYMENT, "          env: {{ pod.env }}\n", "          env: [{name: A, value: b}]\n"),
    Edit(DEPLOYMENT, "          ports: {{ pod.ports }}\n", ""),
    Edit(DEPLOYMENT, "        - name: main\n", "        - {name: front, image: x}\n        - name: main\n"),
    Edit(DEPLOYMENT, "{% if pod.affinity %}\n", "{% if not pod.affinity %}\n      hostNetwork: true\n{% else %}\n"),
    Edit(DEPLOYMENT, "labels: {{ scaling.object_labels }}", "labels:\n    a: b\n    c: {{ service.name }}"),
    Edit(DEPLOYMENT, "matchLabels: {{ service.selector }}", "matchLabels: {{ pod.labels }}"),
    Edit(DEPLOYMENT, "  replicas: {{ scaling.replicas }}\n", "  replicas: 7\n"),
    Edit(DEPLOYMENT, "{% if not group.several %}\n", "{% set limit = 9 %}\n{% if not group.several %}\n"),
    Edit(DEPLOYMENT, "  minReadySeconds: 5\n", "  minReadySeconds: {{ pod.grace_seconds }}\n"),
    Edit(DEPLOYMENT, "      serviceAccountName: ", "      serviceAccount: other\n      serviceAccountName: "),
    Edit(DEPLOYMENT, "apiVersion: apps/v1", "apiVersion: apps/v2"),
    Edit(_SERVICE, "  ports: {{ service.ports }}\n", "  ports: [{name: a, port: 80}]\n  type: ClusterIP\n"),
    Edit(_SERVICE, "  selector: ", "  sessionAffinity: ClientIP\n  selector: "),
    Edit(_AUTOSCALER, "minReplicas: {{ scaling.min_replicas }}", "minReplicas: 5"),
    Edit(_AUTOSCALER, "    name: {{ service.name }}\n  min", "    name: {{ service.name ~ '-x' }}\n  min"),
    Edit(_AUTOSCALER, "  labels: {{ service.labels }}\n", "  annotations: {argocd.argoproj.io/sync-wave: '7'}\n"),
    Edit(_BUDGET, "maxUnavailable: 1", "maxUnavailable: 2"),
    Edit(_BUDGET, "{% if scaling.disruption_budget %}", "{% if not scaling.disruption_budget %}"),
    Edit(_BUDGET, "metadata:\n  name: {{ service.name }}", "metadata:\n  name: {{ service.name ~ '-b' }}"),
    Edit("templates/service/overlay/40-networkpolicy.yaml.j2", "  podSelector:\n", "  x: 1\n  podSelector:\n"),
    Edit(_OWN, "", _OWN_TEXT),
    Edit(_OWN, "", _OWN_TEXT.replace("image: a", "image: b").replace("- b", "- c")),
    Edit(_OWN, "", _OWN_TEXT.replace("m-1-config", "other")),
    Edit(_OWN),
)
# One of them that only rendering finds to be wrong.
FAULTY: Final = Edit(
    DEPLOYMENT, "{% if pod.volumes %}\n", "      dnsPolicy: {{ pod.labels.nothing }}\n{% if pod.volumes %}\n"
)


def apply(files: Mapping[str, str], edit: Edit) -> dict[str, str]:
    """Return the files after an edit; one whose text is not there, or was edited already, changes nothing."""
    if not edit.old:
        kept = {name: text for name, text in files.items() if name != edit.file}
        return {**kept, edit.file: edit.new} if edit.new else kept
    shipped = templates_root().parent / edit.file
    text = files.get(edit.file) or (shipped.read_text(encoding="utf-8") if shipped.is_file() else "")
    if edit.old not in text or (edit.new and edit.new in text):
        return dict(files)
    return {**files, edit.file: text.replace(edit.old, edit.new)}


def specs_of(files: Mapping[str, str]) -> dict[str, bytes]:
    """Return the spec files among some files."""
    return {name: text.encode() for name, text in files.items() if name.startswith("services/")}


def loader_of(files: Mapping[str, str]) -> TemplateLoader:
    """Return the loader of the own templates among some files."""
    return _loader(tuple((name, text) for name, text in sorted(files.items()) if name.startswith("templates/")))


@cache
def _loader(own: tuple[tuple[str, str], ...]) -> TemplateLoader:
    folder = process_folder()
    for name, text in own:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return TemplateLoader((folder / "templates", templates_root()))
