"""The edits by which a service comes to an environment, takes its host, and leaves: specs in, specs out."""

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
    """A moment as specs say it: UTC, in seconds."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def release(files: Files, entry: ServiceEntry, environment: str, moment: datetime) -> bytes:
    """The service's spec with a new stamp of that environment. Raises NotEditableError."""
    file = entry.document.file
    return put(files[file], file, ("environments", environment, "released"), stamp(moment))


def winning_stamp(routing: Routing, entry: ServiceEntry, environment: str, now: datetime) -> datetime:
    """The moment to stamp: now, or the second after the newest rival, whose clock may be ahead.

    `traffic` is that of a fleet in which the service is deployed there already. Raises UsageError where a rival's stamp
    is so far ahead that this is no matter of clocks.
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
    """The spec without `takeover: manual` there: it shall have the host now. Raises NotEditableError."""
    return remove(text, entry.document.file, ("environments", environment, "takeover"))


def restore(files: Files, entry: ServiceEntry, environment: str, earlier: bytes) -> bytes:
    """The spec with the stanza that an earlier text of it has of that environment. Raises NotEditableError."""
    file = entry.document.file
    return copy(files[file], file, ("environments", environment), earlier)


def defer_takeover(text: bytes, entry: ServiceEntry, environment: str) -> bytes:
    """The spec with `takeover: manual` there: it runs beside the owner of its host. Raises NotEditableError."""
    return put(text, entry.document.file, ("environments", environment, "takeover"), "manual")


def withdraw(files: Files, fleet: Fleet, entry: ServiceEntry, environment: str) -> tuple[bytes, bool]:
    """The spec without the service there, and whether a written null says so. Raises NotEditableError.

    The null keeps the app's overlay, in which Argo CD finds nothing but the marker and so lets the service go. It also
    says that the service was tried. Where neither matters the key goes.
    """
    file, path = entry.document.file, ("environments", environment)
    app = [other for other in fleet.apps()[entry.project, entry.app] if other is not entry]
    named = any(environment in other.spec.environments for other in app)
    if named and environment not in trial_environments(fleet.platform):
        return remove(files[file], file, path), False
    return put(files[file], file, path, None), True


def retire(files: Files, project: str, app: str, note: str) -> tuple[str, bytes]:
    """The project's file, and its text with the app noted under `retired`. Raises NotEditableError."""
    file = f"services/{project}/project.yaml"
    if file not in files:
        return file, project_text({"retired": {app: note}}).encode()
    return file, put(files[file], file, ("retired", app), note)
