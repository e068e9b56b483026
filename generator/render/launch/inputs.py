"""The values that launch templates use: the models, their options, and the resources of the service."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.options import parse_all
from generator.spec.values.gpu import Gpu
from generator.spec.values.model_path import sources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.fleet.model import ServiceInstance
    from generator.spec.model import Tensor, Version
    from generator.spec.server import ModelRules
    from generator.spec.values.model_source import Source

# A folder of a version, as Triton and TensorFlow Serving read it: more digits do not fit in 64 bits.
_NUMBER: Final = regex(r"[1-9][0-9]{0,17}\Z")


class ServedModel(Struct, frozen=True):
    """One model that a server loads.

    `key` is the name of the sub-model in the registry, empty for a single path. `number` is the version as a number,
    None if it is none. `file` is the file name that the server looks for, empty if the source is a folder.
    """

    key: str
    name: str
    version: str
    number: int | None
    framework: str | None
    source: Source
    file: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


def served_models(instance: ServiceInstance, version: Version, frameworks: Mapping[str, str]) -> list[ServedModel]:
    """Return the models of a service. `frameworks` maps each known name, in lower case, to the name in server files."""
    rules = instance.server.models
    written = version.framework
    framework = None if written is None else frameworks.get(written.lower(), written)
    text = instance.service.spec.version
    return [
        ServedModel(
            key=key,
            name=key or instance.service.spec.model,
            version=text,
            number=version_number(text),
            framework=framework,
            source=source,
            file=_file(rules, framework, source),
            inputs=version.inputs or (),
            outputs=version.outputs or (),
        )
        for key, source in sources(version.path).items()
    ]


def version_number(version: str) -> int | None:
    """Return a version such as `3`, `v3` or `v2026.08.01` as a number: 3, 3, 20260801; None if it has none.

    The number is made of all digits, so that it is unique only among versions of one form.
    """
    digits = re.sub(r"[.\-_]", "", version.removeprefix("v").removeprefix("V"))
    return int(digits) if _NUMBER.match(digits) else None


def _file(rules: ModelRules | None, framework: str | None, source: Source) -> str:
    if source.file is None:
        return ""
    return (rules.files if rules is not None else {}).get(framework or "", source.file)


def values(instance: ServiceInstance, models: list[ServedModel], memory_fraction: float | None) -> dict[str, Any]:
    """Return the values by the name that holds them. Raises InvalidValueError for an invalid option.

    `memory_fraction` is the part of a card's memory that the server may take, if nothing else limits its share.
    """
    resources = instance.settings.resources
    gpu = resources.gpu if resources is not None else None
    return {
        "models": [_model(model) for model in models],
        "options": parse_all(instance.server.options, known_options(instance)),
        "gpu": {**_gpu(gpu or Gpu()), "memory_fraction": memory_fraction},
        "nodes": instance.settings.group_size,
        "service": {"name": instance.service.name, "model": instance.service.spec.model},
        "timeout_seconds": instance.settings.timeout,
        "own_config": sorted(instance.settings.config or ()),
    }


def _gpu(gpu: Gpu) -> dict[str, Any]:
    """Return the request for cards. `cards` is how many of them the server sees; a share is one."""
    part = gpu.percent or gpu.shared or gpu.memory_mib
    return {"count": gpu.count, "percent": gpu.percent, "cards": gpu.count or (1 if part else 0)}


def known_options(instance: ServiceInstance) -> dict[str, Any]:
    """Return the options that the server has; shared layers may contain those of other servers."""
    written = instance.settings.options or {}
    return {name: value for name, value in written.items() if name in instance.server.options}


def _model(model: ServedModel) -> dict[str, Any]:
    return {
        "key": model.key,
        "name": model.name,
        "version": model.version,
        "number": model.number,
        "framework": model.framework,
        "file": model.file,
        "path": model.source.address if model.source.kind == "image" else None,
        "inputs": [_tensor(tensor) for tensor in model.inputs],
        "outputs": [_tensor(tensor) for tensor in model.outputs],
    }


def _tensor(tensor: Tensor) -> dict[str, Any]:
    """Return a tensor; `item` is its shape without the batch."""
    return {"name": tensor.name, "type": tensor.type, "shape": list(tensor.shape), "item": list(tensor.shape[1:])}
