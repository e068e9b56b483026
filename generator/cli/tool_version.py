"""The part of `servegen diff` that says what another version of servegen rendered differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator import __version__
from generator.core.errors import ToolError
from generator.core.programs import find
from generator.core.programs.fitness import UnfitProgramError, require_fit
from generator.core.programs.kustomize import KustomizeError
from generator.core.programs.kustomize_probe import probe
from generator.repo.committed_objects import CommittedObjects
from generator.repo.recorded_version import renders_its_specs
from generator.review.tool_changes import tool_changes, with_tool_changes

if TYPE_CHECKING:
    from generator.repo.compared import Compared
    from generator.review.model import Review
    from generator.review.side import Side


def with_tool_version(found: Review, compared: Compared, base: Side) -> tuple[Review, str]:
    """Return the review with the changes of a newer version than that which `compared.wrote`, and a note.

    What the other version wrote is in the commit, so it is known if the commit's rendered/ is what its specs gave.
    """
    wrote = f"servegen {compared.wrote} wrote rendered/ of the base"
    unknown = f"{wrote}; both sides are rendered by this version, and what it renders differently is not known: "
    if not renders_its_specs(compared.git, compared.start):
        return found, f"{unknown}the specs of the base have changed since then"
    kustomize = find("kustomize")
    if kustomize is None:
        return found, f"{unknown}kustomize is not installed"
    try:
        require_fit("kustomize", kustomize, probe)
        committed = CommittedObjects(compared.git, compared.start, kustomize)
        changes = tool_changes(base, committed.objects_that_differ, f"{compared.wrote} to {__version__}")
    except (KustomizeError, UnfitProgramError, ToolError) as error:
        return found, f"{unknown}{error}"
    return with_tool_changes(found, changes), f"{wrote}; what this version renders differently has it as its cause"
