"""What Argo CD syncs: `rendered/argocd/<environment>/` with one Application per app, and the parents of that folder.

An Application syncs one overlay in waves (render/sync_waves.py) and prunes last, so that one commit is enough
for a takeover.

An app's Application has no `manifest-generate-paths`, and its retries keep the commit that they started with. With that
annotation, Argo CD 3.5 treats a commit that arrived during a sync as already tried (argoproj/argo-cd#27875), and
self-heals the difference in part: it applies what was out of sync at that time. If the retry uses a newer commit
(`refresh`), the route is part of what is applied and the pods of the newest version are not: a host then led to no pods
(observed).

- `_clusters/<cluster>/settings/argocd-cm.yaml`: keys of Argo CD's own ConfigMap. The ConfigMap has other owners, so
  a person applies this file, and nothing syncs it.
- `_clusters/<cluster>/root.yaml`: applied once by a person, after the settings. It syncs its own folder.
- `_clusters/<cluster>/servegen.yaml`: an AppProject for each project, the platform first, and for each environment the
  parent of its Applications.

A commit reaches an app before or after its parent has changed the Application. The Application is therefore the same
for each app and commit, and the Deployment's own annotation marks that an autoscaler sets its replica count. With rules
by name, a roll-back to a version that was scaled out, and any reconciliation between the two, set its replica count
back to that of the spec.

No Application has the finalizer that deletes the objects that it has applied: if an Application is deleted, by mistake
or with its app, its pods keep serving. A user who requests the deletion of its objects has to confirm it
(`Delete=confirm`).

A commit reaches Applications one by one, and none waits for another. The order between the platform and the apps holds
at the first sync only, so each app creates its namespace if the platform has not created it yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.autoscaling import has_keda
from generator.fleet.external_secrets import has_external_secrets
from generator.fleet.namespaces import namespaces
from generator.render.app_manifests import running_instances
from generator.render.delivery import kinds
from generator.render.delivery.cluster_query import ClusterQuery
from generator.render.delivery.target import DeliveryTarget, Writer, delivery_targets, has_groups
from generator.render.delivery_names import application_name
from generator.render.files import ROOT
from generator.render.views.scaling import AUTOSCALED
from generator.render.views.service import MANAGED_BY
from generator.spec.values.api_server import OWN, by_address

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from generator.fleet.model import Fleet, ServiceEntry
    from generator.fleet.namespaces import Namespace
    from generator.fleet.routing import Routing
    from generator.render.app import RenderedApp
    from generator.render.delivery.kinds import Kinds
    from generator.render.delivery.target import Parts
    from generator.render.objects import ObjectRenderer

FOLDER: Final = f"{ROOT}/argocd"
# No environment can have this name: a name starts with a letter or a digit.
CLUSTERS: Final = "_clusters"
_PLACE: Final = "{environment}"
# The kinds that controllers create for an app: Argo CD shows only kinds that the project admits.
_SHOWN: Final[Kinds] = [
    {"group": "", "kind": "Pod"},
    {"group": "apps", "kind": "ReplicaSet"},
    {"group": "discovery.k8s.io", "kind": "EndpointSlice"},
]
_SHOWN_OF_GROUPS: Final[Kinds] = [
    *_SHOWN,
    {"group": "apps", "kind": "ControllerRevision"},
    {"group": "apps", "kind": "StatefulSet"},
]
_PARENTS: Final[Kinds] = [
    {"group": "", "kind": "ConfigMap"},
    {"group": "argoproj.io", "kind": "Application"},
    {"group": "argoproj.io", "kind": "AppProject"},
]
_NOT_WELL: Final = "Applications that are not Synced and Healthy"
_MARK: Final = " and ".join(f'.metadata.annotations["{key}"] == "{value}"' for key, value in AUTOSCALED.items())
_PATHS: Final = {"jqPathExpressions": [f"select({_MARK}) | .spec.replicas"]}
_COUNT: Final = {"group": "apps", "kind": "Deployment", **_PATHS}
_COUNT_OF_GROUPS: Final = {"group": "leaderworkerset.x-k8s.io", "kind": "LeaderWorkerSet", **_PATHS}
_NOTE: Final = """\
# Keys of Argo CD's own ConfigMap; nothing syncs this file. Where the ConfigMap is kept in Git, put these keys there.
# Else, before root.yaml, and again after an update of servegen that changes this file:
#   kubectl apply --server-side --field-manager=servegen -f FILE
# It adds these keys and leaves the others alone. A conflict says that somebody else has set one of them.
"""


class _ArgoCdTarget(DeliveryTarget, frozen=True):
    """A cluster that Argo CD delivers to."""

    @property
    def name(self) -> str:
        """The name of its root and of its parents' AppProject, unique because an Argo CD may serve several clusters."""
        return f"servegen-cluster-{self.cluster}"

    @property
    def namespace(self) -> str:
        """The namespace of the Argo CD objects."""
        return self.delivery.namespace or "argocd"

    def project(self, name: str) -> str:
        """Return the name of the AppProject of a project's apps on this cluster."""
        return application_name(name, self.cluster)

    def destination(self, namespace: str) -> dict[str, str]:
        """Return the destination for a namespace of the cluster."""
        given = self.delivery.destination or OWN
        return {"server" if by_address(given) else "name": given, "namespace": namespace}

    def source(self, folder: str, environment: str | None = None) -> dict[str, Any]:
        """Return the source for a folder of `rendered/`.

        If each environment has its own branch, a folder of no environment is in the default branch.
        """
        revision = self.delivery.revision
        if _PLACE in revision:
            revision = "HEAD" if environment is None else revision.replace(_PLACE, environment)
        return {"repoURL": self.delivery.repository, "targetRevision": revision, "path": self.from_top(folder)}


