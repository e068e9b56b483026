"""`python -m tests.e2e [-- PYTEST OPTIONS]`: build what is missing, start it, run the tests, stop it.

With --kubeconfig, the tests run in that cluster instead. The runner detects what it lacks (Argo CD, Flux, kinds,
simulated nodes), and prints which tests are not run. --prepare adds kinds and nodes to a disposable cluster. For Argo
CD and Flux, the cluster must reach this machine's Git server: --host. Without the part `core` no cluster is started:
--parts istio runs only the tests that need nothing but Istio and Envoy, --parts metrics those that need nothing but
Prometheus, and --parts servers only those of Triton, a part of tests/servers.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.conftest import ROOT, find_program
from tests.e2e import argocd, cluster, flux, given, network
from tests.e2e.build import build, build_programs, cache, take_folder
from tests.e2e.cluster import Cluster
from tests.e2e.rig import VARIABLE, Rig
from tests.servers.install import install, install_prometheus, lacking, variables
from tests.support.processes import Processes, answers, free_ports, listens, tie

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.build import Built

_MODULES: Final = {
    "core": ("kubernetes", "judge", "etcd", "kwok", "kube-score", "cyclonus"),
    "argocd": ("argocd", "redis"),
    "flux": ("flux-source", "flux-kustomize"),
    "istio": ("istio",),
    "metrics": ("prometheus", "prometheus-adapter", "grafana-judge"),
    "operators": ("keda-operator", "keda-adapter", "lws", "kueue", "prometheus"),
}
# The module of each operator, whose folder `config` has the manifests that install it.
_INSTALLED: Final = {"keda": "keda-operator", "lws": "lws", "kueue": "kueue"}
_SERVERS: Final = ("triton", "storage", "moto")
_WORKERS: Final = "8"  # tests mostly wait for controllers
_GRACE_SECONDS: Final = 10
_INTERRUPTED, _TERMINATED = 130, 143


def main() -> int:
    """Run the command, and return its exit code, which is pytest's if tests were run."""
    options = _options()
    if options.build:
        _build_all(options)
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # by default, a background job of a shell ignores SIGINT
    try:
        places = _install_servers(options)
        with _running(options) as rig:
            if options.up:
                enter = f"nsenter --net=/proc/{os.getpid()}/ns/net env {VARIABLE}={rig}"
                _say(f"{enter} pytest tests/e2e (interrupt to stop)")
                signal.pause()
            return _pytest(options.pytest, rig, places)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e", description=__doc__)
    parser.add_argument(
        "--parts", default="core,argocd,flux,istio,metrics,servers", help="what to start (default: %(default)s)"
    )
    parser.add_argument("--kubeconfig", type=Path, help="run the tests in this cluster")
    parser.add_argument(
        "--host", default="127.0.0.1", help="where the Git server listens for it (default: %(default)s)"
    )
    parser.add_argument(
        "--prepare",
        action="store_true",
        help="add simulated nodes and missing kinds to that cluster; its own nodes are cordoned during the tests",
    )
    parser.add_argument("--build", action="store_true", help="build what is missing, and start nothing")
    parser.add_argument("--up", action="store_true", help="start everything, and wait for an interrupt")
    parser.add_argument("pytest", nargs="*", help="options and files for pytest, after --")
    return parser.parse_args()


def _build_all(options: argparse.Namespace) -> None:
    _install_servers(options)
    _build_istio(options)
    if _has_cluster(options):
        _build(options)


def _build(options: argparse.Namespace) -> Built:
    """Build the programs that the runner starts."""
    parts = (part for part in options.parts.split(",") if part not in ("istio", "servers"))
    return build(tuple(key for part in parts for key in _MODULES[part]), _say)


def _build_istio(options: argparse.Namespace) -> str | None:
    """Build Istio's programs, which the tests start, and return their folder; None if they are not requested."""
    if "istio" not in options.parts.split(","):
        return None
    return str(build_programs(_MODULES["istio"], _say)["istioctl"].parent)


