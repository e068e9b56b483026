"""The schema validators for rendered objects: the embedded engine during rendering, then one kubeconform run."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.core.errors import RefusedError
from generator.pipeline.app import report_schema_error
from generator.pipeline.expected import expected_manifests
from generator.render.objects import ObjectRenderer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.core.finding import Finding
    from generator.core.template_loader import TemplateLoader
    from generator.pipeline.app import Validate
    from generator.pipeline.app_memory import AppMemory
    from generator.pipeline.resolved import Resolved
    from generator.render.app_manifests import Manifest
    from generator.schemas.catalogue import SchemaCatalog
    from generator.schemas.kubeconform import Verdict
    from generator.schemas.schema_error import SchemaError

    Schemas = Callable[[str], SchemaCatalog]


def embedded_validator(schemas: Schemas) -> Validate:
    """Return the embedded engine, which needs no installed program.

    `schemas` returns the schemas of a Kubernetes minor version.
    """
    from generator.schemas import embedded
    from generator.schemas.catalogue import minors

    known = minors()

    def validate(minor: str, manifests: list[Manifest]) -> list[SchemaError]:
        if minor not in known:
            return []  # check C18 reports an error for such a cluster
        return embedded.validate([entry.tree for entry in manifests], schemas(minor))

    return validate


class KubeconformRun(Struct, frozen=True):
    """One run of kubeconform over the objects of a fleet, which are never in memory all at once.

    Rendering writes each object into `folder` as a file, with one subfolder per Kubernetes minor version; the objects
    of apps whose results are in `memory` are not rendered, because `binary` has accepted them before. `validate` runs
    `binary` on these files, and renders the fleet again only if kubeconform rejects one.
    """

    folder: Path
    binary: Path
    schemas: Schemas
    memory: AppMemory | None = None

    def before(self, validate: Validate) -> Validate:
        """Return `validate` extended so that the objects it accepts are also written for kubeconform."""
        from generator.schemas import kubeconform

        def write(minor: str, manifests: list[Manifest]) -> list[SchemaError]:
            errors = validate(minor, manifests)
            refused = {error.index for error in errors}
            folder = self.folder / minor
            folder.mkdir(exist_ok=True)
            for index, entry in enumerate(manifests):
                if index not in refused:
                    kubeconform.write(folder, _file_name(entry), entry.tree)
            return errors

        return write

    def validate(self, resolved: Resolved, loader: TemplateLoader) -> list[Finding]:
        """Return the findings about the objects; if there are none, keep the results in `memory`.

        Raises ToolError if kubeconform cannot be trusted to have validated all objects that rendering has written.
        """
        from generator.schemas import kubeconform

        verdicts: dict[str, kubeconform.Verdict] = {}
        for folder in sorted(self.folder.iterdir()):
            verdicts |= kubeconform.validate_folder(folder, self.schemas(folder.name), self.binary)
        if verdicts:
            return self._findings(resolved, loader, verdicts)
        if self.memory is not None:
            self.memory.keep()
        return []

    def _findings(self, resolved: Resolved, loader: TemplateLoader, verdicts: dict[str, Verdict]) -> list[Finding]:
        from generator.schemas import kubeconform

        renderer = ObjectRenderer(loader)
        out: list[Finding] = []
        with suppress(RefusedError):  # an error in a template of the repository's own: the plan has that finding
            for entry in expected_manifests(resolved.fleet, resolved.routing, loader):
                if (verdict := verdicts.get(_file_name(entry))) is not None:
                    errors = kubeconform.errors(0, entry.tree, verdict)
                    out += [report_schema_error(renderer, entry, error) for error in errors]
        return out


def _file_name(entry: Manifest) -> str:
    """Return a file name that is the same for one object of one environment in every process that renders it."""
    metadata = entry.tree["metadata"]
    parts = (entry.environment, entry.template, entry.tree["kind"], metadata.get("namespace", ""), metadata["name"])
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
