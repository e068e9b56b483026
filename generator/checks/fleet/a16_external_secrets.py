"""A16: the platform file must decide what an ExternalSecret reads, from which store and for which project.

If `external_secrets` has no `store`, nothing is read. If several projects of one namespace use a Secret, {project} in
`key` has no single value, and one project would get what is another's. Such a Secret is one of the platform: write it
to the namespace by other means and list it in `skip`, or use a key without {project} and grant its name.

Passes, if vision and speech share a namespace and both use the Secret hub:

    external_secrets: {store: vault, skip: [hub]}

Fails, in the same namespace:

    external_secrets: {store: vault}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.external_secrets import KEY, external_secrets, layers_of, secret_uses
from generator.spec.files import PLATFORM
from generator.spec.values.store_key import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import Fleet

ID: Final = "A16"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each place without a store, and for each Secret that several projects use in a namespace."""
    fleet = context.fleet
    for name in fleet.instances:
        layers = layers_of(fleet.platform, name)
        given = external_secrets(fleet.platform, name)
        if given is not None and PROJECT in given.key:
            yield from _shared(fleet, name)
        elif layers and not any("store" in layer.written for _, layer in layers):
            position = fleet.platform_position(*layers[-1][0])
            message = f"found `{KEY}` without `store`, expected the name of a store"
            yield Finding(ID, message, position, "add `store: vault`, for example", environments=(name,))


def _shared(fleet: Fleet, environment: str) -> Iterator[Finding]:
    for namespace, uses in secret_uses(fleet, environment).items():
        for use in (use for use in uses if len(use.projects) > 1):
            first, *others = (use.projects[project] for project in sorted(use.projects))
            names = " and ".join(sorted(use.projects))
            message = f"{names} use the Secret {use.name} in {namespace}, so {PROJECT} in its key is ambiguous"
            hint = f"use a Secret for each project, or list {use.name} in `skip` of `{KEY}` in {PLATFORM}"
            yield Finding(ID, message, first, hint, also=tuple(others), environments=(environment,))