def render(fleet: Fleet, routing: Routing, objects: ObjectRenderer, platform: Collection[str]) -> RenderedApp:
    """Render the files and objects of all Argo CD clusters; `platform` are the files of `rendered/platform/`."""
    out = _ArgoCd(fleet, objects)
    found = {
        environment: site
        for site in delivery_targets(fleet, "argocd", _ArgoCdTarget)
        for environment in site.environments
    }
    for environment, site in found.items():
        if environment == site.environments[0]:
            out.bootstrap(site, has_platform=f"{ROOT}/platform/{site.cluster}/kustomization.yaml" in platform)
    for (project, app), services in fleet.apps().items():
        for environment in running_instances(fleet, routing, services):
            if environment in found:
                out.app(found[environment], environment, project, app, services)
    return out.writer.rendered


def questions(fleet: Fleet, objects: ObjectRenderer) -> list[ClusterQuery]:
    """Return the queries for Applications that are out of sync with Git, or not healthy."""
    del objects
    return [
        ClusterQuery(environment, f"where the Argo CD of {site.cluster} runs", _NOT_WELL, _not_well(site, environment))
        for site in delivery_targets(fleet, "argocd", _ArgoCdTarget)
        for environment in site.environments
    ]


def _not_well(site: _ArgoCdTarget, environment: str) -> str:
    columns = "NAME:.metadata.name,SYNC:.status.sync.status,HEALTH:.status.health.status,PATH:.spec.source.path"
    selected = ",".join(f"{key}={value}" for key, value in MANAGED_BY.items())
    ask = f"kubectl get applications.argoproj.io -n {site.namespace} -l {selected} -o custom-columns={columns}"
    mine = f"/(overlays|argocd)/{environment}$|/(_clusters|platform)/{site.cluster}$"
    return f'{ask} --no-headers | awk \'$4 ~ "{mine}" && ($2 != "Synced" || $3 != "Healthy")\''


