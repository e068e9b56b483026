"""C49: a container starts in an absolute path.

No container starts with another `workingDir`; the API server does not look at it.

Source: OCI runtime specification, config.md, process.cwd: the value must be an absolute path.

Passes:

    workingDir: /srv/app

Fails:

    workingDir: app
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.containers import containers
from generator.checks.objects.violation import Violation
from generator.render.pod_templates import KINDS as KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "C49"


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield an error for each container with a relative working directory."""
    for path, container in containers(tree):
        found = container.get("workingDir")
        if isinstance(found, str) and found and not found.startswith(("/", "$", "{")):  # C36 reports variables
            message = f'no container starts in "{found}", which is not an absolute path'
            yield Violation(message, "write the path from / on", (*path, "workingDir"))
