"""C08: the flags and config files of TensorFlow Serving must have the effect that they name.

The check reads a `command` of one's own, and the files of `config` that it names:

- With `--platform_config_file`, the server ignores the flags for batching, warm-up, memory and threads, which it would
  turn into a platform config itself (model_servers/server.cc).
- The last of `allowed_batch_sizes` has to be `max_batch_size`: the server refuses the file otherwise.
- A server without `--monitoring_config_file` has no metrics page, and the page has the path of that file.

Passes:

    command: tensorflow_model_server --rest_api_port=8501 --monitoring_config_file=/config/monitoring.config
    metrics: 8501:/monitoring/prometheus/metrics
    config: {monitoring.config: 'prometheus_config { enable: true }'}

Fails:

    command: tensorflow_model_server --rest_api_port=8501
    metrics: 8501:/monitoring/prometheus/metrics
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.checks.fleet.own_launch import arguments_position, own_files
from generator.checks.simple_command import find_command
from generator.core.finding import Finding, Severity
from generator.core.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.checks.simple_command import SimpleCommand
    from generator.fleet.model import ServiceInstance

ID: Final = "C08"
SEVERITY: Final = Severity.ERROR
_PROGRAMS: Final = ("tensorflow_model_server", "tf_serving_entrypoint.sh")
_CONFIG: Final = "/config/"
_IGNORED: Final = (
    "enable_batching",
    "batching_parameters_file",
    "enable_model_warmup",
    "num_request_iterations_for_warmup",
    "per_process_gpu_memory_fraction",
    "tensorflow_session_parallelism",
    "tensorflow_intra_op_parallelism",
    "tensorflow_inter_op_parallelism",
)
_MOST: Final = regex(r"\bmax_batch_size\s*:?\s*\{\s*value\s*:\s*([0-9]+)\s*\}")
_ALLOWED: Final = regex(r"\ballowed_batch_sizes\s*:\s*(\[[^\]]*\]|[0-9]+)")
_MONITORING: Final = regex(r"\bprometheus_config\s*:?\s*\{([^}]*)\}")
_PAGE: Final = regex(r"\bpath\s*:\s*[\"']([^\"']+)")
_DEFAULT_PAGE: Final = "/monitoring/prometheus/metrics"
_REST: Final = 8501


def check(context: CheckContext) -> Iterator[Finding]:
    """Check each service whose command starts TensorFlow Serving."""
    for instance in context.starting_instances:
        command = find_command(instance.settings.command, *_PROGRAMS)
        if command is not None:
            yield from _flags(instance, command)
            yield from _batches(instance, command)
            yield from _page(instance, command)


def _flags(instance: ServiceInstance, command: SimpleCommand) -> Iterator[Finding]:
    if not command.last("platform_config_file"):
        return
    useless = [flag for flag in _IGNORED if command.last(flag) not in (None, "false", "0")]
    if useless:
        flags = ", ".join(f"--{flag}" for flag in useless)
        message = f"TensorFlow Serving ignores {flags} beside --platform_config_file"
        hint = f"remove {flags}, or --platform_config_file"
        yield Finding(ID, message, arguments_position(instance), hint)


def _batches(instance: ServiceInstance, command: SimpleCommand) -> Iterator[Finding]:
    name = _file(command, "batching_parameters_file")
    text = own_files(instance).get(name)
    if text is None or "enable_large_batch_splitting" in text:
        return
    most, allowed = _MOST.search(text), re.findall(r"[0-9]+", " ".join(_ALLOWED.findall(text)))
    if most is not None and allowed and allowed[-1] != most[1]:
        message = f"found {allowed[-1]} as the last of allowed_batch_sizes, expected max_batch_size, which is {most[1]}"
        hint = f"add allowed_batch_sizes: {most[1]} at the end"
        if int(allowed[-1]) > int(most[1]):
            hint = f"write max_batch_size {{ value: {allowed[-1]} }}"
        yield Finding(ID, message, instance.position("config", name), hint)


def _page(instance: ServiceInstance, command: SimpleCommand) -> Iterator[Finding]:
    scrape = instance.settings.metrics
    if scrape is None or not command.is_complete or str(scrape.port) != (command.last("rest_api_port") or str(_REST)):
        return
    file = command.last("monitoring_config_file")
    if not file:
        message = f"found {scrape.path} in `metrics`, which TensorFlow Serving has only with --monitoring_config_file"
        hint = "add the flag with a file of `config`: prometheus_config { enable: true }; or remove `metrics`"
        yield Finding(ID, message, instance.position("metrics"), hint)
        return
    found = _MONITORING.search(own_files(instance).get(_file(command, "monitoring_config_file"), ""))
    if found is not None:
        path = _PAGE.search(found[1])
        page = path[1] if path is not None else _DEFAULT_PAGE
        if page != scrape.path:
            message = f"found the path {scrape.path} in `metrics`, expected {page}, the path of {file}"
            yield Finding(ID, message, instance.position("metrics"), f"write metrics: {scrape.port}:{page}")


def _file(command: SimpleCommand, flag: str) -> str:
    """Return the name of the file of `config` that a flag names; empty if it names none."""
    path = command.last(flag) or ""
    return path.removeprefix(_CONFIG) if path.startswith(_CONFIG) else ""
