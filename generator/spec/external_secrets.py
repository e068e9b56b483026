"""`external_secrets` of the platform, a cluster and an environment: where the Secrets of services come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from generator.spec.base import Field, Spec
from generator.spec.values.object_name import ObjectName
from generator.spec.values.patterns import Patterns
from generator.spec.values.scalars import Duration
from generator.spec.values.store_key import DEFAULT, StoreKey

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExternalSecrets(Spec):
    """The ExternalSecrets that servegen writes for the Secrets that services use.

    The keys of an environment override those of its cluster, and these override those of the platform.
    """

    store: ObjectName | None = Field(default=None, examples=["vault"])
    """The name of the store. `null` writes no ExternalSecrets, for example for one environment."""
    kind: Literal["ClusterSecretStore", "SecretStore"] = "ClusterSecretStore"
    """The kind of the store: one of the cluster, or one in each namespace."""
    key: StoreKey = DEFAULT
    """The key in the store of the entry with a Secret's values. {environment}, {project}, {namespace} and {secret} are
    replaced by their names. Without {project}, a project needs a grant of the Secrets that it names."""
    refresh: Duration = 3600
    """How often the values are read again."""
    skip: Patterns = Field(default=(), examples=[["*-tls", "registry"]])
    """The Secrets that something else writes; `*` stands for any characters."""


def merge_external_secrets(layers: Iterable[ExternalSecrets | None]) -> ExternalSecrets | None:
    """Return the keys of all layers, the last one first; None if no layer has any."""
    written = [layer for layer in layers if layer is not None]
    values = {key: getattr(layer, key) for layer in written for key in layer.written}
    return ExternalSecrets(**values, written=frozenset(values)) if written else None
