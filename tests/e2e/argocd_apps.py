"""Argo CD from a user's view: the bootstrap of a repository, refreshes as by a webhook, the status of Applications."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.e2e.waiting import until

if TYPE_CHECKING:
    from tests.e2e.kube import Kube, Tree
    from tests.e2e.repository import Repository
    from tests.e2e.rig import Rig

KIND: Final = ("argoproj.io/v1alpha1", "applications")
NAMESPACE: Final = "argocd"
_REFRESH: Final = "argocd.argoproj.io/refresh"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A repository that Argo CD syncs, and its Applications.

    These are the root, the platform, a parent for each environment, and one for each app and environment.
    """

    rig: Rig
    kube: Kube
    repository: Repository

    def bootstrap(self) -> None:
        """Run the commands that a user runs once, word for word as README.md gives them."""
        folder = self.repository.root / "rendered" / "argocd" / "_clusters" / self.repository.name
        command = ("apply", "--server-side", "--field-manager=servegen")
        self.rig.run(*command, "-f", str(folder / "settings"), "-f", str(folder / "root.yaml"))

    def bootstrap_at(self, revision: str) -> None:
        """Bootstrap the repository, and wait until everything is synced to a commit and healthy."""
        self.bootstrap()
        self.arrived(revision)

    def applications(self) -> list[Tree]:
        """Return all Applications of this repository."""
        return [one for one in self.kube.list(*KIND, NAMESPACE) if _source(one)["repoURL"] == self.repository.address]

    def find(self, path: str) -> Tree | None:
        """Return the Application that syncs a folder of `rendered/`, such as `platform/main`; None if there is none."""
        return next((one for one in self.applications() if _source(one)["path"] == f"rendered/{path}"), None)

    def of(self, app: str, stage: str = "prod") -> Tree:
        """Return the Application of an app, such as `vision/resnet50`. Raises AssertionError if there is none."""
        found = self.find(f"{app}/overlays/{self.repository.environment(stage)}")
        assert found is not None, self.report()
        return found

    def parent(self, stage: str = "prod") -> Tree:
        """Return the Application that contains those of an environment. Raises AssertionError if there is none."""
        found = self.find(f"argocd/{self.repository.environment(stage)}")
        assert found is not None, self.report()
        return found

    def refresh(self, *only: Tree, level: str = "normal") -> None:
        """Request a refresh from Git now, as a webhook does: of these Applications, or of all if none is given."""
        for one in only or self.applications():
            self.kube.patch(*KIND, NAMESPACE, one["metadata"]["name"], {"metadata": {"annotations": {_REFRESH: level}}})

    def hold(self, application: Tree, *, held: bool = True) -> None:
        """Make Argo CD skip an Application, as if it had not processed it yet; `held=False` ends this."""
        annotations = {"argocd.argoproj.io/skip-reconcile": "true" if held else None}
        self.kube.patch(*KIND, NAMESPACE, application["metadata"]["name"], {"metadata": {"annotations": annotations}})

    def refreshed(self, level: str = "normal") -> None:
        """Request a refresh of all Applications, and wait until it is done."""
        self.refresh(level=level)
        until("all are refreshed", lambda: not any(_pending(one) for one in self.applications()), report=self.report)

    def arrived(self, revision: str) -> None:
        """Wait until all Applications are synced to a commit and healthy."""
        self.refresh()
        until(f"all are at {revision}", lambda: self._all_at(revision), report=self.report)

    def app_arrived(self, app: str, revision: str, *, stage: str = "prod") -> None:
        """Wait until one app is synced to a commit and healthy, whatever the state of the others."""
        self.refresh()
        until(f"{app} is at {revision}", lambda: _is_at(self.of(app, stage), revision), report=self.report)

    def clear(self) -> None:
        """Delete the Applications, and again those that a parent still created meanwhile.

        The objects that they applied stay.
        """
        until("all are gone", lambda: not self._deleted(), report=self.report)

    def _deleted(self) -> list[Tree]:
        found = self.applications()
        for one in found:
            self.kube.patch(*KIND, NAMESPACE, one["metadata"]["name"], {"metadata": {"finalizers": None}})
            self.kube.delete(*KIND, NAMESPACE, one["metadata"]["name"])
        return found

    def report(self) -> str:
        """Return a description of all Applications: state, conditions, and the result of the last operation."""
        return "\n".join(_report(one) for one in self.applications())

    def _all_at(self, revision: str) -> bool:
        found = self.applications()
        return bool(found) and all(_is_at(one, revision) for one in found)


def operation(application: Tree) -> Tree:
    """Return the running or last operation; empty if there was none."""
    found: Tree = application.get("status", {}).get("operationState", {})
    return found


def end_operation(delivery: Delivery, app: str) -> None:
    """Terminate the running operation of an app, as `argocd app terminate-op` does, and wait until it has ended.

    The controller may write its own state over the request, so the request is repeated while the operation runs. A
    request that is older than the state is not applied: it could reach the next operation.
    """
    begun = until(
        f"an operation of {app}", lambda: operation(delivery.of(app)).get("startedAt"), report=delivery.report
    )

    def ended() -> bool:
        application = delivery.of(app)
        state = operation(application)
        if state.get("startedAt") != begun or state["phase"] not in ("Running", "Terminating"):
            return True
        if state["phase"] == "Running":
            patch = {"status": {"operationState": {"phase": "Terminating"}}}
            delivery.kube.patch_unchanged(*KIND, application, patch)
        return False

    until(f"the operation of {app} has ended", ended, report=delivery.report)


def log(rig: Rig, name: str) -> list[str]:
    """Return what a component of Argo CD has logged so far, as lines."""
    assert rig.git_root is not None
    return (Path(rig.git_root).parent / "logs" / f"{name}.log").read_text(encoding="utf-8").splitlines()


def _source(application: Tree) -> Tree:
    source: Tree = application["spec"]["source"]
    return source


def _pending(application: Tree) -> bool:
    return _REFRESH in application["metadata"].get("annotations", {})


def _is_at(application: Tree, revision: str) -> bool:
    """Return whether an Application is synced to a commit, healthy and idle."""
    status = application.get("status", {})
    sync, health = status.get("sync", {}), status.get("health", {})
    said = (sync.get("status"), sync.get("revision"), health.get("status"))
    # A recreated Application has no operation, since there was nothing to sync.
    ended = "operation" not in application and operation(application).get("phase", "Succeeded") == "Succeeded"
    return ended and not _pending(application) and said == ("Synced", revision, "Healthy")


def _report(application: Tree) -> str:
    status, last = application.get("status", {}), operation(application)
    sync = status.get("sync", {})
    lines = [
        f"{application['metadata']['name']}: {sync.get('status')} at {sync.get('revision', '-')[:9]}, "
        f"{status.get('health', {}).get('status')}, {last.get('phase')}: {last.get('message', '')}"
    ]
    lines += [f"  {one['type']}: {one['message']}" for one in status.get("conditions", ())]
    lines += [f"  {json.dumps(one)}" for one in status.get("resources", ()) if one.get("status") == "OutOfSync"]
    return "\n".join(lines)
