"""A share that is given and taken back leaves a spec as it was, whatever its layout, and changes nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from generator.core.yaml import read
from generator.edit.canary import give_share, hand_over, stop_rollout, take_share
from generator.fleet.canaries import Canary, find_canary
from generator.repo.repository import Repository
from tests.support.clones import PLATFORM
from tests.support.rollouts import NEW, OWNER, newcomer

if TYPE_CHECKING:
    from pathlib import Path

HEAD: Final = "model: m\nversion: v1\ntype: triton-server\nhost: a.example.com\ncommand: run\n"
LAYOUTS: Final = {
    "block": f"{HEAD}environments:\n  prod:\n    released: 2026-11-01T10:00:00Z\n",
    "four spaces and comments": (
        f"# our model\n{HEAD}environments:   # where it runs\n    prod:   # for all\n"
        "        released: 2026-11-01T10:00:00Z   # the first one\n        # no more than that\n        replicas: 2\n"
        "\n# the end\n"
    ),
    "braces": f"{HEAD}environments: {{prod: {{released: 2026-11-01T10:00:00Z}}}}   # short\n",
    "braces on lines": f"{HEAD}environments: {{\n  prod: {{\n    released: 2026-11-01T10:00:00Z,\n  }},\n}}\n",
    "other keys follow": (
        "environments:\n  prod:\n    released: 2026-11-01T10:00:00Z\n\n  test:\n"
        f"    released: 2026-10-01T10:00:00Z\n{HEAD}"
    ),
    "lines of Windows": f"{HEAD}environments:\n  prod:\n    released: 2026-11-01T10:00:00Z\n".replace("\n", "\r\n"),
}


def _read(root: Path, files: dict[str, bytes]) -> tuple[dict[str, bytes], Canary]:
    """Return all specs, and m-2 as the canary of m-1."""
    specs = {"services/platform.yaml": PLATFORM.encode(), NEW: newcomer().encode(), **files}
    repository = Repository.at(root, specs)
    entry = next(service for service in repository.fleet.services if service.name == "m-2")
    return specs, find_canary(repository.fleet, repository.routing, entry, "prod")


def _data(text: bytes) -> Any:
    document, _ = read(text, OWNER)
    assert document is not None
    return document.data


@pytest.mark.parametrize("layout", LAYOUTS)
def test_given_and_taken_back(layout: str, tmp_path: Path) -> None:
    before = LAYOUTS[layout].encode()
    specs, canary = _read(tmp_path, {OWNER: before})
    assert (canary.share, take_share(specs, canary)) == (0, {})
    given = give_share(specs, canary, 10)
    assert list(given) == [OWNER]
    data = _data(given[OWNER])
    assert data["environments"]["prod"].pop("split") == "m-2:10%"
    assert data == _data(before)

    specs, canary = _read(tmp_path, given)
    assert canary.share == 10
    assert give_share(specs, canary, 10) == given
    assert take_share(specs, canary) == {OWNER: before}
    assert stop_rollout(specs, canary, "at 10%")[OWNER] == before
    assert canary.instance.released is not None
    assert hand_over(specs, canary, canary.instance.released)[OWNER] == before
