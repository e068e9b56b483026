"""C01: a port that a service names must be one that its model server opens.

The ports of a server are in `protocols` of `templates/servers/<type>/server.yaml`. The check examines `ports`, `health`
and `metrics` of services whose command is generated. A port that is an argument of the server, or the value of one of
its environment variables, is not reported.

Passes, for triton-server:

    ports: 8000,8001

Fails:

    ports: 80
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.spec.values.ports import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "C01"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each port that no part of the server listens on."""
    for instance in context.starting_instances:
        if instance.launch is None or not instance.server.protocols:
            continue
        for key, port in _ports(instance):
            if str(port) not in instance.server.protocols and not _is_set(instance, str(port)):
                yield _closed(instance, key, port)


def _ports(instance: ServiceInstance) -> Iterator[tuple[str, int]]:
    settings = instance.settings
    yield from (("ports", port) for port in numbers(settings.ports))
    if settings.health is not None and settings.health.port is not None:
        yield "health", settings.health.port
    if settings.metrics is not None:
        yield "metrics", settings.metrics.port


def _is_set(instance: ServiceInstance, port: str) -> bool:
    """Whether the port is in an argument or in a variable of the server, which then may open it."""
    settings = instance.settings
    texts = (*(settings.command or ()), *(settings.env or {}).values(), *(settings.config or {}).values())
    number = re.compile(rf"(?<![0-9]){port}(?![0-9])")
    return any(isinstance(text, str) and number.search(text) for text in texts)


def _closed(instance: ServiceInstance, key: str, port: int) -> Finding:
    opened = [number for number in instance.server.protocols if number not in instance.server.internal]
    message = f"found the port {port} in `{key}`, which {instance.service.spec.type} does not open"
    return Finding(ID, message, instance.position(key), f"its ports: {', '.join(opened)}")
