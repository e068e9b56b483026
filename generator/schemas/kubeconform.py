"""The kubeconform engine, which is common in CI systems: run the kubeconform binary on the same schema files.

How it is called, and why (yannh/kubeconform 0.7.0): objects are passed as files, since it mixes up documents on
standard input; one thread, for a stable order; no network and no `-ignore-missing-schemas`, which would hide a schema
that does not compile; the count in the summary must equal the number of objects written, since kubeconform reports
success when it finds no objects. Every run also validates probe objects with a known verdict, because the version
string says little about a binary that a user wrapped or built. `probe` validates only these.
"""

from __future__ import annotations

import ast
import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Struct

from generator.core.errors import ToolError
from generator.core.programs import explain_absence, find, try_run
from generator.core.programs.fitness import UnfitProgramError
from generator.core.programs.go_programs import install_hint
from generator.core.regex import regex
from generator.core.yaml import dump
from generator.schemas.catalogue import SchemaCatalog, minors
from generator.schemas.custom_rules import with_defaults
from generator.schemas.schema_error import SchemaError, resolve_path, sort_schema_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

_TIMEOUT_SECONDS: Final = 600
_SHOWN: Final = 200
_CONFIG_MAP: Final = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "probe"}}
_DEPLOYMENT: Final = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "probe"},
    "spec": {
        "selector": {"matchLabels": {"app": "probe"}},
        "template": {
            "metadata": {"labels": {"app": "probe"}},
            "spec": {"containers": [{"name": "probe", "image": "probe:1", "ports": [{"containerPort": 80}]}]},
        },
    },
}
_NO_TEMPLATE: Final = {"selector": {"matchLabels": {"app": "probe"}}, "replicas": "two"}
# Probe objects by name, each with the status that kubeconform must report.
_PROBES: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "probe-valid": (_CONFIG_MAP, "statusValid"),
    "probe-unknown-key": ({**_CONFIG_MAP, "dada": {}}, "statusInvalid"),
    "probe-deployment": (_DEPLOYMENT, "statusValid"),
    "probe-no-deployment": ({**_DEPLOYMENT, "spec": _NO_TEMPLATE}, "statusInvalid"),
    "probe-no-schema": ({**_CONFIG_MAP, "apiVersion": "probe.invalid/v1"}, "statusError"),
}
# A leaf of kubeconform's tree of errors: a JSON pointer in Go's quoting, and the error at that path.
_LEAF: Final = regex(r"- at ('(?:[^'\\]|\\.)*'): (.*?)(?=\s+- at '|\Z)", re.DOTALL)
# The order of several names in a message is not stable.
_NAME: Final = regex(r"'(?:[^'\\]|\\.)*'")
_NAMES: Final = regex(rf"{_NAME.pattern}(?:, {_NAME.pattern})+")
# Nodes of that tree that only report that a node below them failed.
_INNER: Final = ("validation failed", "allOf failed")
_EMBEDDED: Final = "use --engine embedded to validate without kubeconform"


def validate(
    objects: Sequence[dict[str, Any]], catalogue: SchemaCatalog, binary: Path | None = None
) -> list[SchemaError]:
    """Return all schema errors of all objects, found with `binary` or else the installed kubeconform.

    Raises ToolError when there is none, or when its output does not show that it validated all objects.
    """
    binary = binary or find("kubeconform")
    if binary is None:
        raise ToolError(explain_absence("kubeconform"), hint=f"{install_hint('kubeconform')}; {_EMBEDDED}")
    with tempfile.TemporaryDirectory(prefix="servegen-") as folder:
        for index, tree in enumerate(objects):
            write(Path(folder), str(index), tree)
        verdicts = validate_folder(Path(folder), catalogue, binary)
    return [error for name, verdict in verdicts.items() for error in errors(int(name), objects[int(name)], verdict)]


def probe(binary: Path) -> None:
    """Validate the probe objects with the newest schemas. Raises UnfitProgramError if a verdict is not as expected."""
    try:
        validate([], SchemaCatalog.open(minors()[-1]), binary)
    except ToolError as error:
        found = " ".join(str(error).removeprefix(f"{binary} ").removeprefix("kubeconform ").split())
        message = f"{binary} does not work as kubeconform: expected the verdicts on known objects, but it"
        raise UnfitProgramError(f"{message} {found[:_SHOWN]}", hint=install_hint("kubeconform")) from None


