"""C39: a service in production should not use what belongs to a test.

Reported are hosts of services in environments of other stages, and Services of their namespaces (redis.vision-test),
in the variables, config files, command and `egress` of a service in an environment of the stage prod; and
ConfigMaps, Secrets and claims whose name starts or ends with the name of such an environment. An environment's own
values are written below its name, in `environments` of the service or in `defaults` of the project.

Passes:

    env: {STORE: redis.vision-prod:6379}

Fails in prod, with an environment test:

    env: {STORE: redis.vision-test:6379}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.finding import Finding, Severity
from generator.core.regex import regex
from generator.fleet.routing import host
from generator.spec.values.env import KeyReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.yaml import Path
    from generator.fleet.model import ServiceInstance

ID: Final = "C39"
SEVERITY: Final = Severity.WARNING
_PROD: Final = "prod"
_NAMED: Final = {"configmap": "ConfigMap", "secret": "Secret", "pvc": "claim", "pvc-share": "claim", "storage": "claim"}
# A host name, or the name of a Service with its namespace.
_HOST: Final = regex(r"(?<![\w.-])[a-z0-9-]+(?:\.[a-z0-9-]+)+(?![\w-]|\.\w)")


class _Tests(Struct, frozen=True):
    """What belongs to environments of other stages than prod: their hosts, namespaces and names."""

    hosts: frozenset[str]
    namespaces: frozenset[str]
    names: tuple[str, ...]

    @classmethod
    def of(cls, context: CheckContext) -> _Tests:
        """Return what belongs to tests only: a host or a namespace that production has too does not."""
        live = context.production_instances
        kept = {id(instance) for instance in live}
        other = [instance for instance in context.instances if id(instance) not in kept]
        stages = {name: entry.stage for name, entry in context.fleet.platform.environments.items()}
        return cls(
            frozenset(map(host, other)) - set(map(host, live)),
            frozenset(one.namespace for one in other) - {one.namespace for one in live},
            tuple(name for name, stage in stages.items() if stage != _PROD),
        )

    def host_in(self, text: str) -> str | None:
        """Return the first host or Service of a test in a text."""
        for match in _HOST.finditer(text) if "." in text else ():
            labels = match[0].split(".")
            if match[0] in self.hosts or (labels[1] in self.namespaces and labels[2:3] in ([], ["svc"])):
                return match[0]
        return None

    def name_of(self, name: str) -> str | None:
        """Return the environment with whose name an object's name starts or ends."""
        found = (one for one in self.names if name.startswith(f"{one}-") or name.endswith(f"-{one}"))
        return next(found, None)


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each value of a service in production that names something of a test."""
    tests = _Tests.of(context)
    for instance in context.production_instances if tests.names else ():
        for path, text in _texts(instance):
            found = tests.host_in(text)
            if found is not None:
                yield _finding(instance, path, f"{found}, which belongs to a test")
        for path, kind, name in _objects(instance):
            environment = tests.name_of(name)
            if environment is not None:
                yield _finding(
                    instance, path, f"the {kind} {name}, which has the name of the environment {environment}"
                )


def _texts(instance: ServiceInstance) -> Iterator[tuple[Path, str]]:
    settings = instance.settings
    yield from ((("env", name), value) for name, value in (settings.env or {}).items() if isinstance(value, str))
    yield from ((("config", name), text) for name, text in (settings.config or {}).items())
    yield from ((("command",), word) for word in settings.command or ())
    yield from ((("egress",), f"x.{one.value}") for one in settings.egress or () if one.peer == "namespace")


def _objects(instance: ServiceInstance) -> Iterator[tuple[Path, str, str]]:
    settings = instance.settings
    for name, value in (settings.env or {}).items():
        if isinstance(value, KeyReference):
            yield ("env", name), _NAMED[value.kind], value.name
    for index, volume in enumerate(settings.volumes or ()):
        if volume.kind in _NAMED:
            yield ("volumes", index), _NAMED[volume.kind], volume.source
    yield from ((("pull_secrets",), "Secret", name) for name in settings.pull_secrets or ())


def _finding(instance: ServiceInstance, path: Path, what: str) -> Finding:
    where = instance.environment.name
    hint = (
        f"write the one of {where} below `environments: {{{where}: …}}`, or keep that of the test below its environment"
    )
    message = f"{instance.service.name} uses {what}, in {where}"
    return Finding(ID, message, instance.position(*path), hint, severity=SEVERITY, environments=(where,))
