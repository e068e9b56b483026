"""`grants` of the platform file: what a project may use that its own files name."""

from typing import Annotated, Final, Literal

from generator.spec.base import Field, Spec, stanzas
from generator.spec.namespaces import Quota
from generator.spec.values.cluster import GrantedDomains
from generator.spec.values.egress_grant import EgressGrants
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import Before, JsonSchema, Parser
from generator.spec.values.patterns import Fields, LabelPatterns, Patterns
from generator.spec.values.scalars import Bool
from generator.spec.values.text import scalar

EVERY_PROJECT: Final = "*"


class Grant(Spec):
    """What a project may use. A key that is missing has the value of `*`, and without that the default.

    In all names `*` stands for any characters, and {project} and {environment} for their names. What the platform file
    itself sets, for example in `defaults`, needs no grant.
    """

    namespaces: Patterns | None = Field(default=None, examples=["{project}-models"])
    """The namespaces that the project file may name. Default: none. The one that `namespace` of the environment gives
    is always granted."""
    domains: GrantedDomains | None = Field(default=None, examples=["vision.example.com"])
    """The domains that hosts may have, or be below; `*` for all, and {project} between dots. The longest domain that
    any project is granted decides. Default: none. The default host of each service is always granted."""
    priorities: Patterns | None = Field(default=None, examples=[["serving-high"]])
    """The PriorityClasses. Default: those of the cluster's `priorities`."""
    service_accounts: Patterns | None = Field(default=None, examples=[["model-reader"]])
    """The ServiceAccounts of pods. Default: none. Each service has one of its own."""
    node_selectors: LabelPatterns | None = Field(default=None, examples=[["pool={project}"]])
    """The labels of nodes that pods may require, with their values. Default: none. Those of zones, regions,
    processors and machine types are always granted."""
    tolerations: Patterns | None = Field(default=None, examples=[["dedicated={project}:NoSchedule"]])
    """The taints that pods may tolerate, as `kubectl taint` writes them. Default: none."""
    quota: Quota | None = Field(default=None, examples=[{"gpu": "8"}])
    """The highest quota that the project file may set for a namespace. Default: the environment's quota."""
    secrets: Patterns | None = Field(default=None, examples=[["{project}-*"]])
    """The Secrets that pods may use. Default: all of a namespace that only the project uses, else `{project}-*`."""
    config_maps: Patterns | None = Field(default=None, examples=[["{project}-*"]])
    """The ConfigMaps that pods may use. Default: as for `secrets`. A service's own are always granted."""
    claims: Patterns | None = Field(default=None, examples=[["models"]])
    """The PersistentVolumeClaims that pods may mount. Default: as for `secrets`."""
    patches: Fields | None = Field(default=None, examples=[["Deployment.spec.template.spec.hostAliases"]])
    """The fields that patches may change, in addition to those that are always granted (docs/grants.md): the kind of
    the object and the names of fields, or `*` for all. Everything below a field is included. Default: none."""
    labels: Patterns | None = Field(default=None, examples=[["example.com/*"]])
    """The labels with a prefix that services may have. Default: none. Names without one need no grant."""
    annotations: Patterns | None = Field(default=None, examples=[["example.com/*"]])
    """The annotations with a prefix that services may have. Default: none. Names without one need no grant."""
    host_paths: Patterns | None = Field(default=None, examples=[["/data/models"]])
    """The folders of the node that pods may mount, and everything below them. Default: none."""
    privileged: Bool | None = Field(default=None, examples=["true"])
    """Whether pods may have rights that the Pod Security Standard baseline forbids, besides folders of the node.
    Default: `false`."""
    external_addresses: Bool | None = Field(default=None, examples=["false"])
    """Whether services may have an `id`, and so an address and a port outside the gateway. Default: `true`."""
    network: Literal["limited", "open"] | None = Field(default=None, examples=["open"])
    """Whether services may have an open network: no NetworkPolicy, and so every address. Default: `limited`."""
    egress: EgressGrants | None = Field(default=None, examples=[["10.0.0.0/8:5432", "*:443"]])
    """The addresses outside the cluster that `egress` of services may name, with `*` for all addresses or all ports. A
    network includes those in it. Default: none. Services of the cluster need no grant."""


def _project(value: object) -> str:
    found = scalar(value, "the name of a project, or * for all")
    if not found:
        raise InvalidValueError(value, "the name of a project, or * for all")
    return found


ProjectName = Annotated[str, Parser(_project), JsonSchema({"type": "string"})]
Grants = Annotated[dict[ProjectName, Grant], Before(stanzas)]
