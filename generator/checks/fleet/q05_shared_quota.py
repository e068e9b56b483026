"""Q05: projects that share a namespace must set the same quota for it.

A namespace has one quota for everything in it.

Passes:

    # services/vision/project.yaml and services/speech/project.yaml, which share a namespace
    environments: {prod: {namespace: serving, quota: {gpu: 8}}}

Fails, with another number in the other file:

    environments: {prod: {namespace: serving, quota: {gpu: 4}}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.namespaces import RESOURCES, namespaces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.namespaces import Namespace

ID: Final = "Q05"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each key that two projects set to different values."""
    for space in namespaces(context.fleet):
        for key in RESOURCES:
            written = list(_written(context, space, key))
            for value, project, position in written[1:]:
                first, other, also = written[0]
                if value != first:
                    message = f"{project} sets {key}: {value} for the namespace {space.name}, but {other} sets {first}"
                    hint = "write the same value in both, or give each project its own namespace"
                    yield Finding(ID, message, position, hint, also=(also,), environments=(space.environment,))


def _written(context: CheckContext, space: Namespace, key: str) -> Iterator[tuple[str | int, str, Position]]:
    for project in space.projects:
        spec = context.fleet.projects.get(project)
        stanza = spec.environments.get(space.environment) if spec is not None else None
        value = getattr(stanza.quota, key) if stanza is not None and stanza.quota is not None else None
        if value is not None:
            path = ("environments", space.environment, "quota", key)
            yield value, project, context.fleet.project_position(project, *path)
