"""The engine that CI systems know: the kubeconform binary, on the same schema files.

How it is called, and why (yannh/kubeconform 0.7.0): files, since its standard input mixes documents up; one thread, for
a stable order; no network and no `-ignore-missing-schemas`, which would hide a schema that does not compile; the
summary's count must equal what was written, since finding nothing counts as success. Every run also judges probes with
a known verdict: a version text says little about a binary that somebody wrapped or built.
"""

from __future__ import annotations

import ast
import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from generator.core.errors import ToolError
from generator.core.programs import find, run
from generator.core.yaml import dump
from generator.schemas.schema_error import SchemaError, resolve_path, sort_schema_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.schemas.catalogue import SchemaCatalog

_TIMEOUT_SECONDS: Final = 600
_CONFIG_MAP: Final = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "probe"}}
# Name -> object and the status that it must get.
_PROBES: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "probe-valid": (_CONFIG_MAP, "statusValid"),
    "probe-unknown-key": ({**_CONFIG_MAP, "dada": {}}, "statusInvalid"),
    "probe-no-schema": ({**_CONFIG_MAP, "apiVersion": "probe.invalid/v1"}, "statusError"),
}
# A leaf of the tree of faults: a JSON pointer, quoted as Go quotes, and what is wrong there.
_LEAF: Final = re.compile(r"- at ('(?:[^'\\]|\\.)*'): (.*?)(?=\s+- at '|\Z)", re.DOTALL)
# Several names in a message come in any order.
_NAME: Final = re.compile(r"'(?:[^'\\]|\\.)*'")
_NAMES: Final = re.compile(rf"{_NAME.pattern}(?:, {_NAME.pattern})+")
# Nodes of that tree that only say that something below them failed.
_INNER: Final = ("validation failed", "allOf failed")
_EMBEDDED: Final = "use --engine embedded to validate without kubeconform"


def validate(
    objects: Sequence[dict[str, Any]], catalogue: SchemaCatalog, binary: Path | None = None
) -> list[SchemaError]:
    """Every fault of every object, by `binary` or else the kubeconform that is installed.

    Raises ToolError when there is none, or when it cannot be trusted to have judged them all.
    """
    binary = binary or find("kubeconform")
    if binary is None:
        raise ToolError("kubeconform is not installed", hint=f"`make setup` installs it; {_EMBEDDED}")
    with tempfile.TemporaryDirectory(prefix="servegen-") as folder:
        for index, tree in enumerate(objects):
            write(Path(folder), str(index), tree)
        verdicts = judge(Path(folder), catalogue, binary)
    return [error for name, verdict in verdicts.items() for error in errors(int(name), objects[int(name)], verdict)]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What kubeconform says of an object that is not valid: its schema refuses it (`invalid`), or it was not judged."""

    invalid: bool
    message: str


def write(folder: Path, name: str, tree: dict[str, Any]) -> None:
    """Write an object as the file `name` of a folder for `judge`."""
    (folder / f"{name}.yaml").write_text(dump(tree), encoding="utf-8")


def judge(folder: Path, catalogue: SchemaCatalog, binary: Path) -> dict[str, Verdict]:
    """The verdicts on the objects that `write` put into `folder` and that are not valid, by name, in order.

    Raises ToolError when kubeconform cannot be trusted to have judged them all.
    """
    names = sorted((path.stem for path in folder.iterdir()), key=lambda name: (len(name), name))
    for name, (tree, _) in _PROBES.items():
        write(folder, name, tree)
    done = run(_command(binary, catalogue, str(folder)), timeout=_TIMEOUT_SECONDS, accepted=(0, 1))
    rows = _rows(done.stdout, done.stderr)
    expected = len(names) + len(_PROBES)
    if len(rows) != expected:
        raise ToolError(f"{binary} checked {len(rows)} of {expected} objects", hint=_EMBEDDED)
    for name, (_, status) in _PROBES.items():
        if rows[name]["status"] != status:
            raise ToolError(f"{binary} gave the {name} {rows[name]['status']}, expected {status}", hint=_EMBEDDED)
    return {
        name: Verdict(rows[name]["status"] == "statusInvalid", str(rows[name]["msg"]))
        for name in names
        if rows[name]["status"] != "statusValid"
    }


def errors(index: int, tree: dict[str, Any], verdict: Verdict) -> list[SchemaError]:
    """A verdict on the object `tree`, which has the number `index`, as its single faults."""
    if not verdict.invalid:
        return [SchemaError(index, (), verdict.message, "error")]
    leaves = [(path, text) for path, text in _LEAF.findall(verdict.message) if not text.startswith(_INNER)]
    # A key that ends in a backslash garbles the quotes: then the whole object is meant.
    found = sort_schema_errors(_fault(index, tree, *leaf) for leaf in leaves)
    return found or [SchemaError(index, (), verdict.message)]


def _command(binary: Path, catalogue: SchemaCatalog, folder: str) -> list[str]:
    locations = [argument for template in catalogue.locations() for argument in ("-schema-location", template)]
    flags = ["-strict", "-n", "1", "-output", "json", "-summary", "-verbose"]
    return [str(binary), *flags, "-kubernetes-version", f"{catalogue.kubernetes}.0", *locations, folder]


def _rows(out: str, err: str) -> dict[str, dict[str, Any]]:
    """The verdicts, by the name of the file. Raises ToolError when there are other or fewer than the summary says."""
    try:
        said = json.loads(out)
        rows = {Path(row["filename"]).stem: row for row in said["resources"]}
        counted = sum(said["summary"].values())
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ToolError(f"kubeconform printed no results:\n{out}{err}", hint=_EMBEDDED) from None
    if counted != len(rows):
        raise ToolError(f"kubeconform counted {counted} objects but reported {len(rows)}", hint=_EMBEDDED)
    return rows


def _fault(index: int, tree: dict[str, Any], quoted: str, text: str) -> SchemaError:
    # Go's quoted text with escaped single quotes is a Python literal too.
    pointer = str(ast.literal_eval(quoted))
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    return SchemaError(index, resolve_path(tree, steps), _NAMES.sub(_sorted, " ".join(text.split())))


def _sorted(names: re.Match[str]) -> str:
    return ", ".join(sorted(_NAME.findall(names[0])))
