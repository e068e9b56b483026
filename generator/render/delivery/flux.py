"""What Flux syncs: `rendered/flux/<environment>/` with three Kustomizations per app, and the parents of that folder.

Flux prunes before it waits, and a Kustomization cannot order its objects, so a takeover without a gap needs three
Kustomizations per app: `-workloads` applies and waits and never prunes, `-routes` changes the routes when all pods are
ready, `-gc` applies the workloads again and prunes those that are no longer among them. Each depends on the one before,
and a dependency counts only at the same revision. Only the last one may reconcile between commits: an object belongs to
the Kustomization whose label it has, and `-gc` does not prune an object that `-workloads` has labelled again.

A revision that never becomes ready leaves behind the objects that only it had, because `-gc` has never applied them.
Once `-gc` is ready, the objects with the label of `-workloads` are exactly these leftovers, to be inspected and
deleted: `questions` lists them for `servegen doctor`. Source: docs/spec/v1/kustomizations.md of kustomize-controller
1.9.

A new revision reaches an app's Kustomizations before the parent has changed their specs. Their ignore rules are
therefore the same for each app and revision, and the object's own annotation says whether a rule applies to it. With
rules by name, a roll-back to a Deployment that was scaled out set its replica count back to that of the spec
(observed).

If `revision` contains {environment}, each environment has its own GitRepository; the cluster's follows refs/heads/main,
because Flux does not resolve HEAD (observed with source-controller 1.9.1).
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from generator.fleet.autoscaling import has_keda
from generator.fleet.external_secrets import has_external_secrets
from generator.render.app_manifests import running_instances
from generator.render.delivery import kinds
from generator.render.delivery.cluster_query import ClusterQuery
from generator.render.delivery.target import DeliveryTarget, Writer, delivery_targets, has_groups
from generator.render.delivery_names import application_name, kustomization_name
from generator.render.files import ROOT
from generator.render.views.pod import progress_deadline_seconds
from generator.render.views.scaling import AUTOSCALED
from generator.render.views.service import MANAGED_BY

if TYPE_CHECKING:
    from collections.abc import Collection

    from generator.fleet.model import Fleet, ServiceEntry, ServiceInstance
    from generator.fleet.routing import Routing
    from generator.render.app import RenderedApp
    from generator.render.delivery.target import Parts
    from generator.render.objects import ObjectRenderer
    from generator.spec.platform import Cluster

FOLDER: Final = f"{ROOT}/flux"
# No environment can have this name: a name starts with a letter or a digit.
CLUSTERS: Final = "_clusters"
PARTS: Final = ("workloads", "routes", "gc")
_CLUSTER, _PLATFORM, _ENVIRONMENT = "servegen-cluster-", "servegen-platform-", "servegen-environment-"
PARENTS: Final = (_CLUSTER, _PLATFORM, _ENVIRONMENT)
"""Prefixes of the names of the Kustomizations that belong to no app."""
# A Deployment that fails ends the wait at its own deadline and reports why; the timeout of the wait would not.
_MARGIN_SECONDS: Final = 120
# An ExternalSecret is ready once it is applied: a value that the store does not have must hold back no other object.
_APPLIED: Final = {
    "apiVersion": "external-secrets.io/v1",
    "kind": "ExternalSecret",
    "current": "kind == 'ExternalSecret'",
}
# An autoscaler without metrics keeps the pods that it has, and must not hold back the routes.
_SCALES: Final = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "current": "kind == 'ScaledObject'"}
_GROUP: Final = "kustomize.toolkit.fluxcd.io"
_LABEL: Final = f"{_GROUP}/name"
# The label of the Kustomization that an object belongs to. A rule without a target applies to all objects.
OWNER: Final[dict[str, Any]] = {"paths": [f"/metadata/labels/{_LABEL.replace('/', '~1')}"]}
# The field that the autoscaler sets, in the Deployments that are marked as autoscaled.
_SCALED: Final = ",".join(f"{key}={value}" for key, value in AUTOSCALED.items())
COUNT: Final[dict[str, Any]] = {
    "target": {"group": "apps", "kind": "Deployment", "annotationSelector": _SCALED},
    "paths": ["/spec/replicas"],
}
_COUNT_OF_GROUPS: Final[dict[str, Any]] = {
    "target": {"group": "leaderworkerset.x-k8s.io", "kind": "LeaderWorkerSet", "annotationSelector": _SCALED},
    "paths": ["/spec/replicas"],
}
# Flux takes a kind that it does not know for ready as soon as it is applied. Before the controller has written a
# status, the expression is an error, which counts as unknown: Flux waits (kustomize-controller 1.9.4).
_GROUPS_READY: Final = {
    "apiVersion": "leaderworkerset.x-k8s.io/v1",
    "kind": "LeaderWorkerSet",
    "current": "has(status.conditions) && status.conditions.exists(e, e.type == 'Available' && e.status == 'True')",
}
_PLACE: Final = "{environment}"
_MAIN: Final = "refs/heads/main"


class _FluxTarget(DeliveryTarget, frozen=True):
    """A cluster that Flux delivers to."""

    @property
    def name(self) -> str:
        """The name of its GitRepository and its root, unique because a Flux may serve several clusters."""
        return f"{_CLUSTER}{self.cluster}"

    @property
    def namespace(self) -> str:
        """The namespace of the Flux objects."""
        return self.delivery.namespace or "flux-system"

    def path(self, folder: str) -> str:
        """Return a folder of `rendered/`, relative to the top of the Git repository."""
        return f"./{self.from_top(folder)}"

    @property
    def branches(self) -> bool:
        """Whether each environment has its own branch."""
        return _PLACE in self.delivery.revision

    def source(self, environment: str | None = None) -> str:
        """Return the name of the GitRepository for an environment, or for objects of no environment."""
        return _environment(environment) if environment is not None and self.branches else self.name

    def common(self) -> dict[str, Any]:
        """Return the values that the templates of all objects share."""
        remote = {"secretRef": {"name": self.delivery.kubeconfig}} if self.delivery.kubeconfig else None
        return {"source": self.name, "labels": MANAGED_BY, "kubeconfig": remote}


def render(fleet: Fleet, routing: Routing, objects: ObjectRenderer, platform: Collection[str]) -> RenderedApp:
    """Render the files and objects of all Flux clusters; `platform` are the files of `rendered/platform/`."""
    out = _Flux(fleet, objects)
    found = {
        environment: site for site in delivery_targets(fleet, "flux", _FluxTarget) for environment in site.environments
    }
    for environment, site in found.items():
        if environment == site.environments[0]:
            out.bootstrap(site, has_platform=f"{ROOT}/platform/{site.cluster}/kustomization.yaml" in platform)
    for (project, app), services in fleet.apps().items():
        for environment, instance in running_instances(fleet, routing, services).items():
            if environment in found:
                routed = bool(routing.routes.get((environment, project, app)))
                out.app(found[environment], environment, services, instance, routed=routed)
    return out.writer.rendered


def questions(fleet: Fleet, objects: ObjectRenderer) -> list[ClusterQuery]:
    """Return the queries for Kustomizations that are not ready, and for leftovers of failed revisions of each app."""
    out = []
    for site in delivery_targets(fleet, "flux", _FluxTarget):
        cluster, groups = fleet.platform.clusters[site.cluster], fleet.has_groups(site.environments)
        listed = ",".join(_resource(entry) for entry in _kinds(objects, cluster, groups=groups))
        for environment in site.environments:
            flux = f"where the Flux of {site.cluster} runs"
            out.append(
                ClusterQuery(environment, flux, "Kustomizations that are not ready", _not_ready(site, environment))
            )
            for project, app in _apps(fleet, environment):
                namespace, name = fleet.namespace(project, environment), kustomization_name(project, app, environment)
                about = (
                    f"objects left by failed revisions of {project}/{app}: check and delete, once {name}-gc is ready"
                )
                command = f"kubectl get {listed} -n {namespace} -l {_LABEL}={name}-workloads"
                out.append(ClusterQuery(environment, site.cluster, about, command))
    return out


def _kinds(objects: ObjectRenderer, cluster: Cluster, *, groups: bool) -> kinds.Kinds:
    """Return the kinds that an app can have besides its routes.

    DestinationRule is included only with Istio routing, and a kind that is known only after rendering never: kubectl
    lists nothing at all if the cluster lacks one of the kinds.
    """
    found = [entry for entry in kinds.of_workloads(objects, cluster, groups=groups) if entry["kind"] != kinds.ANY]
    return [entry for entry in found if cluster.routing == "istio" or entry["kind"] != "DestinationRule"]


def _resource(entry: dict[str, str]) -> str:
    """Return a kind in the form that kubectl accepts."""
    group = entry["group"] if entry["group"] != kinds.ANY else ""
    return f"{entry['kind'].lower()}.{group}".rstrip(".")


def _not_ready(site: _FluxTarget, environment: str) -> str:
    columns = "NAME:.metadata.name,PATH:.spec.path,READY:.status.conditions[?(@.type=='Ready')].status"
    selected = ",".join(f"{key}={value}" for key, value in MANAGED_BY.items())
    ask = f'kubectl get kustomizations.{_GROUP} -n {site.namespace} -l {selected} -o custom-columns="{columns}"'
    mine = f"/overlays/{environment}/|/flux/{environment}$|/(_clusters|platform)/{site.cluster}$"
    return f'{ask} --no-headers | awk \'$2 ~ "{mine}" && $3 != "True"\''


def _apps(fleet: Fleet, environment: str) -> list[tuple[str, str]]:
    """Return the apps that have Kustomizations in an environment."""
    apps = fleet.apps().items()
    return [key for key, services in apps if any(environment in service.spec.environments for service in services)]


class _Flux:
    """Renders files and objects, one site and one app after the other."""

    def __init__(self, fleet: Fleet, objects: ObjectRenderer) -> None:
        self.objects, self.writer = objects, Writer("flux", fleet, objects)

    def bootstrap(self, site: _FluxTarget, *, has_platform: bool) -> None:
        """Render what a person applies once and what the root applies from then on, and a marker for each environment.

        The marker keeps an environment's folder from ever being empty; otherwise its last app would stay forever.
        """
        folder, platform = f"{FOLDER}/{CLUSTERS}/{site.cluster}", f"{_PLATFORM}{site.cluster}"
        objects: Parts = [
            ("repository", _repository(site)),
            *(("repository", _repository(site, name)) for name in site.environments if site.branches),
            ("root", {"name": site.name, "path": site.path(folder)}),
        ]
        if has_platform:
            path = site.path(f"{ROOT}/platform/{site.cluster}")
            ready = [_APPLIED] if has_external_secrets(self.writer.fleet.platform, site.environments) else []
            objects.append(("platform", {"name": platform, "path": path, "health": ready}))
        for environment in site.environments:
            values = {"name": _environment(environment), "environment": environment}
            source = site.source(environment)
            path, after = site.path(f"{FOLDER}/{environment}"), [{"name": platform}] if has_platform else []
            objects.append(("environment", {**values, "path": path, "depends_on": after, "source": source}))
            self._write(f"{FOLDER}/{environment}/_environment.yaml", site, [("marker", values)], environment)
        self._write(f"{folder}/servegen.yaml", site, objects, site.environments[0])

    def app(
        self,
        site: _FluxTarget,
        environment: str,
        services: list[ServiceEntry],
        instance: list[ServiceInstance],
        *,
        routed: bool,
    ) -> None:
        """Render the Kustomizations of an app with these services; `instance` are those that run."""
        project, app = services[0].project, services[0].app
        counts = [COUNT, _COUNT_OF_GROUPS] if has_groups(self.writer.fleet, environment, services) else [COUNT]
        waiting = any(one.settings.group_size > 1 for one in instance)
        name = kustomization_name(project, app, environment)
        overlay = site.path(f"{ROOT}/{project}/{app}/overlays/{environment}")
        subjects = [self.objects.context(one) for one in instance]
        slowest = max(map(progress_deadline_seconds, subjects), default=0)
        values = {
            **{part: f"{name}-{part}" for part in PARTS},
            "overlay_workloads": f"{overlay}/workloads",
            "overlay_routes": f"{overlay}/routes",
            "labels": {"app.kubernetes.io/part-of": project, **MANAGED_BY},
            "routed": routed,
            "timeout": f"{slowest + _MARGIN_SECONDS}s",
            "source": site.source(environment),
            "ignore": counts,
            "ignore_with_owner": [OWNER, *counts],
            "health": [
                *([_GROUPS_READY] if waiting else []),
                *([_SCALES] if has_keda(self.writer.fleet.platform.clusters[site.cluster]) else []),
            ],
        }
        file = f"{FOLDER}/{environment}/{application_name(project, app)}.yaml"
        self._write(file, site, [(part, values) for part in PARTS], environment, services[0])

    def _write(
        self, file: str, site: _FluxTarget, objects: Parts, environment: str, service: ServiceEntry | None = None
    ) -> None:
        seen: Parts = [(template, {**site.common(), **values}) for template, values in objects]
        self.writer.write(file, site.cluster, site.namespace, seen, environment, service)


def _environment(name: str) -> str:
    return f"{_ENVIRONMENT}{name}"


def _repository(site: _FluxTarget, environment: str | None = None) -> dict[str, Any]:
    """Return the GitRepository of an environment, or of objects of no environment."""
    delivery = site.delivery
    revision = delivery.revision.replace(_PLACE, environment or "")
    return {
        "name": site.source(environment),
        "url": delivery.repository,
        "revision": _MAIN if environment is None and site.branches else revision,
        "secret": delivery.secret,
        "patterns": _only(*PurePosixPath(delivery.folder or "", ROOT).parts),
    }


def _only(*folders: str) -> str:
    """Return .gitignore patterns that exclude everything except one folder."""
    lines, above = [], ""
    for folder in folders:
        lines += [f"{above}/*", f"!{above}/{folder}"]
        above += f"/{folder}"
    return "".join(f"{line}\n" for line in lines)
