"""When a rollout made its last step: the time of the commit since which the owner's split has the same share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.core.programs.git import Git
from generator.core.yaml import read
from generator.repo.git.completeness import is_shallow
from generator.repo.git.history import dated_contents
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.shares import parse_split

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from generator.fleet.canaries import Canary


def last_step(root: Path, canary: Canary) -> datetime | None:
    """Return the time of the commit that gave the canary its share; None if the clone does not have that commit.

    Raises ToolError if git fails.
    """
    file, began = canary.owner.service.document.file, None
    for moment, text in dated_contents(root, file):
        if text is None or _share(text, file, canary) != canary.share:
            return began
        began = moment
    return None if is_shallow(Git(root)) else began


def _share(text: bytes, file: str, canary: Canary) -> int:
    """Return the percentage that a content of the owner's spec gives the canary; 0 if it cannot be read."""
    document, _ = read(text, file)
    found: Any = document.data if document is not None else None
    for key in ("environments", canary.environment, "split"):
        found = found.get(key) if isinstance(found, dict) else None
    try:
        shares = parse_split(found)
    except InvalidValueError:
        return 0
    return sum(share.percent for share in shares if share.service == canary.instance.service.name)
