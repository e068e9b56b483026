"""`make schemas`: fetch the upstream definitions, convert them, and write the archives and their lock file.

Needs the network, pip and Go. A source that differs from the lock file, or is missing in it, stops the run before
anything is written, unless --update is given.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from generator.core.errors import ServegenError, ToolError
from generator.core.programs import run
from generator.schemas.bundled import archive, crds, kubernetes
from generator.schemas.catalogue import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE: Final = Path(__file__).parent
LOCK: Final = HERE / "schemas.lock.json"
WHEEL: Final = "kubernetes-validate==1.37.0"
MINORS: Final = ("1.32", "1.33", "1.34", "1.35", "1.36", "1.37")
# The Go modules with the upstream definitions: module, version, files. Each further module needs one more entry.
MODULES: Final = (
    ("istio.io/api", "v1.30.3", ("kubernetes/customresourcedefinitions.gen.yaml",)),
    (
        "sigs.k8s.io/gateway-api",
        "v1.6.0",
        (
            "config/crd/standard/gateway.networking.k8s.io_gateways.yaml",
            "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
        ),
    ),
    (
        "github.com/fluxcd/kustomize-controller",
        "v1.9.4",
        ("config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml",),
    ),
    (
        "github.com/fluxcd/source-controller",
        "v1.9.1",
        ("config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml",),
    ),
    (
        "github.com/argoproj/argo-cd/v3",
        "v3.5.3",
        ("manifests/crds/application-crd.yaml", "manifests/crds/appproject-crd.yaml"),
    ),
    (
        "github.com/external-secrets/external-secrets",
        "v1.3.2",
        ("config/crds/bases/external-secrets.io_externalsecrets.yaml",),
    ),
    (
        "github.com/kedacore/keda/v2",
        "v2.20.2",
        (
            "config/crd/bases/keda.sh_clustertriggerauthentications.yaml",
            "config/crd/bases/keda.sh_scaledobjects.yaml",
            "config/crd/bases/keda.sh_triggerauthentications.yaml",
        ),
    ),
    (
        "sigs.k8s.io/kueue",
        "v0.19.2",
        tuple(
            f"config/components/crd/bases/kueue.x-k8s.io_{kind}.yaml"
            for kind in ("clusterqueues", "cohorts", "localqueues", "resourceflavors", "workloadpriorityclasses")
        ),
    ),
    (
        "sigs.k8s.io/lws",
        "v0.8.0",
        ("config/crd/bases/leaderworkerset.x-k8s.io_leaderworkersets.yaml",),
    ),
    (
        "github.com/prometheus-operator/prometheus-operator",
        "v0.93.0",
        tuple(
            f"example/prometheus-operator-crd/monitoring.coreos.com_{kind}.yaml"
            for kind in ("podmonitors", "prometheusrules", "servicemonitors")
        ),
    ),
)


def main() -> int:
    """Write all archives and the lock file, and print what was written.

    Return the exit status: 3 when a source cannot be fetched or differs from the lock file.
    """
    parser = argparse.ArgumentParser(prog="python -m generator.schemas.bundled.refresh", description=__doc__)
    parser.add_argument("--update", action="store_true", help="accept sources that differ from the lock file")
    locked = None if parser.parse_args().update else json.loads(LOCK.read_text(encoding="utf-8"))["sources"]
    try:
        with tempfile.TemporaryDirectory() as folder:
            _refresh(Path(folder), locked)
    except ServegenError as error:
        sys.stderr.write(f"{error}\n{error.hint}\n")
        return error.exit_code
    return 0


def verify(found: Mapping[str, str], locked: Mapping[str, str]) -> None:
    """Compare sources (name -> SHA-256) with those of the lock file. Raises ToolError when one differs or is new."""
    different = [name for name, sha256 in found.items() if locked.get(name) != sha256]
    if different:
        raise ToolError(
            f"not what {LOCK.name} says: {', '.join(different)}", hint="check what changed, then use --update"
        )


def _refresh(folder: Path, locked: Mapping[str, str] | None) -> None:
    wheel, definitions = _wheel(folder), _definitions()
    sources = {WHEEL: wheel, **{name: path.read_bytes() for name, path in definitions.items()}}
    digests = {name: archive.digest(content) for name, content in sources.items()}
    if locked is not None:
        verify(digests, locked)
    schemas = _unzipped(folder)
    archives = {f"kubernetes-{minor}": kubernetes.convert(schemas / f"v{minor}.0-local-strict") for minor in MINORS}
    custom = _converted(definitions, kubernetes.object_meta(schemas / f"v{MINORS[-1]}.0-local-strict"))
    archives["crds"] = {name: kubernetes.dumps(schema) for name, (schema, _) in custom.items()}
    archives["crds"] |= {f"{RULES}/{name}": kubernetes.dumps(rules) for name, (_, rules) in custom.items() if rules}
    lock = {
        "sources": digests,
        "archives": {name: _written(name, files) for name, files in archives.items()},
    }
    LOCK.write_text(json.dumps(lock, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _wheel(folder: Path) -> bytes:
    run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), WHEEL], timeout=None)
    return next(folder.glob("*.whl")).read_bytes()


def _unzipped(folder: Path) -> Path:
    """Unpack the wheel, and return its folder that has one folder of schemas per version."""
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as content:
        content.extractall(folder / "wheel")
    return folder / "wheel" / "kubernetes_validate" / "kubernetes-json-schema"


def _definitions() -> dict[str, Path]:
    """Download the Go modules, and return the files with CustomResourceDefinitions by their name in the lock file."""
    out: dict[str, Path] = {}
    for module, version, names in MODULES:
        output = run(["go", "mod", "download", "-json", f"{module}@{version}"], timeout=None).stdout
        folder = Path(json.loads(output)["Dir"])
        out |= {f"{module}@{version}/{name}": folder / name for name in names}
    return out


def _converted(
    definitions: Mapping[str, Path], object_meta: dict[str, Any]
) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    out: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for path in definitions.values():
        documents = yaml.load_all(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        out |= crds.convert(documents, object_meta)
    return out


def _written(name: str, files: dict[str, str]) -> dict[str, Any]:
    """Write an archive, and return its entry for the lock file.

    Releases of xz compress to different bytes, so an archive that already contains exactly these files is kept.
    """
    path = HERE / f"{name}.tar.xz"
    same = path.is_file() and archive.unpack(path.read_bytes()) == {n: text.encode() for n, text in files.items()}
    if not same:
        path.write_bytes(archive.pack(files))
    content = path.read_bytes()
    sys.stdout.write(f"{name}: {len(files)} schemas, {len(content):,} bytes, {'the same' if same else 'written'}\n")
    return {"schemas": len(files), "sha256": archive.digest(content)}


if __name__ == "__main__":
    raise SystemExit(main())