class Verdict(Struct, frozen=True):
    """The result for an object that is not valid. `invalid`: it violates its schema; otherwise it was not validated."""

    invalid: bool
    message: str


def write(folder: Path, name: str, tree: dict[str, Any]) -> None:
    """Write an object to the file `name`.yaml in a folder that `validate_folder` validates."""
    (folder / f"{name}.yaml").write_text(dump(with_defaults(tree)), encoding="utf-8")


def validate_folder(folder: Path, catalogue: SchemaCatalog, binary: Path) -> dict[str, Verdict]:
    """Return the verdicts on the objects in `folder` (see `write`) that are not valid, by name, in order.

    Raises ToolError when the output of kubeconform does not show that it validated all objects.
    """
    names = sorted((path.stem for path in folder.iterdir()), key=lambda name: (len(name), name))
    for name, (tree, _) in _PROBES.items():
        write(folder, name, tree)
    done = try_run(_command(binary, catalogue, str(folder)), timeout=_TIMEOUT_SECONDS)
    if done.returncode not in (0, 1):
        raise ToolError(f"{binary} failed with code {done.returncode}:\n{done.stderr.strip()}", hint=_EMBEDDED)
    rows = _rows(done.stdout, done.stderr)
    expected = {*names, *_PROBES}
    if rows.keys() != expected:
        checked = len(rows.keys() & expected)
        raise ToolError(f"{binary} checked {checked} of {len(expected)} objects", hint=_EMBEDDED)
    for name, (_, status) in _PROBES.items():
        if rows[name].status != status:
            raise ToolError(f"{binary} gave the {name} {rows[name].status}, expected {status}", hint=_EMBEDDED)
    return {
        name: Verdict(rows[name].status == "statusInvalid", rows[name].message)
        for name in names
        if rows[name].status != "statusValid"
    }


def errors(index: int, tree: dict[str, Any], verdict: Verdict) -> list[SchemaError]:
    """Return the schema errors in a verdict on the object `tree`, which has the number `index`."""
    if not verdict.invalid:
        return [SchemaError(index, (), verdict.message, "error")]
    leaves = [(path, text) for path, text in _LEAF.findall(verdict.message) if not text.startswith(_INNER)]
    # A key that ends in a backslash breaks the quoting: the error is then reported for the whole object.
    found = sort_schema_errors(_schema_error(index, tree, *leaf) for leaf in leaves)
    return found or [SchemaError(index, (), verdict.message)]


def _command(binary: Path, catalogue: SchemaCatalog, folder: str) -> list[str]:
    locations = [argument for template in catalogue.locations() for argument in ("-schema-location", template)]
    flags = ["-strict", "-n", "1", "-output", "json", "-summary", "-verbose"]
    return [str(binary), *flags, "-kubernetes-version", f"{catalogue.kubernetes}.0", *locations, folder]


class _Outcome(NamedTuple):
    """What kubeconform prints about an object."""

    status: str
    message: str


def _rows(out: str, err: str) -> dict[str, _Outcome]:
    """Return the results by file name. Raises ToolError when the output is not as expected or the summary disagrees."""
    try:
        output = json.loads(out)
        rows = {
            Path(row["filename"]).stem: _Outcome(str(row["status"]), str(row["msg"])) for row in output["resources"]
        }
        counted = sum(output["summary"].values())
    except (ValueError, LookupError, TypeError, AttributeError):
        printed = f":\n{out}{err}".rstrip(":\n")
        raise ToolError(f"kubeconform printed no results{printed}", hint=_EMBEDDED) from None
    if counted != len(rows):
        raise ToolError(f"kubeconform counted {counted} objects but reported {len(rows)}", hint=_EMBEDDED)
    return rows


def _schema_error(index: int, tree: dict[str, Any], quoted: str, text: str) -> SchemaError:
    # A string that Go quotes, with escaped single quotes, is also a Python literal.
    pointer = str(ast.literal_eval(quoted))
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    return SchemaError(index, resolve_path(tree, steps), _NAMES.sub(_sorted, " ".join(text.split())))


def _sorted(names: re.Match[str]) -> str:
    return ", ".join(sorted(_NAME.findall(names[0])))
