"""Instances of another revision of the fleet that need not be resolved again: all that they depend on is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from generator.fleet.load import Specs
    from generator.fleet.model import Fleet, ServiceEntry, ServiceInstance
    from generator.spec.catalog import Catalog


class Reuse(Struct):
    """The instances of `fleet` that another one with these `specs` can take over; none without a fleet.

    An instance depends on the platform file, on the files of its project, service and model, and on the catalog. The
    two revisions share what they read from equal files, so identity tells whether these are equal.
    """

    fleet: Fleet | None
    specs: Specs
    _projects: dict[str, bool] = field(default_factory=dict)
    _services: dict[tuple[str, str, str], bool] = field(default_factory=dict)

    @classmethod
    def of(cls, fleet: Fleet | None, specs: Specs, catalog: Catalog) -> Reuse:
        """Return what can be taken over from a fleet: nothing if its platform file or catalog is another one."""
        platform = specs.platform[1] if specs.platform is not None else None
        same = fleet is not None and fleet.platform is platform and fleet.catalog is catalog
        return cls(fleet if same else None, specs)

    def instance(self, service: ServiceEntry, environment: str) -> ServiceInstance | None:
        """Return a service in an environment, or with an empty name its base, if it can be taken over."""
        if self.fleet is None or not self._has_service(service):
            return None
        known = self.fleet.instances[environment] if environment else self.fleet.bases
        return known.get(service.key)

    def _has_service(self, service: ServiceEntry) -> bool:
        """Return whether the files of a service, its project and its model are the same."""
        known = self._services.get(service.key)
        if known is None:
            assert self.fleet is not None  # asked for its instances
            base = self.fleet.bases.get(service.key)
            model = service.project, service.spec.model
            known = base is not None and base.service is service and self._has_project(service.project)
            known = known and self.specs.models.get(model) is self.fleet.models.get(model)
            self._services[service.key] = known
        return known

    def _has_project(self, name: str) -> bool:
        """Return whether the file of a project is the same."""
        if name not in self._projects:
            assert self.fleet is not None  # asked for its instances
            _, spec = self.specs.projects.get(name, (None, None))
            self._projects[name] = spec is self.fleet.projects.get(name)
        return self._projects[name]
