"""Try a kustomize on a small overlay whose objects are known.

The task has what `servegen verify` relies on: a patch that deletes a container and keeps the order of the others, a
name with the hash of a generated ConfigMap, the reference to it, and the namespace of the overlay.
"""

from __future__ import annotations

import tempfile
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from generator.core.errors import ToolError
from generator.core.programs.fitness import UnfitProgramError
from generator.core.programs.go_programs import install_hint
from generator.core.programs.kustomize import build, exact
from generator.core.yaml import dump
from generator.core.yaml.object_reader import read

_TIMEOUT_SECONDS: Final = 20
_SHOWN: Final = 200
_FILES: Final = {
    "base/kustomization.yaml": """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [deployment.yaml]
configMapGenerator:
- {name: settings, files: [a.txt]}
""",
    "base/a.txt": "<a> & b\n",
    "base/deployment.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: probe}
spec:
  selector: {matchLabels: {app: probe}}
  template:
    metadata: {labels: {app: probe}}
    spec:
      containers:
      - {name: first, image: "a:1", args: ["on", "1"]}
      - {name: gone, image: "b:1"}
      - {name: last, image: "c:1"}
      volumes:
      - {name: settings, configMap: {name: settings}}
""",
    "overlay/kustomization.yaml": """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: probe
resources: [../base]
patches:
- path: patch.yaml
""",
    "overlay/patch.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: probe}
spec:
  replicas: 2
  template:
    spec:
      containers:
      - {name: first}
      - {name: gone, $patch: delete}
      - {name: last, image: "c:2"}
""",
}
_EXPECTED: Final = """\
apiVersion: v1
data:
  a.txt: |
    <a> & b
kind: ConfigMap
metadata:
  name: settings-5654t87b9c
  namespace: probe
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: probe
  namespace: probe
spec:
  replicas: 2
  selector:
    matchLabels:
      app: probe
  template:
    metadata:
      labels:
        app: probe
    spec:
      containers:
      - args:
        - "on"
        - "1"
        image: a:1
        name: first
      - image: c:2
        name: last
      volumes:
      - configMap:
          name: settings-5654t87b9c
        name: settings
"""


def probe(kustomize: Path) -> None:
    """Build the overlay. Raises UnfitProgramError if the objects are other than expected."""
    with tempfile.TemporaryDirectory(prefix="servegen-") as folder:
        for name, text in _FILES.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        try:
            difference = _difference(build(Path(folder, "overlay"), kustomize, timeout=_TIMEOUT_SECONDS))
        except ToolError as error:
            difference = f"expected the objects of a known overlay, found an error: {str(error)[:_SHOWN]}"
    if difference:
        raise UnfitProgramError(f"{kustomize} does not work as kustomize: {difference}", hint=install_hint("kustomize"))


def _difference(built: list[dict[str, Any]]) -> str:
    """Return the first line of the objects that is not as expected, empty if there is none."""
    expected = read(_EXPECTED)
    if exact(_sort(built)) == exact(_sort(expected)):
        return ""
    lines = [[line.strip() for tree in _sort(trees) for line in dump(tree).splitlines()] for trees in (built, expected)]
    pairs = enumerate(zip_longest(*lines, fillvalue=""), 1)
    number, (found, wanted) = next(entry for entry in pairs if entry[1][0] != entry[1][1])
    return f'expected "{wanted}" in line {number} of the objects of a known overlay, found "{found[:_SHOWN]}"'


def _sort(trees: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(trees, key=lambda tree: str(tree.get("kind")))
