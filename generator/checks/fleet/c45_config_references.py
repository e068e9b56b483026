"""C45: `$(NAME)` in a config file is not replaced.

Kubernetes replaces `$(NAME)` in `env`, `command` and the commands of probes, and servegen writes the files of `config`
as they are. The check reports names of the service's variables, and not in scripts, where `$(NAME)` is a program.

Passes:

    env: {STORE_URL: "http://$(STORE_HOST)/models", STORE_HOST: store}
    config: {server.yaml: "store: store"}

Fails:

    env: {STORE_HOST: store}
    config: {server.yaml: "store: $(STORE_HOST)"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.core.regex import regex
from generator.spec.values.env import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "C45"
SEVERITY: Final = Severity.WARNING
_REFERENCE: Final = regex(r"(?<!\$)\$\(([A-Za-z_][A-Za-z0-9_]*)\)")
_SCRIPT: Final = regex(r".*\.(?:ba|z|k)?sh\Z|(?i:makefile)\Z")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each config file with a reference to a variable of its service."""
    for instance in context.starting_instances:
        for name, text in (instance.settings.config or {}).items():
            if "$(" in text and not text.startswith("#!") and not _SCRIPT.match(name):
                yield from _references(instance, name, text)


def _references(instance: ServiceInstance, file: str, text: str) -> Iterator[Finding]:
    known = {*RESERVED, *(instance.settings.env or {})}
    found = next((match[1] for match in _REFERENCE.finditer(text) if match[1] in known), None)
    if found is not None:
        message = f"the config file {file} has $({found}), which nothing replaces in a file"
        hint = "write the value itself, or an argument of the command, where $(…) is replaced"
        where = (instance.environment.name,) if instance.environment.name else ()
        yield Finding(ID, message, instance.position("config", file), hint, severity=SEVERITY, environments=where)
