"""The plan of a repository on disk: its own templates and schemas win over those that we ship."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.core.template_loader import Library
    from generator.pipeline.app import Validate
    from generator.pipeline.plan import Plan, Progress
    from generator.render.app import TrueObject
    from generator.schemas.catalogue import Catalogue
    from generator.schemas.finding import Finding


def library(root: Path) -> Library:
    """The repository's own templates, then those that we ship."""
    from generator.core.paths import templates_root
    from generator.core.template_loader import Library

    return Library((root / "templates", templates_root()))


def opened(root: Path, minor: str) -> Catalogue:
    """The schemas of a Kubernetes minor version, and those that the repository has in templates/schemas/."""
    from generator.schemas.catalogue import Catalogue

    own = root / "templates" / "schemas"
    return Catalogue.open(minor, own if own.is_dir() else None)


def embedded(root: Path) -> Validate:
    """The engine that is always there, on the schemas that we ship and the repository's own."""
    from functools import cache

    from generator.schemas import embedded
    from generator.schemas.catalogue import minors

    catalogue = cache(lambda minor: opened(root, minor))
    known = minors()

    def validate(minor: str, truth: list[TrueObject]) -> list[Finding]:
        if minor not in known:
            return []  # the check C18 refuses such a cluster
        return embedded.validate([entry.tree for entry in truth], catalogue(minor))

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
    return plan(specs, library(root), validate=judge, spread=spread, progress=progress, now=now, base=base)
