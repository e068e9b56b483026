"""What Flux syncs: `rendered/flux/<environment>/`, three Kustomizations for each app, and what applies that folder.

Flux prunes before it waits, and a Kustomization cannot order its objects, so a takeover without a gap takes three of
one app: `-workloads` applies and waits and never prunes, `-routes` turns the hosts when all pods are ready, `-gc`
applies the workloads again and prunes what is no longer among them. Each depends on the one before, and a dependency
counts only at the same revision. Only the last one may look between commits: an object belongs to the Kustomization
whose label it has, and what `-workloads` has labelled again, `-gc` does not prune.

A revision that never gets ready leaves what only it had: `-gc` has never seen it. Where `-gc` is ready, what has the
label of `-workloads` is just that, to be looked at and deleted: `questions` lists it for `servegen doctor`. Source:
docs/spec/v1/kustomizations.md of kustomize-controller 1.9.

A new revision reaches an app's Kustomizations before the parent has changed their specs: so what they ignore is the
same for each app and revision, and an object itself says whether it is meant. With rules by name, a roll-back to a
Deployment that was scaled out set its count back to that of the spec (seen).

Where `revision` has {environment} in it, each environment has a GitRepository of its own; the cluster's follows
refs/heads/main, for Flux resolves no HEAD (seen with source-controller 1.9.1).
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from generator.render.app import ROOT, running_instances
from generator.render.delivery import kinds
from generator.render.delivery.names import application_name
from generator.render.delivery.question import ClusterQuery
from generator.render.delivery.site import DeliveryTarget, Writer, delivery_targets
from generator.render.views.pod import progress_deadline_seconds
from generator.render.views.scaling import AUTOSCALED
from generator.render.views.service import MANAGED_BY

if TYPE_CHECKING:
    from collections.abc import Collection

    from generator.fleet.model import Fleet, ServiceEntry, ServiceInstance
    from generator.fleet.routing import Routing
    from generator.render.app import RenderedApp
    from generator.render.delivery.site import Parts
    from generator.render.objects import ObjectRenderer

FOLDER: Final = f"{ROOT}/flux"
# No environment is called so: a name starts with a letter or a digit.
CLUSTERS: Final = "_clusters"
PARTS: Final = ("workloads", "routes", "gc")
_CLUSTER, _PLATFORM, _ENVIRONMENT = "servegen-cluster-", "servegen-platform-", "servegen-environment-"
PARENTS: Final = (_CLUSTER, _PLATFORM, _ENVIRONMENT)
"""How the names begin of what is of no app."""
# A Kustomization's name becomes the value of a label.
_LONGEST: Final = 63 - len("-workloads")
# A Deployment that fails ends the wait at its own deadline, and says why; the wait's own end would not.
_MARGIN_SECONDS: Final = 120
_GROUP: Final = "kustomize.toolkit.fluxcd.io"
_LABEL: Final = f"{_GROUP}/name"
# Which Kustomization an object belongs to. Without a target, a rule is for all objects.
OWNER: Final[dict[str, Any]] = {"paths": [f"/metadata/labels/{_LABEL.replace('/', '~1')}"]}
# The autoscaler's field of the Deployments that say so.
_SCALED: Final = ",".join(f"{key}={value}" for key, value in AUTOSCALED.items())
COUNT: Final[dict[str, Any]] = {
    "target": {"group": "apps", "kind": "Deployment", "annotationSelector": _SCALED},
    "paths": ["/spec/replicas"],
}
_PLACE: Final = "{environment}"
_MAIN: Final = "refs/heads/main"


class _FluxTarget(DeliveryTarget):
    """A cluster that Flux delivers to."""

    @property
    def name(self) -> str:
        """What its GitRepository and its root are called: a Flux may serve several clusters."""
        return f"{_CLUSTER}{self.cluster}"

    @property
    def namespace(self) -> str:
        """Where its Flux has its objects."""
        return self.delivery.namespace or "flux-system"

    def path(self, folder: str) -> str:
        """A folder of `rendered/`, seen from the top of the Git repository."""
        return f"./{self.from_top(folder)}"

    @property
    def branches(self) -> bool:
        """Whether each environment has a branch of its own."""
        return _PLACE in self.delivery.revision

    def source(self, environment: str | None = None) -> str:
        """The GitRepository that holds what is of an environment, or of none."""
        return _environment(environment) if environment is not None and self.branches else self.name

    def common(self) -> dict[str, Any]:
        """What the templates of all objects see."""
        remote = {"secretRef": {"name": self.delivery.kubeconfig}} if self.delivery.kubeconfig else None
        return {"source": self.name, "labels": MANAGED_BY, "kubeconfig": remote}


def render(fleet: Fleet, routing: Routing, objects: ObjectRenderer, platform: Collection[str]) -> RenderedApp:
    """The files and objects of all clusters that Flux delivers to; `platform`: the files of `rendered/platform/`."""
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
                out.app(found[environment], environment, services[0], instance, routed=routed)
    return out.writer.rendered


def questions(fleet: Fleet, objects: ObjectRenderer) -> list[ClusterQuery]:
    """Which Kustomizations are not ready, and what failed revisions have left of each app."""
    out = []
    for site in delivery_targets(fleet, "flux", _FluxTarget):
        listed = ",".join(_resource(entry) for entry in _kinds(objects, fleet.platform.clusters[site.cluster].routing))
        for environment in site.environments:
            flux = f"where the Flux of {site.cluster} runs"
            out.append(
                ClusterQuery(environment, flux, "Kustomizations that are not ready", _not_ready(site, environment))
            )
            for project, app in _apps(fleet, environment):
                namespace, name = fleet.namespace(project, environment), _name(project, app, environment)
                about = (
                    f"objects left by failed revisions of {project}/{app}: check and delete, once {name}-gc is ready"
                )
                command = f"kubectl get {listed} -n {namespace} -l {_LABEL}={name}-workloads"
                out.append(ClusterQuery(environment, site.cluster, about, command))
    return out


def _kinds(objects: ObjectRenderer, routing: str) -> kinds.Kinds:
    """What an app can have beside its routes; kubectl lists nothing at all where the cluster lacks one of the kinds."""
    found = [entry for entry in kinds.of_workloads(objects) if entry["kind"] != kinds.ANY]
    return [entry for entry in found if routing == "istio" or entry["kind"] != "DestinationRule"]


def _resource(entry: dict[str, str]) -> str:
    """A kind, as kubectl takes it."""
    group = entry["group"] if entry["group"] != kinds.ANY else ""
    return f"{entry['kind'].lower()}.{group}".rstrip(".")


def _not_ready(site: _FluxTarget, environment: str) -> str:
    columns = "NAME:.metadata.name,PATH:.spec.path,READY:.status.conditions[?(@.type=='Ready')].status"
    selected = ",".join(f"{key}={value}" for key, value in MANAGED_BY.items())
    ask = f'kubectl get kustomizations.{_GROUP} -n {site.namespace} -l {selected} -o custom-columns="{columns}"'
    mine = f"/overlays/{environment}/|/flux/{environment}$|/(_clusters|platform)/{site.cluster}$"
    return f'{ask} --no-headers | awk \'$2 ~ "{mine}" && $3 != "True"\''


def _apps(fleet: Fleet, environment: str) -> list[tuple[str, str]]:
    """The apps that have Kustomizations there."""
    apps = fleet.apps().items()
    return [key for key, services in apps if any(environment in service.spec.environments for service in services)]


class _Flux:
    """The files and objects that are made one site and one app after the other."""

    def __init__(self, fleet: Fleet, objects: ObjectRenderer) -> None:
        self.objects, self.writer = objects, Writer("flux", fleet, objects)

    def bootstrap(self, site: _FluxTarget, *, has_platform: bool) -> None:
        """What a person applies once, and the root from then on; and what keeps an environment's folder from ever
        being empty, or its last app would stay for ever."""
        folder, platform = f"{FOLDER}/{CLUSTERS}/{site.cluster}", f"{_PLATFORM}{site.cluster}"
        objects: Parts = [
            ("repository", _repository(site)),
            *(("repository", _repository(site, name)) for name in site.environments if site.branches),
            ("root", {"name": site.name, "path": site.path(folder)}),
        ]
        if has_platform:
            path = site.path(f"{ROOT}/platform/{site.cluster}")
            objects.append(("platform", {"name": platform, "path": path}))
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
        service: ServiceEntry,
        instance: list[ServiceInstance],
        *,
        routed: bool,
    ) -> None:
        """The Kustomizations of an app, of which `service` is one and `deployed` are those that run."""
        project, app = service.project, service.app
        name = _name(project, app, environment)
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
            "ignore": [COUNT],
            "ignore_with_owner": [OWNER, COUNT],
        }
        file = f"{FOLDER}/{environment}/{application_name(project, app)}.yaml"
        self._write(file, site, [(part, values) for part in PARTS], environment, service)

    def _write(
        self, file: str, site: _FluxTarget, objects: Parts, environment: str, service: ServiceEntry | None = None
    ) -> None:
        seen: Parts = [(template, {**site.common(), **values}) for template, values in objects]
        self.writer.write(file, site.cluster, site.namespace, seen, environment, service)


def _name(project: str, app: str, environment: str) -> str:
    return application_name(project, app, environment, longest=_LONGEST)


def _environment(name: str) -> str:
    return f"{_ENVIRONMENT}{name}"


def _repository(site: _FluxTarget, environment: str | None = None) -> dict[str, Any]:
    """The GitRepository of an environment, or of what is of none."""
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
    """Patterns of .gitignore that leave nothing but one folder."""
    lines, above = [], ""
    for folder in folders:
        lines += [f"{above}/*", f"!{above}/{folder}"]
        above += f"/{folder}"
    return "".join(f"{line}\n" for line in lines)
