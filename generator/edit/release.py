"""Edits of spec files that deploy a service to an environment, take over its host, and undeploy it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from generator.core.errors import UsageError
from generator.edit.spec_text import project_text
from generator.edit.yaml_edit import copy, put, remove
from generator.fleet.ownership import CLOCKS_DIFFER
from generator.fleet.promotion import trial_environments

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from generator.fleet.model import Fleet, ServiceEntry
    from generator.fleet.routing import Routing

    Files = Mapping[str, bytes]


def stamp(moment: datetime) -> str:
    """Return a UTC time as a release stamp, to the second: `2026-11-24T08:30:00Z`."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def release(files: Files, entry: ServiceEntry, environment: str, moment: datetime) -> bytes:
    """Return the service's spec with a new release stamp for the environment. Raises NotEditableError."""
    file = entry.document.file
    return put(files[file], file, ("environments", environment, "released"), stamp(moment))


def winning_stamp(routing: Routing, entry: ServiceEntry, environment: str, now: datetime) -> datetime:
    """Return the time to use as release stamp: now, or one second after the newest rival, whose clock may be ahead.

    `routing` must be that of a fleet in which the service is already deployed in the environment. Raises UsageError
    when a rival's stamp is more than CLOCKS_DIFFER in the future, which different clocks do not explain.
    """
    claims = [
        (claimant.released, claimant)
        for entries in routing.claims[environment]
        if any(claimant.service.key == entry.key for claimant in entries.services)
        for claimant in entries.services
        if claimant.service.key != entry.key and claimant.released is not None
    ]
    if not claims:
        return now
    newest, claimant = max(claims, key=lambda pair: pair[0])
    if newest > now + CLOCKS_DIFFER:
        where = claimant.in_environment("released")
        hint = f"write {stamp(now)} there: a future time wins against every deployment until then"
        raise UsageError(f"{where}: {claimant.service.name} is released in the future: {stamp(newest)}", hint=hint)
    if newest < now:
        return now
    return newest.replace(microsecond=0) + timedelta(seconds=1)


def take_over(text: bytes, entry: ServiceEntry, environment: str) -> bytes:
    """Return the spec without `takeover` and `rollout` for the environment, so that it takes its host over now.

    Raises NotEditableError.
    """
    return _without(text, entry, environment, ("takeover", "rollout", "rollout_stopped"))


def begin_takeover(text: bytes, entry: ServiceEntry, environment: str) -> bytes:
    """Return the spec without `takeover` for the environment: it takes its host over now, or in steps by its `rollout`.

    A rollout that was stopped begins again. Raises NotEditableError.
    """
    return _without(text, entry, environment, ("takeover", "rollout_stopped"))


def _without(text: bytes, entry: ServiceEntry, environment: str, keys: tuple[str, ...]) -> bytes:
    for key in keys:
        text = remove(text, entry.document.file, ("environments", environment, key))
    return text


def restore(files: Files, entry: ServiceEntry, environment: str, earlier: bytes) -> bytes:
    """Return the spec with the environment's stanza from an earlier content of the file. Raises NotEditableError."""
    file = entry.document.file
    return copy(files[file], file, ("environments", environment), earlier)


def defer_takeover(text: bytes, entry: ServiceEntry, environment: str) -> bytes:
    """Return the spec with `takeover: manual` for the environment: it runs beside the owner of its host.

    Raises NotEditableError.
    """
    return put(text, entry.document.file, ("environments", environment, "takeover"), "manual")


def withdraw(files: Files, fleet: Fleet, entry: ServiceEntry, environment: str) -> tuple[bytes, bool]:
    """Return the spec with the service undeployed from the environment, and whether by a written null.

    The null keeps the app's overlay: Argo CD finds only the marker ConfigMap in it and deletes the service's objects.
    It also records that the service was tested. If neither matters, the key is removed instead: another service of the
    app names the environment, which is not of stage test. Raises NotEditableError.
    """
    file, path = entry.document.file, ("environments", environment)
    app = [other for other in fleet.apps()[entry.project, entry.app] if other is not entry]
    named = any(environment in other.spec.environments for other in app)
    if named and environment not in trial_environments(fleet.platform):
        return remove(files[file], file, path), False
    return put(files[file], file, path, None), True


def retire(files: Files, project: str, app: str, note: str) -> tuple[str, bytes]:
    """Return the path of the project's spec file, and its content with the app under `retired`.

    `note` is the value of the entry. Raises NotEditableError.
    """
    file = f"services/{project}/project.yaml"
    if file not in files:
        return file, project_text({"retired": {app: note}}).encode()
    return file, put(files[file], file, ("retired", app), note)