def _install_servers(options: argparse.Namespace) -> dict[str, Path]:
    """Install Triton and what its tests need, and return the folders; none if not requested, or if they cannot run."""
    if "servers" not in options.parts.split(","):
        return {}
    if why := lacking():
        _say(f"not run: the tests marked servers: {why}")
        return {}
    return install(_SERVERS, _say) | install_prometheus(_say)


def _has_cluster(options: argparse.Namespace) -> bool:
    return options.kubeconfig is not None or "core" in options.parts.split(",")


@contextmanager
def _running(options: argparse.Namespace) -> Iterator[Path]:
    """Start everything, and yield the file that describes it; at the end, stop and delete everything."""
    folder, begun = Path(tempfile.mkdtemp(prefix="servegen-e2e-")), time.monotonic()
    processes = Processes(folder / "logs", _say)
    try:
        istio = _build_istio(options)  # before the cluster, whose network has no access to other machines
        with _started(options, processes, folder) as rig:
            replace(rig, istio=istio).write(folder / "rig.json")
            _say(f"all of it ready after {time.monotonic() - begun:.1f} s")
            yield folder / "rig.json"
    finally:
        processes.stop()
        _report(processes, folder)
        shutil.rmtree(folder, ignore_errors=True)


def _started(options: argparse.Namespace, processes: Processes, folder: Path) -> AbstractContextManager[Rig]:
    if not _has_cluster(options):
        return nullcontext(_without_cluster(options))
    return _given(options, processes, folder) if options.kubeconfig else _own(options, processes, folder)


def _without_cluster(options: argparse.Namespace) -> Rig:
    """Build the programs of `metrics` if they are requested: some of their tests need no cluster."""
    if "metrics" not in options.parts.split(","):
        return Rig()
    programs = build_programs(_MODULES["metrics"], _say)
    return Rig(prometheus=str(programs["prometheus"]), grafana_judge=str(programs["grafana-judge"]))


@contextmanager
def _own(options: argparse.Namespace, processes: Processes, folder: Path) -> Iterator[Rig]:
    """Start a cluster for the tests, in a network namespace of its own if the system allows that."""
    parts, built = options.parts.split(","), _build(options)
    operators = _operators(built) if "operators" in parts else {}
    shared = network.leave()
    _say(f"in this machine's network ({shared})" if shared else "in a network of its own")
    made = cluster.start(built, processes, folder)
    root, address = _serve_git("127.0.0.1", processes, folder)
    if "argocd" in parts:
        argocd.start(built, processes, made, _program("kustomize"))
    if "flux" in parts:
        flux.start(built, processes, made)
    yield Rig(
        kubectl=str(made.kubectl),
        kubeconfig=str(made.kubeconfig),
        address=made.address,
        git_root=root,
        git_address=address,
        paper=True,
        usage=str(made.usage),
        pods=shared is None,
        argocd="argocd" in parts,
        flux="flux" in parts,
        prometheus=_path(built, "prometheus"),
        adapter=_path(built, "prometheus-adapter"),
        grafana_judge=_path(built, "grafana-judge"),
        operators=operators,
    )


def _operators(built: Built) -> dict[str, str]:
    """Return the paths of the operators' programs, and of their manifests."""
    programs = {name: str(built.programs[name]) for name in _MODULES["operators"]}
    return programs | {f"{name}-config": str(take_folder(key, "config")) for name, key in _INSTALLED.items()}


def _path(built: Built, name: str) -> str | None:
    """Return the path of a program that tests start, None if it is not built."""
    return str(built.programs[name]) if name in built.programs else None


@contextmanager
def _given(options: argparse.Namespace, processes: Processes, folder: Path) -> Iterator[Rig]:
    """Connect to an existing cluster, and yield its description."""
    kubectl, (port,) = _program("kubectl"), free_ports(1)
    processes.start("kubectl-proxy", [kubectl, "--kubeconfig", options.kubeconfig, "proxy", f"--port={port}"])
    address = f"http://127.0.0.1:{port}"
    processes.await_("cluster", lambda: answers(f"{address}/readyz"))
    there = Cluster(folder, kubectl, options.kubeconfig.resolve(), address, folder / "usage.json")
    kinds = {tree["metadata"]["name"] for tree in there.kube.list(*cluster.CRDS)}
    lacking = given.RENDERED - kinds
    if lacking and not options.prepare:
        named = ", ".join(sorted(lacking))
        _say(f"tests that apply these kinds will fail, for the cluster lacks them (see --prepare): {named}")
    root, git = _serve_git(options.host, processes, folder)
    rig = Rig(
        kubectl=str(kubectl),
        kubeconfig=str(there.kubeconfig),
        address=address,
        git_root=root,
        git_address=git,
        paper=options.prepare,
        argocd="applications.argoproj.io" in kinds,
        flux="kustomizations.kustomize.toolkit.fluxcd.io" in kinds,
    )
    with given.prepared(there, build(("kwok",), _say), processes, lacking) if options.prepare else nullcontext():
        yield rig


