"""Flux from a user's view: the bootstrap of a repository, requests as by a webhook, the status of Kustomizations."""

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
# The kinds of a service's objects in the namespace of its app.
_OBJECTS: Final = (
    ("apps/v1", "deployments"),
    ("v1", "services"),
    ("v1", "serviceaccounts"),
    ("v1", "configmaps"),
    ("autoscaling/v2", "horizontalpodautoscalers"),
    ("policy/v1", "poddisruptionbudgets"),
    ("networking.k8s.io/v1", "networkpolicies"),
    ("networking.istio.io/v1", "virtualservices"),
)


@dataclass(frozen=True, slots=True)
class Flux:
    """A repository that Flux syncs, and its Kustomizations.

    These are the root, the platform, a parent for each environment, and three for each app.
    """

    rig: Rig
    kube: Kube
    repository: Repository

    @property
    def source(self) -> str:
        """The name of the GitRepository, and of the root Kustomization."""
        return f"servegen-cluster-{self.repository.name}"

    def bootstrap(self) -> None:
        """Apply the file that a user applies once, as README.md describes."""
        file = self.repository.root / "rendered/flux/_clusters" / self.repository.name / "servegen.yaml"
        self.rig.run("apply", "-f", str(file))

    def kustomizations(self) -> list[Tree]:
        """Return all Kustomizations of this repository."""
        found = self.kube.list(*KIND, NAMESPACE)
        return [one for one in found if one["spec"]["sourceRef"]["name"] == self.source]

    def of(self, app: str, part: str) -> Tree | None:
        """Return a Kustomization of an app, such as `vision/resnet50`; None if there is none.

        `part` is `workloads`, `routes` or `gc`, the end of its name.
        """
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
        """Request a fetch from Git now, as a webhook does."""
        self.kube.patch(*SOURCE, NAMESPACE, self.source, _requested())

    def reconciled(self, *only: str) -> None:
        """Have Flux apply everything again, as `flux reconcile` does, and wait until it has.

        `only`: the Kustomizations whose names end with this, such as "-workloads"; all if it is not given.
        """
        begun = _now()

        def late() -> list[Tree]:
            """Return those that have not reported this since.

            The request is repeated after a while, as a user would do.
            """
            chosen = [one for one in self.kustomizations() if one["metadata"]["name"].endswith(only or "")]
            found = [one for one in chosen if one["status"].get("lastHandledReconcileAt", "") < begun]
            for one in found:
                last = one["metadata"].get("annotations", {}).get(_REQUESTED, "")
                if last < max(begun, _now(-_AGAIN_SECONDS)):
                    self.kube.patch(*KIND, NAMESPACE, one["metadata"]["name"], _requested())
            return found

        until("all are applied again", lambda: not late(), report=self.report)

    def arrived(self, revision: str) -> None:
        """Wait until all Kustomizations are ready at a commit."""
        self.call()
        until(f"all are ready at {revision}", lambda: self._all_at(revision), report=self.report)

    def _all_at(self, revision: str) -> bool:
        found = self.kustomizations()
        return bool(found) and all(is_at(one, revision) for one in found)

    def report(self) -> str:
        """Return a description of all Kustomizations and of the source."""
        source = self.kube.get(*SOURCE, NAMESPACE, self.source) or {}
        return "\n".join(_report(one) for one in (*self.kustomizations(), source))


@dataclass(frozen=True, slots=True)
class Stage:
    """A fleet that Flux delivers, and the name of its only project."""

    flux: Flux
    project: str = "vision"

    @property
    def repository(self) -> Repository:
        """The repository that users edit."""
        return self.flux.repository

    @property
    def namespace(self) -> str:
        """The namespace of the project's pods."""
        return self.repository.namespace(self.project)

    def write(self, app: str, **specs: str) -> None:
        """Write specs of an app; the argument `detector_1` is the spec of detector-1."""
        files = {name.replace("_", "-"): text for name, text in specs.items()}
        self.repository.write({f"services/{self.project}/{app}/{name}.yaml": text for name, text in files.items()})

    def push(self, *commands: str) -> str:
        """Run commands such as "deploy detector-2" in the environment, push the result, and return the commit."""
        for line in commands:
            command, subject, *options = line.split()
            self.repository.servegen(command, subject, self.repository.environment(), *options)
        return self.repository.push()

    def begin(self, *commands: str) -> str:
        """Deliver the state in which a test begins, and return the commit."""
        revision = self.push(*commands)
        self.flux.bootstrap()
        self.flux.arrived(revision)
        return revision

    def workload(self, name: str) -> Tree | None:
        """Return a Deployment; None if it does not exist."""
        return self.flux.kube.get("apps/v1", "deployments", self.namespace, name)

    def replicas(self, name: str) -> int:
        """Return the number of pods that a Deployment requests; 0 if it does not exist."""
        found = self.workload(name)
        return int(found["spec"]["replicas"]) if found else 0

    def objects(self, name: str = "") -> list[str]:
        """Return the existing objects of a service, or of all services, as plural/name."""
        found = [
            (plural, tree["metadata"])
            for version, plural in _OBJECTS
            for tree in self.flux.kube.list(version, plural, self.namespace)
        ]
        return [f"{plural}/{about['name']}" for plural, about in found if _is_of(about, name)]

    def clear(self) -> None:
        """Delete everything, beginning with the Kustomizations that would otherwise create the others again."""
        for one in sorted(self.flux.kustomizations(), key=lambda one: "/overlays/" in one["spec"]["path"]):
            self.flux.kube.delete(*KIND, NAMESPACE, one["metadata"]["name"])
        self.flux.kube.delete(*SOURCE, NAMESPACE, self.flux.source)
        self.flux.kube.delete("v1", "namespaces", None, self.namespace)


def _is_of(about: Tree, service: str) -> bool:
    """Return whether metadata belongs to an object of a service, or of any service if `service` is empty.

    ConfigMaps that kustomize generates have no label that names the service, so the name is compared too.
    """
    labelled = about.get("labels", {}).get("app.kubernetes.io/instance") == service
    ours = about["name"] not in ("default", "kube-root-ca.crt")
    return ours and (labelled or about["name"].startswith(f"{service}-") or not service)


def condition(tree: Tree, kind: str) -> Tree:
    """Return the condition of a type; empty if the object has none."""
    found = tree.get("status", {}).get("conditions", ())
    return next((one for one in found if one["type"] == kind), {})


def is_at(kustomization: Tree, revision: str) -> bool:
    """Return whether a Kustomization has applied a commit with its current spec, and is ready."""
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
    """Return the time in so many seconds as a string; such strings sort in the order of the times."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="microseconds")


def _report(tree: Tree) -> str:
    status = tree.get("status", {})
    at = status.get("lastAppliedRevision") or status.get("artifact", {}).get("revision", "-")
    about = tree.get("metadata", {})
    asked, handled = about.get("annotations", {}).get(_REQUESTED), status.get("lastHandledReconcileAt")
    lines = [f"{tree.get('kind', '')} {about.get('name')}: at {at}, asked {asked}, did so {handled}"]
    lines += [
        f"  {one['type']}={one['status']} {one['reason']}: {one['message']}" for one in status.get("conditions", ())
    ]
    return "\n".join(lines)
