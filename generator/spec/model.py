"""`services/<project>/models/<model>.yaml`: a model's entry in the registry."""

from __future__ import annotations

from pydantic import Field

from generator.spec.base import Spec
from generator.spec.settings import Settings
from generator.spec.values.scalars import Int, Text, TextOrMap


class Origin(Spec):
    """Where a version comes from."""

    pipeline: Text | None = None
    """The training pipeline."""
    run: Text | None = None
    """Its run."""
    time: Text | None = None
    """When the run was."""
    commit: Text | None = None
    """The source commit of the training code."""


class Version(Spec):
    """One version of a model. Once a service that uses it is released, it should not change."""

    path: TextOrMap
    """Where the model lies: a path or address, or a mapping of sub-model names to theirs."""
    framework: Text | None = Field(default=None, examples=["onnx"])
    """What it was trained with."""
    api: Text | None = Field(default=None, examples=["triton-server"])
    """The model server that it is meant for."""
    metrics: TextOrMap | None = None
    """How good it is: a mapping, or a text."""
    description: Text | None = None
    """One line for people."""
    digest: Text | None = None
    """A checksum of the model, with its algorithm: `md5:…`, `sha256:…`."""
    size: Int | None = None
    """Bytes."""
    download: Text | None = None
    """Where people can download it."""
    origin: Origin | None = None
    """Where it comes from."""
    defaults: Settings | None = None
    """Settings of every service of this version."""


class Model(Spec):
    """One model: its versions, each with a path, a framework and metrics. The file's name is the model's name."""

    description: Text | None = None
    """One line for people."""
    versions: dict[str, Version] = Field(min_length=1)
    """The versions by name."""
