"""`fetch` and `sources` of the platform file: the programs that fetch models, and the credentials that they use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.spec.base import Field, Spec
from generator.spec.values.env import EnvField
from generator.spec.values.image import ImageField
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.object_name import ObjectName
from generator.spec.values.source_prefix import starts

if TYPE_CHECKING:
    from collections.abc import Mapping


class FetchFacts(Spec):
    """The images of the init containers that fetch a model from an address and compare its files with their digests."""

    image: ImageField = "kserve/storage-initializer:v0.21.0"
    """KServe's storage initializer, which fetches the model. `images` of the platform file applies to it."""
    checker: ImageField = "busybox:1.37"
    """An image with the program `sha256sum`, which compares the files with `files` of the version."""


class SourceCredentials(Spec):
    """How the storage initializer gets access to the addresses with one prefix. At least one key is needed."""

    secret: ObjectName | None = Field(default=None, examples=["models-s3"])
    """A Secret in each namespace of services: its keys become environment variables of the storage initializer, such as
    AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or HF_TOKEN."""
    service_account: ObjectName | None = Field(default=None, examples=["model-reader"])
    """The service account of the pods, if the cluster gives it access (IRSA, Workload Identity)."""
    env: EnvField | None = Field(default=None, examples=[{"AWS_ENDPOINT_URL": "https://s3.example.com"}])
    """Environment variables of the storage initializer: text, or references to keys of Secrets and ConfigMaps."""

    def check_keys(self) -> None:
        """Raise InvalidValueError if nothing, or an empty variable, is given."""
        if self.secret is None and self.service_account is None and not self.env:
            raise InvalidValueError({}, "secret, service_account or env", hint="for example {secret: models-s3}")
        for name, value in (self.env or {}).items():
            if value is None:
                raise InvalidValueError(value, "a string, or a reference", hint="remove it", at=("env", name))


def credentials(address: str, sources: Mapping[str, SourceCredentials]) -> SourceCredentials | None:
    """Return the credentials for an address such as `s3://models/detector/1/`, or None if it needs none.

    The longest prefix in `sources` wins. `address` is the text of a source, as `model_source.format_source` returns it.
    """
    fitting = [prefix for prefix in sources if starts(address, prefix)]
    return sources[max(fitting, key=len)] if fitting else None
