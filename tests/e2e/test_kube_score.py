"""kube-score finds nothing critical in the example fleet but what fixtures/kube-score.yaml lists with a reason."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

import yaml

from tests.conftest import ROOT
from tests.e2e.build import HERE, build_programs

_CRITICAL: Final = 1


def _findings(kustomize: Path) -> set[tuple[str, str]]:
    """Return check and object of each critical finding in the overlays of prod, as kustomize builds them."""
    folders = sorted(path.parent for path in (ROOT / "rendered").glob("*/*/overlays/prod/kustomization.yaml"))
    commands = [[str(kustomize), "build", str(folder)] for folder in folders]
    texts = [subprocess.run(command, check=True, capture_output=True).stdout for command in commands]
    program = build_programs(("kube-score",), print)["kube-score"]
    command = [str(program), "score", "--output-format", "json", "--kubernetes-version", "v1.36", "-"]
    done = subprocess.run(command, input=b"---\n".join(texts), capture_output=True, check=False)
    objects: list[dict[str, Any]] = json.loads(done.stdout)
    assert len(objects) > len(folders), done.stderr
    return {
        (check["check"]["id"], one["object_meta"]["name"])
        for one in objects
        for check in one["checks"]
        if check["grade"] == _CRITICAL and not check["skipped"]
    }


def test_the_example_fleet(kustomize: Path) -> None:
    listed = yaml.safe_load((HERE / "fixtures" / "kube-score.yaml").read_text(encoding="utf-8"))
    found = _findings(kustomize)
    unlisted = {
        (check, name)
        for check, name in found
        if check not in listed or name not in listed[check].get("objects", [name])
    }
    assert unlisted == set()
    assert {(check, name) for check, entry in listed.items() for name in entry.get("objects", ())} <= found
    assert listed.keys() == {check for check, _ in found}
    assert all(entry["reason"] for entry in listed.values())
