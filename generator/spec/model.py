"""`services/<project>/models/<model>.yaml`: a model's entry in the model registry."""

from typing import Annotated, Final

from generator.spec.base import Field, Spec
from generator.spec.settings import Settings
from generator.spec.values.byte_size import ByteSize
from generator.spec.values.container_release import ContainerRelease
from generator.spec.values.digest import Digest
from generator.spec.values.evaluation import EvaluationField
from generator.spec.values.file_digests import FileDigests
from generator.spec.values.model_path import ModelPathField
from generator.spec.values.moment import Moment
from generator.spec.values.parser import After
from generator.spec.values.scalars import Bool, NamedTexts, Text
from generator.spec.values.tensor import DataType, Shape, check_names


class Origin(Spec):
    """The training run that produced a version."""

    pipeline: Text | None = Field(default=None, examples=["train-detector"])
    """The name of the training pipeline."""
    run: Text | None = Field(default=None, examples=["2026-11-20-3"])
    """The id of the pipeline run, by which `servegen register` recognises that a version is registered again."""
    time: Moment | None = Field(default=None, examples=["2026-11-20T18:00:00Z"])
    """When the run took place."""
    commit: Text | None = None
    """The source commit of the training code."""
    parameters: NamedTexts | None = None
    """The parameters of the run, for example learning rate, epochs and data set."""


class Tensor(Spec):
    """One input or output of a model."""

    name: Text = Field(examples=["images"])
    """The name of the tensor in the model."""
    type: DataType = Field(examples=["FP32"])
    """The data type of its elements, as Triton names it."""
    shape: Shape = Field(examples=[[-1, 3, 224, 224]])
    """The size of each dimension, with the batch if the model has one; -1 for a size that a request decides."""


class EngineBuild(Spec):
    """What a TensorRT engine, a plan file, was built for. It runs there only, unless it was built to run on more."""

    card: Text | None = Field(default=None, examples=["A10"])
    """The card on which it was built: a name of the catalog."""
    release: ContainerRelease | None = Field(default=None, examples=["26.07"])
    """The release of NVIDIA's container in which it was built; an image of Triton with the same TensorRT runs it."""
    any_ampere: Bool = False
    """Whether it was built with hardware compatibility (AMPERE_PLUS), for cards with compute capability 8.0 or more."""
    version_compatible: Bool = False
    """Whether it was built so that later releases run it."""


Tensors = Annotated[tuple[Tensor, ...], After(check_names)]


class Version(Spec):
    """One version of a model. After a service that uses it has been deployed, only its descriptive keys may change."""

    path: ModelPathField = Field(examples=["/mnt/models/detector/2026.11.1/model.onnx"])
    """Where the model is stored: a path or address, or a mapping of sub-model names to paths or addresses.

    `/mnt/m/model.onnx`, `pvc://claim/m`, `https://host/m.tar.gz#model.onnx`, `s3://bucket/m/`, `gs://bucket/m/`,
    `hf://org/name@commit#onnx`, `oci://registry/repository@sha256:…#models`, `image:/path`. A last part with an
    extension is a file, unless a slash follows; a path after `#` is inside the archive, repository or image."""
    framework: Text | None = Field(default=None, examples=["onnx"])
    """The framework that the model was trained with or exported to, which its model server must be able to load."""
    api: Text | None = Field(default=None, examples=["triton-server"])
    """The model server that the version is made for: the name of a folder of templates/servers/."""
    metrics: EvaluationField | None = None
    """Evaluation results of the version: a mapping of names to values, a list of such mappings, or a string."""
    description: Text | None = None
    """A one-line description for readers."""
    digest: Digest | None = Field(default=None, examples=["md5:d41d8cd98f00b204e9800998ecf8427e"])
    """A checksum of the model, with its algorithm: `md5:…`, `sha256:…`."""
    files: FileDigests | None = Field(default=None, examples=[{"model.onnx": f"sha256:{'0' * 64}"}])
    """The SHA-256 digests of the files, by their paths in the folder of the model; for sub-models, the sub-model's name
    comes first: `encoder/model.onnx`. Of an archive, the files after unpacking."""
    size: ByteSize | None = Field(default=None, examples=["98M"])
    """The size of the model: bytes, or a number with its unit."""
    engine: EngineBuild | None = Field(default=None, examples=[{"card": "A10", "release": "26.07"}])
    """What a TensorRT engine was built for, if the framework is tensorrt."""
    inputs: Tensors | None = None
    """The inputs of the model: name, data type and shape of each."""
    outputs: Tensors | None = None
    """The outputs of the model."""
    download: Text | None = None
    """Where users can download the model."""
    tags: NamedTexts | None = None
    """Tags of users and of other systems, name to value. servegen does not interpret them."""
    origin: Origin | None = None
    """The training run that produced the version."""
    defaults: Settings | None = None
    """Default settings of every service of this version."""


# The keys that identify a version; the other keys describe it.
IDENTITY: Final = (
    "path",
    "framework",
    "api",
    "digest",
    "files",
    "size",
    "inputs",
    "outputs",
    "origin",
    "defaults",
)


class Model(Spec):
    """One model: its versions, each with a path, a framework and metrics. The file's name is the model's name."""

    description: Text | None = None
    """A one-line description for readers."""
    versions: dict[str, Version] = Field(min_length=1)
    """The versions of the model by name."""
