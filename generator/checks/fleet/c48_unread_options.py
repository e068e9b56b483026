"""C48: `options` have an effect only if servegen writes the command.

They become arguments of the command of a model server, and its config files. A service with a `command` of its own
starts what the command says. In the defaults of a project or of the platform, options are for the other services.

Passes:

    options: {max_batch_size: 8}

Fails:

    command: tritonserver --model-repository=/mnt/models
    options: {max_batch_size: 8}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "C48"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for the options of each service with a command of its own."""
    for instance in context.instances:
        if instance.launch is not None or not instance.settings.options or not instance.settings.command:
            continue
        position = instance.position("options")
        if position.file == instance.service.document.file:
            name, where = instance.service.name, (instance.environment.name,)
            message = f"`options` of {name} have no effect: it has a `command` of its own"
            hint = "write them as arguments of the command, or remove one of the two keys"
            yield Finding(
                ID, message, position, hint, severity=SEVERITY, also=(instance.position("command"),), environments=where
            )
