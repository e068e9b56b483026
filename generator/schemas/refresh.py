"""`make schemas`: fetch the upstream definitions, convert them, and write the archives and their lock file.

Needs the network, pip and Go. A source whose content is not what the lock file says is refused, unless --update.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Final

import yaml

from generator.errors import ToolError
from generator.schemas import archive, crds, kubernetes

HERE: Final = Path(__file__).parent
LOCK: Final = HERE / "schemas.lock.json"
WHEEL: Final = "kubernetes-validate==1.37.0"
MINORS: Final = ("1.32", "1.33", "1.34", "1.35", "1.36", "1.37")
# Go modules with the upstream definitions; one line adds another: module, version, files.
MODULES: Final = (("istio.io/api", "v1.30.3", ("kubernetes/customresourcedefinitions.gen.yaml",)),)


def main() -> int:
    """Write everything; print what changed."""
    options = argparse.ArgumentParser(prog="python -m generator.schemas.refresh", description=__doc__)
    options.add_argument("--update", action="store_true", help="accept sources that differ from the lock file")
    update = options.parse_args().update
    old = json.loads(LOCK.read_text(encoding="utf-8")) if LOCK.is_file() else {"sources": {}}
    lock: dict[str, Any] = {"sources": {}, "archives": {}, "unchecked_rules": {}}
    with tempfile.TemporaryDirectory() as folder:
        meta = _kubernetes(Path(folder), lock)
        _custom(meta, lock)
    changed = [name for name, sha in lock["sources"].items() if old["sources"].get(name, sha) != sha]
    if changed and not update:
        sys.stderr.write(f"these sources differ from the lock file: {', '.join(changed)}; use --update\n")
        return 1
    LOCK.write_text(json.dumps(lock, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def _kubernetes(folder: Path, lock: dict[str, Any]) -> dict[str, Any]:
    _run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), WHEEL])
    wheel = next(folder.glob("*.whl"))
    lock["sources"][WHEEL] = archive.digest(wheel.read_bytes())
    with zipfile.ZipFile(wheel) as content:
        content.extractall(folder / "wheel")
    root = folder / "wheel" / "kubernetes_validate" / "kubernetes-json-schema"
    for minor in MINORS:
        _write(f"kubernetes-{minor}", kubernetes.convert(root / f"v{minor}.0-local-strict"), lock)
    return kubernetes.object_meta(root / f"v{MINORS[-1]}.0-local-strict")


def _custom(meta: dict[str, Any], lock: dict[str, Any]) -> None:
    files: dict[str, str] = {}
    for module, version, names in MODULES:
        said = json.loads(_run(["go", "mod", "download", "-json", f"{module}@{version}"]))
        for name in names:
            path = Path(said["Dir"]) / name
            lock["sources"][f"{module}@{version}/{name}"] = archive.digest(path.read_bytes())
            documents = yaml.load_all(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            for file, (schema, rules) in crds.convert(documents, meta).items():
                files[file] = kubernetes.dumps(schema)
                lock["unchecked_rules"][file] = rules
    _write("crds", files, lock)


def _write(name: str, files: dict[str, str], lock: dict[str, Any]) -> None:
    content = archive.pack(files)
    (HERE / f"{name}.tar.xz").write_bytes(content)
    lock["archives"][name] = {"schemas": len(files), "sha256": archive.digest(content)}
    sys.stdout.write(f"{name}: {len(files)} schemas, {len(content):,} bytes\n")


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ToolError(f"{' '.join(command)} failed:\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    raise SystemExit(main())
