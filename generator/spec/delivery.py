"""`delivery` of the platform and of a cluster: which tool syncs `rendered/`, and from where."""

from typing import Literal

from generator.spec.base import Field, Spec
from generator.spec.values.api_server import ApiServer
from generator.spec.values.cluster import Name
from generator.spec.values.git_source import Folder, Repository, Revision
from generator.spec.values.scalars import Text

Tool = Literal["argocd", "flux", "none"]


class Delivery(Spec):
    """How the rendered manifests reach a cluster. The keys of a cluster override those of the platform."""

    tool: Tool = "none"
    """The delivery tool whose objects are rendered: `argocd`, `flux`, or `none` for no delivery objects."""
    repository: Repository | None = Field(default=None, examples=["https://git.example.com/team/models.git"])
    """The Git address of this repository, as the delivery tool reaches it."""
    revision: Revision = "refs/heads/main"
    """The branch that is synced, as a full ref such as refs/heads/main. With {environment} in it, each environment has
    its own branch, and what belongs to no environment is synced from HEAD by Argo CD and from refs/heads/main by
    Flux."""
    folder: Folder = ""
    """The folder of the Git repository that contains `services/` and `rendered/`; empty for the top folder."""
    namespace: Name | None = None
    """The namespace of the delivery tool's objects. Default: argocd, or flux-system for Flux."""
    destination: ApiServer | None = Field(default=None, examples=["shanghai", "https://10.0.0.1:6443"])
    """The cluster as its Argo CD knows it: a name, or the address of its API server. Default: the cluster in which Argo
    CD runs."""
    secret: Text | None = None
    """The name of the Secret with which Flux reads the Git repository."""
    kubeconfig: Text | None = None
    """The name of the Secret with the kubeconfig by which a Flux that runs on another cluster reaches this one."""
