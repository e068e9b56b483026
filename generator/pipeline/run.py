"""The plan of a repository on disk: its own templates and schemas win over those that we ship."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.core.template_loader import TemplateLoader
    from generator.pipeline.app import Validate
    from generator.pipeline.plan import Plan, Progress
    from generator.render.app import Manifest
    from generator.schemas.catalogue import SchemaCatalog
    from generator.schemas.finding import SchemaError


def loader(root: Path) -> TemplateLoader:
    """The repository's own templates, then those that we ship."""
    from generator.core.paths import templates_root
    from generator.core.template_loader import TemplateLoader

    return TemplateLoader((root / "templates", templates_root()))


def opened(root: Path, minor: str) -> SchemaCatalog:
    """The schemas of a Kubernetes minor version, and those that the repository has in templates/schemas/."""
    from generator.schemas.catalogue import SchemaCatalog

    own = root / "templates" / "schemas"
    return SchemaCatalog.open(minor, own if own.is_dir() else None)


def embedded(root: Path) -> Validate:
    """The engine that is always there, on the schemas that we ship and the repository's own."""
    from functools import cache

    from generator.schemas import embedded
    from generator.schemas.catalogue import minors

    catalogue = cache(lambda minor: opened(root, minor))
    known = minors()

    def validate(minor: str, manifests: list[Manifest]) -> list[SchemaError]:
        if minor not in known:
            return []  # the check C18 refuses such a cluster
        return embedded.validate([entry.tree for entry in manifests], catalogue(minor))

    return validate


def planned(
    root: Path,
    specs: Mapping[str, bytes],
    *,
    base: Mapping[str, bytes] | None = None,
    progress: Progress | None = None,
) -> Plan:
    """The plan of `specs` with the templates and schemas of `root`, judged by the embedded engine, as of now.

    `base` are the specs that a change starts from. Raises what `plan` raises.
    """
    from datetime import UTC, datetime

    from generator.pipeline.plan import plan
    from generator.pipeline.workers import spread

    now, judge = datetime.now(UTC), embedded(root)
    return plan(specs, loader(root), validate=judge, spread=spread, progress=progress, now=now, base=base)