def _serve_git(host: str, processes: Processes, folder: Path) -> tuple[str, str]:
    """Start the Git server, and return the folder of the repositories and the URL at which they are served."""
    root, (port,) = folder / "git", free_ports(1)
    root.mkdir()
    command = [sys.executable, "-m", "tests.e2e.githost", "--host", host, "--port", str(port), "--root", str(root)]
    processes.start("git", command)
    processes.await_("git", lambda: listens(port, host))
    return str(root), f"http://{host}:{port}"


def _program(name: str) -> Path:
    found = find_program(name)
    if found is None:
        sys.exit(f"{name} is not installed")
    return found


def _pytest(options: list[str], rig: Path, places: dict[str, Path]) -> int:
    workers = [] if "-n" in options else ["-n", _WORKERS, "--dist", "load", "--maxschedchunk", "1"]
    # What pytest collects if the options name no files.
    default = ["--override-ini", "testpaths=tests/e2e tests/servers"]
    marks = _marks(Rig.load(rig), servers=bool(places))
    command = [sys.executable, "-m", "pytest", *default, *workers, "-m", marks, *options]
    environment = {**os.environ, VARIABLE: str(rig), **(variables(places) if places else {})}
    return _wait(subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=tie()))


def _wait(tests: subprocess.Popen[bytes]) -> int:
    """Return the exit code of the tests. If the runner is terminated, they get some seconds to clean up."""
    try:
        return tests.wait()
    except SystemExit:
        tests.send_signal(signal.SIGINT)  # after an interrupt, the terminal has sent it already
        raise
    finally:
        try:
            tests.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            tests.kill()
            tests.wait()


def _marks(rig: Rig, *, servers: bool) -> str:
    """Return the tests that can run, as an expression of marks, and print which cannot."""
    if not rig.address:
        _say("not run: the tests that need a cluster, since none is started")
        there = {"istio and not pods": rig.istio, "metrics and not own": rig.prometheus, "smoke": servers}
        return " or ".join(mark for mark, value in there.items() if value)
    lacking = _lacking(rig)
    for part, why in lacking.items():
        _say(f"not run: the tests marked {part}, since {why}")
    return " and ".join(["(smoke or not servers)", *(f"not {part}" for part in lacking)])


def _lacking(rig: Rig) -> dict[str, str]:
    """Return the marks of the tests that cannot run, each with the reason."""
    needs = {
        "argocd": (rig.argocd, "Argo CD is not there"),
        "flux": (rig.flux, "Flux is not there"),
        "paper": (rig.paper, "the nodes are real (see --prepare)"),
        "metrics": (rig.prometheus is not None, "Prometheus is not built"),
        "own": (rig.usage is not None, "they need schedulers, metrics and logs as only a cluster of our own has them"),
        "pods": (rig.pods, "the pods' addresses are not this process's"),
        "istio": (rig.istio is not None, "Istio is not asked for"),
    }
    return {part: why for part, (there, why) in needs.items() if not there}


def _report(processes: Processes, folder: Path) -> None:
    """Print the memory and disk space that the run used."""
    for name, peak in processes.peaks.items():
        _say(f"{name}: {peak / 1e6:.0f} MB at the most")
    _say(f"all of it: {sum(processes.peaks.values()) / 1e9:.1f} GB at the most")
    for what, place in (("written", folder), ("cache", cache())):
        size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
        _say(f"{what}: {size / 1e6:.0f} MB")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
