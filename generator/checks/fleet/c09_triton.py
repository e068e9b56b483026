"""C09: the flags and config files of Triton must start the models that the service has.

The check reads a `command` of one's own, and config files of the service:

- `--model-control-mode=explicit` without `--load-model` starts a server without models, which says that it is ready.
- Triton refuses `--load-model` in the other modes. `--strict-model-config` is deprecated, which is a warning.
- `name` in a model's config.pbtxt must be the name of the folder in which the file is.
- Triton has no TensorFlow backend since 25.03.
- With a generated command, the file of a sub-model is `<sub-model>.pbtxt`: nothing reads config.pbtxt, which is a
  warning.

Passes:

    command: tritonserver --model-repository=/mnt/models --model-control-mode=explicit --load-model=detector

Fails:

    command: tritonserver --model-repository=/mnt/models --model-control-mode=explicit
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.own_launch import arguments_position, own_files
from generator.checks.fleet.text_proto import read_fields
from generator.checks.fleet.triton_image import triton_release
from generator.checks.simple_command import find_command, split_commands
from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.checks.simple_command import SimpleCommand
    from generator.fleet.model import ServiceInstance

ID: Final = "C09"
SEVERITY: Final = Severity.ERROR
_PROGRAM: Final = "tritonserver"
_FILE: Final = "config.pbtxt"
_SUFFIX: Final = ".pbtxt"
# Programs that may change a config file after it was copied.
_EDITORS: Final = frozenset({"awk", "envsubst", "mv", "perl", "python", "python3", "sed"})
_EXPLICIT: Final = "explicit"
_WITHOUT_TENSORFLOW: Final = "25.03"


def check(context: CheckContext) -> Iterator[Finding]:
    """Check each service whose command starts Triton."""
    for instance in context.starting_instances:
        command = find_command(instance.settings.command, _PROGRAM)
        if command is not None:
            if instance.launch is None or (instance.settings.options or {}).get("extra_arguments"):
                yield from _flags(instance, command)
            for name, text in own_files(instance).items():
                if name.endswith(_SUFFIX):
                    yield from _file(instance, command, name, read_fields(text))


def _flags(instance: ServiceInstance, command: SimpleCommand) -> Iterator[Finding]:
    place = arguments_position(instance)
    explicit = command.last("model-control-mode") == _EXPLICIT
    if explicit and "load-model" not in command.flags and command.is_complete:
        message = "found --model-control-mode=explicit without --load-model: Triton starts and is ready without a model"
        yield Finding(ID, message, place, f"add --load-model={instance.service.spec.model}")
    if not explicit and "load-model" in command.flags and command.is_complete:
        message = "found --load-model, which Triton refuses without --model-control-mode=explicit"
        yield Finding(ID, message, place, "add --model-control-mode=explicit")
    if "strict-model-config" in command.flags:
        strict = command.last("strict-model-config") != "false"
        hint = "write --disable-auto-complete-config" if strict else "remove it: false is the default"
        message = "found --strict-model-config, which is deprecated"
        yield Finding(ID, message, place, hint, severity=Severity.WARNING)


def _file(instance: ServiceInstance, command: SimpleCommand, name: str, fields: dict[str, str]) -> Iterator[Finding]:
    place = instance.position("config", name)
    folder = _folder(instance, command, name)
    if folder and fields.get("name", folder) != folder:
        message = f'found the name "{fields["name"]}" in {name}, expected "{folder}", the folder of the model'
        yield Finding(ID, message, place, f'write name: "{folder}", or remove the line')
    kind = fields.get("platform") or fields.get("backend") or ""
    release = triton_release(instance)
    if kind.startswith("tensorflow") and release is not None and release >= _WITHOUT_TENSORFLOW:
        message = f"found {kind} in {name}, but Triton {release} has no TensorFlow backend"
        yield Finding(ID, message, place, "register the model for tfserving, or export it to ONNX")
    generated = [file for file in instance.launch.config if file.endswith(_SUFFIX)] if instance.launch else []
    if name == _FILE and generated and name not in generated:
        message = f"found {name} in `config`, which nothing reads: Triton reads {' and '.join(generated)}"
        yield Finding(ID, message, place, f"rename it to {generated[0]}", severity=Severity.WARNING)


def _folder(instance: ServiceInstance, command: SimpleCommand, name: str) -> str:
    """Return the name of the model's folder that a config file gets into; empty if it is not known."""
    if instance.launch is not None:
        file = instance.launch.config.get(name)
        return file.mount.split("/")[-2] if file is not None and file.mount is not None else ""
    repository = (command.last("model-repository") or command.last("model-store") or "").rstrip("/")
    commands = split_commands(instance.settings.command or ())
    if any(one.program in _EDITORS for one in commands):
        return ""
    for copy in commands:
        *sources, target = copy.arguments or ("",)
        if copy.program == "cp" and _is_copied(name, sources):
            parent, _, folder = target.removesuffix(f"/{_FILE}").rstrip("/").rpartition("/")
            return folder if repository and parent == repository and "$" not in target else ""
    return ""


def _is_copied(name: str, sources: list[str]) -> bool:
    """Whether a file of `config` becomes a config.pbtxt by a copy with its own name."""
    return name == _FILE and any(source in ("/config/*", f"/config/{_FILE}") for source in sources)
