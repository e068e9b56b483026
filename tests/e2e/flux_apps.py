"""Flux as people meet it: the bootstrap of a repository, a webhook's call, and what its Kustomizations say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tests.e2e.waiting import until

if TYPE_CHECKING:
    from tests.e2e.kube import Kube, Tree
    from tests.e2e.repository import Repository
    from tests.e2e.rig import Rig

KIND: Final = ("kustomize.toolkit.fluxcd.io/v1", "kustomizations")
SOURCE: Final = ("source.toolkit.fluxcd.io/v1", "gitrepositories")
NAMESPACE: Final = "flux-system"
_AGAIN_SECONDS: Final = 30
_REQUESTED: Final = "reconcile.fluxcd.io/requestedAt"
# What an app's namespace has of a service.
_OBJECTS: Final = (
    ("apps/v1", "deployments"),
    ("v1", "services"),
    ("v1", "serviceaccounts"),
    ("v1", "configmaps"),
    ("autoscaling/v2", "horizontalpodautoscalers"),
    ("policy/v1", "poddisruptionbudgets"),
    ("networking.istio.io/v1", "virtualservices"),
)


@dataclass(frozen=True, slots=True)
class Flux:
    """A repository that Flux syncs, and its Kustomizations: the root, the platform, the parents, three for each app."""

    rig: Rig
    kube: Kube
    repository: Repository

    @property
    def source(self) -> str:
        """The name of its GitRepository, and of its root."""
        return f"servegen-cluster-{self.repository.name}"

    def bootstrap(self) -> None:
        """Apply what a person applies once, as README.md says it."""
        file = self.repository.root / "rendered/flux/_clusters" / self.repository.name / "servegen.yaml"
        self.rig.run("apply", "-f", str(file))

    def kustomizations(self) -> list[Tree]:
        """All of this repository."""
        found = self.kube.list(*KIND, NAMESPACE)
        return [one for one in found if one["spec"]["sourceRef"]["name"] == self.source]

    def of(self, app: str, part: str) -> Tree | None:
        """The one of an app, such as `vision/resnet50`, that ends in `workloads`, `routes` or `gc`."""
        folder = f"./rendered/{app}/overlays/{self.repository.environment()}/"
        return next(
            (
                one
                for one in self.kustomizations()
                if one["spec"]["path"].startswith(folder) and one["metadata"]["name"].endswith(f"-{part}")
            ),
            None,
        )

    def call(self) -> None:
        """Have Flux look at Git now, as a webhook does."""
        self.kube.patch(*SOURCE, NAMESPACE, self.source, _requested())

    def reconciled(self, *only: str) -> None:
        """Have Flux apply everything again, as `flux reconcile` does, and wait until it has.

        `only`: those whose names end so, such as "-workloads".
        """
        begun = _now()

        def late() -> list[Tree]:
            """Those that have not said that they did so since. Asked again after a while, as a person does."""
            chosen = [one for one in self.kustomizations() if one["metadata"]["name"].endswith(only or "")]
            found = [one for one in chosen if one["status"].get("lastHandledReconcileAt", "") < begun]
            for one in found:
                last = one["metadata"].get("annotations", {}).get(_REQUESTED, "")
                if last < max(begun, _now(-_AGAIN_SECONDS)):
                    self.kube.patch(*KIND, NAMESPACE, one["metadata"]["name"], _requested())
            return found

        until("all are applied again", lambda: not late(), told=self.told)

    def arrived(self, revision: str) -> None:
        """Wait until all are ready at a commit."""
        self.call()
        until(f"all are ready at {revision}", lambda: self._all_at(revision), told=self.told)

    def _all_at(self, revision: str) -> bool:
        found = self.kustomizations()
        return bool(found) and all(is_at(one, revision) for one in found)

    def told(self) -> str:
        """What all of them say, and the source."""
        source = self.kube.get(*SOURCE, NAMESPACE, self.source) or {}
        return "\n".join(_told(one) for one in (*self.kustomizations(), source))


@dataclass(frozen=True, slots=True)
class Stage:
    """A fleet that Flux delivers, and the namespace of its one project."""

    flux: Flux
    project: str = "vision"

    @property
    def repository(self) -> Repository:
        """Where people edit."""
        return self.flux.repository

    @property
    def namespace(self) -> str:
        """Where its pods are."""
        return self.repository.namespace(self.project)

    def write(self, app: str, **specs: str) -> None:
        """Write specs of an app; `detector_1` stands for detector-1."""
        files = {name.replace("_", "-"): text for name, text in specs.items()}
        self.repository.write({f"services/{self.project}/{app}/{name}.yaml": text for name, text in files.items()})

    def push(self, *commands: str) -> str:
        """Run commands such as "deploy detector-2" in the environment, and push what comes of it; the commit."""
        for line in commands:
            command, subject, *options = line.split()
            self.repository.servegen(command, subject, self.repository.environment(), *options)
        return self.repository.push()

    def begin(self, *commands: str) -> str:
        """What runs before a test looks; the commit."""
        revision = self.push(*commands)
        self.flux.bootstrap()
        self.flux.arrived(revision)
        return revision

    def workload(self, name: str) -> Tree | None:
        """A Deployment."""
        return self.flux.kube.get("apps/v1", "deployments", self.namespace, name)

    def replicas(self, name: str) -> int:
        """How many pods a Deployment asks for; 0 when it is not there."""
        found = self.workload(name)
        return int(found["spec"]["replicas"]) if found else 0

    def objects(self, name: str = "") -> list[str]:
        """What is there of a service, or of all, as plural/name."""
        found = [
            (plural, tree["metadata"])
            for version, plural in _OBJECTS
            for tree in self.flux.kube.list(version, plural, self.namespace)
        ]
        return [f"{plural}/{about['name']}" for plural, about in found if _is_of(about, name)]

    def clear(self) -> None:
        """Take everything out again: who applies first, or it would come back."""
        for one in sorted(self.flux.kustomizations(), key=lambda one: "/overlays/" in one["spec"]["path"]):
            self.flux.kube.delete(*KIND, NAMESPACE, one["metadata"]["name"])
        self.flux.kube.delete(*SOURCE, NAMESPACE, self.flux.source)
        self.flux.kube.delete("v1", "namespaces", None, self.namespace)


def _is_of(about: Tree, service: str) -> bool:
    """Whether metadata are of a service's object; config maps made by kustomize have no label that says so."""
    labelled = about.get("labels", {}).get("app.kubernetes.io/instance") == service
    ours = about["name"] not in ("default", "kube-root-ca.crt")
    return ours and (labelled or about["name"].startswith(f"{service}-") or not service)


