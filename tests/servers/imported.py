"""Services of cube-studio, imported with --regenerate, and the objects that kustomize builds for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from generator.core.programs.kustomize import build
from tests.conftest import ROOT
from tests.servers.objects import Tree
from tests.servers.stores import PORT
from tests.support.clones import write
from tests.support.command import servegen
from tests.support.grants import grant_everything

ROWS: Final = ROOT / "tests/cases/import/regenerate/input.json"
_PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main: {domain: example.com, gateways: managed}
environments:
  test: {cluster: main, stage: test}
"""


def imported(root: Path, kustomize: Path, app: str, service: str, changes: Mapping[str, str]) -> list[Tree]:
    """Import the rows, change the specs of an app and its model, and return the objects of the app.

    Raises AssertionError if the service has a command of its own.
    """
    rows = ROWS.read_text("utf-8").replace("https://models.example.com/inference", f"http://127.0.0.1:{PORT}")
    write(root, {"services/platform.yaml": grant_everything(_PLATFORM), "rows.json": rows})
    options = ("import", "cube-studio", str(root / "rows.json"), "--regenerate", "--environment", "test")
    done = servegen(root, *options)
    assert done.returncode == 0, done.stderr
    for spec in (*(root / f"services/public/{app}").iterdir(), root / f"services/public/models/{app}.yaml"):
        text = spec.read_text("utf-8")
        for old, new in changes.items():
            text = text.replace(old, new)
        spec.write_text(text, "utf-8")
    assert "command:" not in (root / f"services/public/{app}/{service}.yaml").read_text("utf-8")
    done = servegen(root, "render")
    assert done.returncode == 0, done.stderr
    return build(root / f"rendered/public/{app}/overlays/test/workloads", kustomize)
