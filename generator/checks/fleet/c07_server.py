"""C07: a model server should be maintained, be reachable, and keep the ports of its management to itself.

A server that is no longer maintained has a `notice` in its `server.yaml`: a warning for each of its services. A port
that the server keeps for its management (`internal` in the same file) is an error in `ports`, which are reached through
the gateway: TorchServe loads code through its management port.

TorchServe has defaults that do not fit a pod, so that a config file of one's own has to change them: it listens on
127.0.0.1, its metrics page is empty, and it answers each request without a token with 400, a probe too. With the config
file of its image, the command or a variable has to switch the tokens off, which are new in each pod.

Passes:

    config:
      config.properties: |
        inference_address=http://0.0.0.0:8080
        metrics_address=http://0.0.0.0:8082
        metrics_mode=prometheus
        disable_token_authorization=true

Fails:

    config:
      config.properties: |
        inference_address=http://127.0.0.1:8080
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.own_launch import own_files
from generator.checks.fleet.torchserve import effective_properties, is_on, local_port, port_of
from generator.checks.simple_command import find_command
from generator.core.finding import Finding, Severity
from generator.core.regex import regex
from generator.spec.values.ports import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.context import CheckContext
    from generator.checks.simple_command import SimpleCommand
    from generator.core.finding import Position
    from generator.fleet.model import ServiceInstance

ID: Final = "C07"
SEVERITY: Final = Severity.ERROR
_CONFIG: Final = "/config/"
_VARIABLE: Final = "TS_DISABLE_TOKEN_AUTHORIZATION"
# TorchServe authorizes requests by token since this version.
_TOKENS_SINCE: Final = (0, 11, 1)
_IMAGE: Final = regex(r"torchserve[^/:]*:v?([0-9]+)\.([0-9]+)\.([0-9]+)")


def check(context: CheckContext) -> Iterator[Finding]:
    """Check the servers, the ports and the config files of all services."""
    for base in context.fleet.bases.values():
        if base.server.notice is not None:
            yield _outdated(context, base, base.server.notice)
    for instance in context.starting_instances:
        if instance.server.internal:
            yield from _ports(instance)
        yield from _torchserve(instance)


def _outdated(context: CheckContext, base: ServiceInstance, notice: str) -> Finding:
    framework = base.version.framework if base.version is not None else None
    known = context.fleet.catalog.frameworks.get((framework or "").lower(), framework)
    wanted = {known} if known is not None else set(base.server.frameworks)
    servers = context.fleet.catalog.servers.items()
    others = [name for name, (server, _) in servers if server.notice is None and wanted & set(server.frameworks)]
    hint = f"register the model for {' or '.join(others)}, as another version" if others else ""
    return Finding(ID, notice, base.service.document.position(("type",)), hint, severity=Severity.WARNING)


def _ports(instance: ServiceInstance) -> Iterator[Finding]:
    ports, internal = numbers(instance.settings.ports), instance.server.internal
    for port in ports:
        if str(port) in internal:
            message = f"found the port {port} in `ports`, which {instance.service.spec.type} keeps for its management"
            rest = [str(other) for other in ports if str(other) not in internal]
            public = [number for number in instance.server.protocols if number not in internal]
            hint = f"write ports: {','.join(rest)}" if rest else f"other ports of the server: {', '.join(public)}"
            yield Finding(ID, f"{message}: clients of the gateway reach it", instance.position("ports"), hint)


def _torchserve(instance: ServiceInstance) -> Iterator[Finding]:
    command = find_command(instance.settings.command, "torchserve")
    path = command.last("ts-config") if command is not None else None
    says_no = _VARIABLE in (instance.settings.env or {})
    if command is not None and path is None and not says_no and _wants_tokens(instance, command):
        message = f"TorchServe answers every request to {instance.service.name} with 400 that has no token of its pod"
        hint = "add --disable-token-auth to the command, or remove `command`: servegen writes it for a registered model"
        yield Finding(ID, message, instance.position("command"), hint, severity=Severity.WARNING)
    if command is None or path is None or not path.startswith(_CONFIG):
        return
    name = path.removeprefix(_CONFIG)
    text = own_files(instance).get(name)
    if text is None:
        return
    place = instance.position("config", name)
    properties = effective_properties(instance, text)
    if properties is None:
        return
    yield from _addresses(instance, properties, place)
    yield from _metrics(instance, properties, place)
    yield from _tokens(instance, command, properties, place)


def _addresses(instance: ServiceInstance, properties: Mapping[str, str], place: Position) -> Iterator[Finding]:
    settings = instance.settings
    used = {*numbers(settings.ports)} | ({settings.health.port} if settings.health is not None else set())
    metrics = {settings.metrics.port} if settings.metrics is not None else set()
    for key, ports in (("inference_address", used), ("metrics_address", metrics)):
        port = local_port(properties, key)
        if port is not None and port in ports:
            found = f"{key} is {properties[key]}" if key in properties else f"{key} is missing"
            message = f"{found}, so that TorchServe opens port {port} only for its own pod"
            yield Finding(ID, message, place, f"write {key}=http://0.0.0.0:{port}")


def _metrics(instance: ServiceInstance, properties: Mapping[str, str], place: Position) -> Iterator[Finding]:
    scrape = instance.settings.metrics
    mode = properties.get("metrics_mode", "log")
    if scrape is not None and scrape.port == port_of(properties, "metrics_address") and mode.lower() == "log":
        found = "is missing" if "metrics_mode" not in properties else "is log"
        message = f"metrics_mode {found}, so that the page that `metrics` names is empty"
        yield Finding(ID, message, place, "write metrics_mode=prometheus, or remove `metrics`")


def _wants_tokens(instance: ServiceInstance, command: SimpleCommand) -> bool:
    """Whether the version of TorchServe authorizes requests by token, and the command does not say no."""
    version = _IMAGE.search(instance.settings.image or "")
    is_new = version is not None and tuple(map(int, version.groups())) >= _TOKENS_SINCE
    return is_new and "disable-token-auth" not in command.flags


def _tokens(
    instance: ServiceInstance, command: SimpleCommand, properties: Mapping[str, str], place: Position
) -> Iterator[Finding]:
    health = instance.settings.health
    if health is None or health.path is None or not instance.rules.probes or not _wants_tokens(instance, command):
        return
    if health.port == port_of(properties, "inference_address") and not is_on(properties, "disable_token_authorization"):
        message = f"TorchServe answers the probe {health.port}:{health.path} with 400, because it has no token"
        yield Finding(ID, message, place, "write disable_token_authorization=true")
