"""Edits of spec files that give a canary a share of its host, take the share back, and hand the host over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.errors import UsageError
from generator.edit.data_edit import has, value_at
from generator.edit.release import release, take_over
from generator.edit.yaml_edit import put, remove

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from generator.fleet.canaries import Canary

    Files = Mapping[str, bytes]


def give_share(files: Files, canary: Canary, percent: int) -> dict[str, bytes]:
    """Return the owner's spec with a split that gives the canary this percentage. Raises NotEditableError."""
    _require_own_split(canary)
    file, path = canary.owner.service.document.file, _split(canary)
    name = canary.instance.service.name
    data = canary.owner.service.document.data
    if has(data, path) and isinstance(value_at(data, path), dict):
        return {file: put(files[file], file, (*path, name), f"{percent}%")}
    return {file: put(files[file], file, path, f"{name}:{percent}%")}


def take_share(files: Files, canary: Canary) -> dict[str, bytes]:
    """Return the owner's spec without the canary's split, if it has one. Raises NotEditableError.

    Where that would bring the split of another layer back, it becomes a written null.
    """
    if not canary.share:
        return {}
    _require_own_split(canary)
    file, path = canary.owner.service.document.file, _split(canary)
    return {file: put(files[file], file, path, None) if canary.hides_split else remove(files[file], file, path)}


def stop_rollout(files: Files, canary: Canary, reason: str) -> dict[str, bytes]:
    """Return both specs with all requests for the owner, and the reason why the rollout has ended.

    Raises NotEditableError.
    """
    file = canary.instance.service.document.file
    path = ("environments", canary.environment, "rollout_stopped")
    return {**take_share(files, canary), file: put(files[file], file, path, reason)}


def hand_over(files: Files, canary: Canary, moment: datetime) -> dict[str, bytes]:
    """Return both specs with the canary as the owner of its host: a new release stamp, and nothing that defers it.

    The split goes, too: it would be in force again after a rollback. Raises NotEditableError.
    """
    service = canary.instance.service
    text = take_over(release(files, service, canary.environment, moment), service, canary.environment)
    return {service.document.file: text, **take_share(files, canary)}


def _split(canary: Canary) -> tuple[str, str, str]:
    return "environments", canary.environment, "split"


def _require_own_split(canary: Canary) -> None:
    """Raise UsageError if the owner has a split that is not the canary's own."""
    if (where := canary.other_split) is None:
        return
    owner, name = canary.owner.service, canary.instance.service.name
    others = [share.service for share in canary.owner.settings.split or () if share.service != name]
    if others:
        message = f"{where}: the split of {owner.name} sends requests to {' and '.join(others)}, too"
        hint = "a canary has the split for itself; shares of several services are written by hand (docs/traffic.md)"
        raise UsageError(message, hint=hint)
    message = f"{where}: the split of {owner.name} is not written for {canary.environment} alone"
    hint = f"write it under environments.{canary.environment} of {owner.document.file} if it is for that alone"
    raise UsageError(message, hint=hint)
