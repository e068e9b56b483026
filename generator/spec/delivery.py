"""`delivery` of the platform and of a cluster: which tool syncs `rendered/`, and from where."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from generator.spec.base import Spec
from generator.spec.values.apiserver import ApiServer
from generator.spec.values.cluster import Name
from generator.spec.values.gitsource import Folder, Repository, Revision
from generator.spec.values.scalars import Text

Tool = Literal["argocd", "flux", "none"]


class Delivery(Spec):
    """How a cluster gets what is rendered. A cluster's own keys win over the platform's."""

    tool: Tool = "none"
    """Which tool's objects are rendered."""
    repository: Repository | None = Field(default=None, examples=["https://git.example.com/team/models.git"])
    """The address of this repository, as the tool reaches it."""
    revision: Revision = "refs/heads/main"
    """The branch that is synced, fully qualified. With {environment} in it, each environment has its own, and what is
    of none comes from HEAD; for Flux from refs/heads/main."""
    folder: Folder = ""
    """The folder in the repository in which `services/` and `rendered/` are; nothing for its top."""
    namespace: Name | None = None
    """Where the tool's objects are. Default: argocd, or flux-system."""
    destination: ApiServer | None = Field(default=None, examples=["shanghai", "https://10.0.0.1:6443"])
    """The cluster as its Argo CD knows it: a name, or the address of its API server. Default: the one Argo CD is in."""
    secret: Text | None = None
    """The Secret with which Flux reaches the repository."""
    kubeconfig: Text | None = None
    """The Secret with which a Flux on another cluster reaches this one."""