def condition(tree: Tree, kind: str) -> Tree:
    """A condition of an object; empty where it has none of this type."""
    found = tree.get("status", {}).get("conditions", ())
    return next((one for one in found if one["type"] == kind), {})


def is_at(kustomization: Tree, revision: str) -> bool:
    """Whether a Kustomization has applied a commit as its spec is now, and is ready."""
    status = kustomization.get("status", {})
    return (
        status.get("lastAppliedRevision", "").endswith(f":{revision}")
        and status.get("observedGeneration") == kustomization["metadata"]["generation"]
        and condition(kustomization, "Ready").get("status") == "True"
        and condition(kustomization, "Reconciling").get("status") != "True"
        and "deletionTimestamp" not in kustomization["metadata"]
    )


def _requested() -> Tree:
    return {"metadata": {"annotations": {_REQUESTED: _now()}}}


def _now(seconds: float = 0) -> str:
    """A time so many seconds from now; texts of it sort as the times do."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="microseconds")


def _told(tree: Tree) -> str:
    status = tree.get("status", {})
    at = status.get("lastAppliedRevision") or status.get("artifact", {}).get("revision", "-")
    about = tree.get("metadata", {})
    asked, handled = about.get("annotations", {}).get(_REQUESTED), status.get("lastHandledReconcileAt")
    lines = [f"{tree.get('kind', '')} {about.get('name')}: at {at}, asked {asked}, did so {handled}"]
    lines += [
        f"  {one['type']}={one['status']} {one['reason']}: {one['message']}" for one in status.get("conditions", ())
    ]
    return "\n".join(lines)
