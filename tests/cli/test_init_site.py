"""The jobs of `servegen init` that write the page of the fleet: they run as they are, and publish only on request."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.conftest import ROOT
from tests.support.clones import git, head, repository, service
from tests.support.on_path import install

INIT: Final = ROOT / "templates" / "init"


def _yaml(name: str) -> Any:
    return yaml.load((INIT / name).read_text(encoding="utf-8"), yaml.BaseLoader)


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_the_job_writes_the_page_where_its_artifact_is(forge: str, tmp_path: Path) -> None:
    root = repository(tmp_path / "job", service("1"))
    (tmp_path / "bin").mkdir()
    path = f"{install(tmp_path / 'bin').parent}{os.pathsep}{os.environ['PATH']}"
    if forge == "github":
        steps = _yaml("github-site.yaml")["jobs"]["site"]["steps"]
        (command,) = (step["run"] for step in steps if step.get("run", "").startswith("servegen"))
        artifact = next(step["with"]["path"] for step in steps if "upload-artifact" in step.get("uses", ""))
        page = Path(artifact.replace("${{ runner.temp }}", str(tmp_path))) / "index.html"
    else:
        job = _yaml("gitlab-site.yaml")["servegen-site"]
        (command,), (artifact,) = job["script"], job["artifacts"]["paths"]
        page = root / artifact
    environment = {**os.environ, "PATH": path, "RUNNER_TEMP": str(tmp_path)}
    subprocess.run(["bash", "-ec", command], cwd=root, env=environment, check=True, capture_output=True)
    assert head(root)[:12] in page.read_text(encoding="utf-8")
    assert git(root, "status", "--porcelain", "services", "rendered") == ""


def test_nothing_is_published_unless_a_variable_says_so() -> None:
    jobs = _yaml("github-site.yaml")["jobs"]
    assert jobs["publish"]["if"] == "vars.SERVEGEN_PAGES == 'true'"
    (upload,) = (step for step in jobs["site"]["steps"] if "pages" in step.get("uses", ""))
    assert upload["if"] == jobs["publish"]["if"]
    assert _yaml("github-site.yaml")["permissions"] == {"contents": "read"}
    assert [step for step in jobs["publish"]["steps"] if "run" in step] == []
    rules = _yaml("gitlab-site.yaml")["pages"]["rules"]
    assert '$SERVEGEN_PAGES == "true"' in rules[-1]["if"]
    assert rules[0]["when"] == "never"
