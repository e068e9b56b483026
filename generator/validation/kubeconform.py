"""The engine that CI systems know: the kubeconform binary, on the same schema files.

How it is called, and why (yannh/kubeconform 0.7.0): files, since its standard input mixes documents up; one thread, for
a stable order; no network and no `-ignore-missing-schemas`, which would hide a schema that does not compile; and the
summary's count must equal what was written, since finding nothing counts as success.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from generator.errors import ToolError
from generator.tools import run
from generator.validation.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.validation.catalogue import Catalogue

_TIMEOUT_SECONDS: Final = 600
_LEAF: Final = re.compile(r"- at '([^']*)': (.*?)(?=\s+- at '|\Z)", re.DOTALL)
_INNER: Final = "validation failed"


def validate(objects: Sequence[dict[str, Any]], catalogue: Catalogue, binary: Path) -> list[Finding]:
    """Every fault of every object. Raises ToolError when kubeconform cannot be trusted to have judged them all."""
    with tempfile.TemporaryDirectory(prefix="servegen-") as folder:
        for index, tree in enumerate(objects):
            Path(folder, f"{index:06}.json").write_text(json.dumps(tree), encoding="utf-8")
        done = run(_command(binary, catalogue, folder), timeout=_TIMEOUT_SECONDS, accepted=(0, 1))
    try:
        said = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise ToolError(f"kubeconform printed no JSON:\n{done.stdout}{done.stderr}") from None
    judged = sum(said["summary"].values())
    if judged != len(objects):
        raise ToolError(f"kubeconform judged {judged} of {len(objects)} objects", hint="try --engine embedded")
    rows = sorted(said["resources"], key=lambda row: str(row["filename"]))
    return [finding for row in rows for finding in _findings(row)]


def _command(binary: Path, catalogue: Catalogue, folder: str) -> list[str]:
    locations = [argument for template in catalogue.locations() for argument in ("-schema-location", template)]
    flags = ["-strict", "-n", "1", "-output", "json", "-summary", "-verbose"]
    return [str(binary), *flags, "-kubernetes-version", f"{catalogue.kubernetes}.0", *locations, folder]


def _findings(row: dict[str, Any]) -> list[Finding]:
    index = int(Path(row["filename"]).stem)
    match row["status"]:
        case "statusValid":
            return []
        case "statusInvalid":
            leaves = [(path, text) for path, text in _LEAF.findall(row["msg"]) if not text.startswith(_INNER)]
            found = leaves or [("", row["msg"])]
            return [Finding(index, _path(path), " ".join(text.split())) for path, text in found]
        case _:
            return [Finding(index, (), row["msg"], "error")]


def _path(pointer: str) -> tuple[str | int, ...]:
    return tuple(int(step) if step.isdigit() else step for step in pointer.split("/") if step)