class _ArgoCd:
    """Renders files and objects, one site and one app after the other."""

    def __init__(self, fleet: Fleet, objects: ObjectRenderer) -> None:
        self.fleet, self.objects = fleet, objects
        self.writer = Writer("argocd", fleet, objects)

    def bootstrap(self, site: _ArgoCdTarget, *, has_platform: bool) -> None:
        """Render what a person applies once and what the root applies from then on, and a marker for each environment.

        The marker keeps an environment's folder from ever being empty; otherwise its last app would stay forever.
        """
        folder = f"{FOLDER}/{CLUSTERS}/{site.cluster}"
        own = [space for space in namespaces(self.fleet) if space.cluster == site.cluster]
        root: Parts = [
            ("project", self._parents_project(site, own)),
            ("root", self._parent(site, site.name, folder)),
        ]
        scaled = {"keda": has_keda(self.fleet.platform.clusters[site.cluster])}
        self._write(f"{folder}/settings/argocd-cm.yaml", site, [("settings", scaled)], site.environments[0], note=_NOTE)
        self._write(f"{folder}/root.yaml", site, root, site.environments[0])
        parts: Parts = [("project", values) for values in self._projects(site, own)]
        if has_platform:
            place = site.destination(self._platform_namespaces(site, own)[0])
            values = self._parent(site, f"servegen-platform-{site.cluster}", f"{ROOT}/platform/{site.cluster}")
            labels = {"app.kubernetes.io/component": "platform", **MANAGED_BY}
            parts.append(("platform", {**values, "labels": labels, "destination": place}))
        for environment in site.environments:
            name = f"servegen-environment-{environment}"
            parts.append(("environment", self._parent(site, name, f"{FOLDER}/{environment}", environment)))
            marker = {"name": name, "labels": MANAGED_BY, "environment": environment}
            self._write(f"{FOLDER}/{environment}/_environment.yaml", site, [("marker", marker)], environment)
        self._write(f"{folder}/servegen.yaml", site, parts, site.environments[0])

    def app(
        self,
        site: _ArgoCdTarget,
        environment: str,
        project: str,
        app: str,
        services: list[ServiceEntry],
    ) -> None:
        """Render the Application of an app with these services."""
        groups = has_groups(self.fleet, environment, services)
        values = {
            "name": application_name(project, app, environment),
            "labels": {"app.kubernetes.io/part-of": project, **MANAGED_BY},
            "project": site.project(project),
            "source": site.source(f"{ROOT}/{project}/{app}/overlays/{environment}", environment),
            "destination": site.destination(self.fleet.namespace(project, environment)),
            "create_namespace": self._managed(site),
            "ignore": [_COUNT, *([_COUNT_OF_GROUPS] if groups else [])],
        }
        file = f"{FOLDER}/{environment}/{application_name(project, app)}.yaml"
        self._write(file, site, [("application", values)], environment, services[0])

    def _parents_project(self, site: _ArgoCdTarget, own: list[Namespace]) -> dict[str, Any]:
        """Return the AppProject of the root, the platform and the parents."""
        outside = [site.destination(name) for name in self._platform_namespaces(site, own)]
        has_secrets = has_external_secrets(self.fleet.platform, site.environments)
        cluster = self.fleet.platform.clusters[site.cluster]
        platform = kinds.of_the_platform(self.objects, cluster, external_secrets=has_secrets)
        return {
            **_project(site, site.name, f"The root, the platform and the environments of {site.cluster}"),
            "destinations": [{"server": OWN, "namespace": site.namespace}, *outside],
            # Each list applies only to kinds of its own scope.
            "cluster_kinds": platform,
            "kinds": [*_PARENTS, *platform],
        }

    def _projects(self, site: _ArgoCdTarget, own: list[Namespace]) -> Iterable[dict[str, Any]]:
        """Yield the AppProject of each project with an app on the cluster: it admits exactly what servegen renders."""
        groups, cluster = self.fleet.has_groups(site.environments), self.fleet.platform.clusters[site.cluster]
        admitted = [*kinds.of_apps(self.objects, cluster, groups=groups), *(_SHOWN_OF_GROUPS if groups else _SHOWN)]
        for project in sorted({name for space in own for name in space.projects}):
            names = [space.name for space in own if project in space.projects]
            made = names if self._managed(site) else []
            yield {
                **_project(site, site.project(project), f"The apps of {project} on {site.cluster}"),
                "destinations": [site.destination(name) for name in names],
                "cluster_kinds": [{"group": "", "kind": "Namespace", "name": name} for name in made],
                "kinds": admitted,
            }

    def _platform_namespaces(self, site: _ArgoCdTarget, own: list[Namespace]) -> list[str]:
        """Return the namespaces of the cluster's platform objects, at least one: an Application must name one."""
        facts = self.fleet.platform.clusters[site.cluster]
        placed = {gateway.name.partition("/")[0] for gateway in facts.gateways.values() if gateway.managed}
        if facts.prometheus is not None and facts.prometheus.adapter is not None:
            placed.add(facts.prometheus.adapter.namespace)
        if facts.monitoring is not None:
            placed.add(facts.monitoring.namespace)
        return sorted(placed | {space.name for space in own}) or ["default"]

    def _managed(self, site: _ArgoCdTarget) -> bool:
        return bool(self.fleet.platform.clusters[site.cluster].namespaces.managed)

    def _parent(self, site: _ArgoCdTarget, name: str, folder: str, environment: str | None = None) -> dict[str, Any]:
        """Return an Application that syncs the objects of one folder."""
        return {
            "name": name,
            "labels": MANAGED_BY,
            "project": site.name,
            "source": site.source(folder, environment),
            "destination": {"server": OWN, "namespace": site.namespace},
        }

    def _write(
        self,
        file: str,
        site: _ArgoCdTarget,
        parts: Parts,
        environment: str,
        service: ServiceEntry | None = None,
        note: str = "",
    ) -> None:
        self.writer.write(file, site.cluster, site.namespace, parts, environment, service, note)


def _project(site: _ArgoCdTarget, name: str, description: str) -> dict[str, Any]:
    """Return the values that all AppProjects of a cluster share."""
    about = {"name": name, "description": description, "labels": MANAGED_BY}
    return {**about, "repository": site.delivery.repository}
