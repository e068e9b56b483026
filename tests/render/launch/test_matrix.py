"""Each model server, with each kind of source and of card: valid objects, and kustomize builds the same ones.

The fleet has each pair of them; `make fuzz` tries the whole product, and `make e2e` applies it.
"""

from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path

import pytest

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from tests.support.clones import git, identity, write
from tests.support.command import servegen
from tests.support.served import MODELS, all_served, served_fleet, served_pairs


def test_the_fleet_has_every_server_with_a_launch() -> None:
    servers = TemplateLoader((templates_root(),)).folders("servers")
    assert set(servers) - {"serving"} == set(MODELS)


def test_the_sample_has_each_pair() -> None:
    chosen = [{pair for one in part for pair in combinations(one, 2)} for part in (served_pairs(), all_served())]
    assert chosen[0] == chosen[1]


def test_all_of_them_are_valid(
    tmp_path: Path, kustomize: Path, kubeconform: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in (kustomize, kubeconform):
        monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    chosen = all_served() if os.environ.get("SERVEGEN_SERVED") == "all" else served_pairs()
    write(tmp_path, served_fleet(chosen))
    done = servegen(tmp_path, "render")
    warned = sum(server == "torch-server" for server, *_ in chosen)  # it has a notice
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith(f"\n{warned} warnings\n")
    assert done.stderr.count("[C07]") == warned
    assert done.stdout.startswith(f"{len(chosen)} services in 1 environment: ")
    validated = servegen(tmp_path, "validate")
    assert (validated.returncode, validated.stdout.count(" 0 invalid, 0 errors")) == (0, 2), validated.stderr
    git(tmp_path, "init", "-q", "-b", "main")
    git(identity(tmp_path), "add", "--all")
    git(tmp_path, "commit", "-qm", "one")
    verified = servegen(tmp_path, "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
