"""`services/<project>/models/<model>.yaml`: a model's entry in the registry."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from generator.spec.base import Spec
from generator.spec.settings import Settings
from generator.spec.values.bytesize import ByteSize
from generator.spec.values.digest import Digest
from generator.spec.values.evaluation import EvaluationField
from generator.spec.values.modelpath import ModelPathField
from generator.spec.values.moment import Moment
from generator.spec.values.scalars import NamedTexts, Text


class Origin(Spec):
    """Where a version comes from."""

    pipeline: Text | None = Field(default=None, examples=["train-detector"])
    """The training pipeline."""
    run: Text | None = Field(default=None, examples=["2026-11-20-3"])
    """Its run. `servegen register` knows by it that a version is registered again, not twice."""
    time: Moment | None = Field(default=None, examples=["2026-11-20T18:00:00Z"])
    """When the run was."""
    commit: Text | None = None
    """The source commit of the training code."""
    parameters: NamedTexts | None = None
    """What the run was told: learning rate, epochs, data set."""


class Version(Spec):
    """One version of a model. Once a service that uses it is deployed, only what describes it may change."""

    path: ModelPathField = Field(examples=["/mnt/models/detector/2026.11.1/model.onnx"])
    """Where the model lies: a path or address, or a mapping of sub-model names to theirs."""
    framework: Text | None = Field(default=None, examples=["onnx"])
    """What it was trained with, or exported to: what its server must be able to load."""
    api: Text | None = Field(default=None, examples=["triton-server"])
    """The model server that it is meant for: a folder of templates/servers/."""
    metrics: EvaluationField | None = None
    """How good it is: a mapping, a list of mappings, or a text."""
    description: Text | None = None
    """One line for people."""
    digest: Digest | None = Field(default=None, examples=["md5:d41d8cd98f00b204e9800998ecf8427e"])
    """A checksum of the model, with its algorithm: `md5:…`, `sha256:…`."""
    size: ByteSize | None = Field(default=None, examples=["98M"])
    """How large it is: bytes, or a number with its unit."""
    download: Text | None = None
    """Where people can download it."""
    tags: NamedTexts | None = None
    """Words of people and other systems; servegen does not read them."""
    origin: Origin | None = None
    """Where it comes from."""
    defaults: Settings | None = None
    """Settings of every service of this version."""


# What a version is, and not what is said about it.
IDENTITY: Final = ("path", "framework", "api", "digest", "size", "origin", "defaults")


class Model(Spec):
    """One model: its versions, each with a path, a framework and metrics. The file's name is the model's name."""

    description: Text | None = None
    """One line for people."""
    versions: dict[str, Version] = Field(min_length=1)
    """The versions by name."""
