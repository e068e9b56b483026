"""A pod on this machine: what a kubelet does with the objects of a `kustomize build`, without a cluster.

Volumes are laid, init containers run in order, then the containers start and are probed. A container that fails is not
started again: the pod has failed, and a test can ask why.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Event, Thread
from typing import TYPE_CHECKING, Any, Final

from tests.servers.container import Container, Launch
from tests.servers.images import Images
from tests.servers.objects import Given, Objects, PodError
from tests.servers.outcome import Failure, Phase, Stopped
from tests.servers.probes import Handler, Probe, Reply, request
from tests.servers.sandbox import Sandbox
from tests.servers.volumes import Volume, lay_volumes

if TYPE_CHECKING:
    from types import TracebackType

    from tests.servers.objects import Tree

PATIENCE_SECONDS: Final = 240
_LEAST_SECONDS: Final = 2
"""What a kubelet leaves to a container after a hook that took the whole grace period."""


@dataclass(slots=True)
class Pod:
    """A pod. As a context manager, it is killed at the end."""

    objects: Objects
    images: Images
    volumes: dict[str, Volume]
    sandbox: Sandbox
    pace: float
    """The factor of the periods and initial delays of probes."""
    phase: Phase = Phase.PENDING
    failure: Failure | None = None
    events: list[str] = field(default_factory=list)
    containers: dict[str, Container] = field(default_factory=dict)
    _ready: set[str] = field(default_factory=set)
    _started: set[str] = field(default_factory=set)
    _changed: Condition = field(default_factory=Condition)
    _over: Event = field(default_factory=Event)

    @classmethod
    def create(
        cls,
        trees: Iterable[Tree | None],
        folder: Path,
        images: Images,
        given: Given | None = None,
        *,
        deployment: str | None = None,
        pace: float = 1,
    ) -> Pod:
        """Read the objects and lay the volumes; no container is started. Raises PodError if a source is missing."""
        objects = Objects.of(trees, given or Given(), deployment)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        volumes = lay_volumes(objects, folder / "volumes")
        memory = {volume.source: volume.memory for volume in volumes.values() if volume.memory is not None}
        return cls(objects, images, volumes, Sandbox.start(folder, memory), pace)

    def __enter__(self) -> Pod:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for container in self.containers.values():
            container.send(signal.SIGKILL)
            container.wait()
        self.sandbox.close()

    def start(self) -> Pod:
        """Start the init containers, then the others, without waiting for them."""
        Thread(target=self._run, daemon=True).start()
        return self

    def _run(self) -> None:
        try:
            self._change(Phase.INITIALIZING)
            for tree in self.objects.spec.get("initContainers") or ():
                if not self._initialize(tree):
                    return
            trees = self.objects.spec["containers"]
            for tree in trees:
                self._start(tree)
            self._change(Phase.RUNNING)
            for tree in trees:
                self._probe(tree)
        except PodError as error:
            self._fail(Failure("", "mount", str(error)))

    def _start(self, tree: Tree) -> Container:
        launch = Launch.of(tree, self.objects, self.images, self.volumes)
        container = self.containers[tree["name"]] = Container.start(launch, self.sandbox)
        self._tell(f"{tree['name']} started")
        return container

    def _initialize(self, tree: Tree) -> bool:
        """Run an init container, and return whether the next may start. A sidecar only has to be started."""
        container = self._start(tree)
        if tree.get("restartPolicy") == "Always":
            self._probe(tree)
            self._until(lambda: tree["name"] in self._started or self.failure is not None, None)
            return self.failure is None
        code = container.wait()
        self._tell(f"{tree['name']} ended with {code}")
        if code:
            self._fail(Failure(tree["name"], "init", container.output()[-2000:], code))
        return code == 0 and not self._over.is_set()

    def _probe(self, tree: Tree) -> None:
        """Watch for the end of a container, and probe it."""
        name = tree["name"]
        Thread(target=self._watch_end, args=(self.containers[name],), daemon=True).start()
        if not self._watch(tree, "startup"):
            self._set_started(tree)

    def _set_started(self, tree: Tree) -> None:
        with self._changed:
            self._started.add(tree["name"])
            self._changed.notify_all()
        self._watch(tree, "liveness")
        if not self._watch(tree, "readiness"):
            self._set_ready(tree["name"], ready=True)

    def _watch(self, tree: Tree, kind: str) -> bool:
        """Start a probe in the background; False if the container has none of this kind."""
        probe, container = Probe.of(tree, kind, self.pace), self.containers[tree["name"]]
        if probe is None:
            return False

        def call(handler: Handler, seconds: float) -> str | None:
            return handler.call(container, self.sandbox, seconds)

        def tell(good: bool, why: str) -> bool:
            return self._judge(tree, kind, good=good, why=why)

        Thread(target=probe.watch, args=(call, self._over, tell), daemon=True).start()
        return True

    def _judge(self, tree: Tree, kind: str, *, good: bool, why: str) -> bool:
        """Act on a changed result of a probe, and return whether to go on with this probe."""
        name = tree["name"]
        self._tell(f"{name} {kind} {'succeeded' if good else f'failed: {why}'}")
        if kind == "readiness":
            self._set_ready(name, ready=good)
            return True
        if not good:
            self._fail(Failure(name, kind, why))
            Thread(target=self._end, args=(tree, None), daemon=True).start()
            return False
        if kind == "startup":
            self._set_started(tree)
            return False
        return True

    def _watch_end(self, container: Container) -> None:
        code = container.wait()
        if not self._over.is_set():
            self._tell(f"{container.launch.name} ended with {code}")
            self._fail(Failure(container.launch.name, "exit", container.output()[-2000:], code))

    def _set_ready(self, name: str, *, ready: bool) -> None:
        with self._changed:
            (self._ready.add if ready else self._ready.discard)(name)
            whole = self._ready >= {tree["name"] for tree in self.objects.spec["containers"]}
            if self.phase in (Phase.RUNNING, Phase.READY):
                self.phase = Phase.READY if whole else Phase.RUNNING
            self._changed.notify_all()

    def _fail(self, failure: Failure) -> None:
        with self._changed:
            if self.phase not in (Phase.FAILED, Phase.STOPPED):
                self.phase, self.failure = Phase.FAILED, failure
            self._changed.notify_all()

    def _change(self, phase: Phase) -> None:
        with self._changed:
            self.phase = phase
            self._changed.notify_all()

    def _tell(self, event: str) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def _until(self, condition: Callable[[], bool], seconds: float | None) -> bool:
        with self._changed:
            return self._changed.wait_for(condition, seconds)

    def log(self) -> str:
        """The events, and the end of each container's log, for messages of tests."""
        logs = [f"--- {name}\n{container.output()[-3000:]}" for name, container in self.containers.items()]
        return "\n".join([f"{self.phase.value} {self.failure or ''}", *self.events, *logs])

    def wait_ready(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until all containers are ready. Raises AssertionError if the pod fails, or is late."""
        self._until(lambda: self.phase in (Phase.READY, Phase.FAILED), seconds)
        assert self.phase is Phase.READY, f"not ready\n{self.log()}"

    def wait_failure(self, seconds: float = PATIENCE_SECONDS) -> Failure:
        """Wait until the pod has failed, and return why. Raises AssertionError if it gets ready, or is late."""
        self._until(lambda: self.phase in (Phase.READY, Phase.FAILED), seconds)
        assert self.phase is Phase.FAILED, f"not failed\n{self.log()}"
        assert self.failure is not None
        return self.failure

    def wait_event(self, start: str, seconds: float = PATIENCE_SECONDS) -> str:
        """Wait for an event whose text starts so, and return it. Raises AssertionError if it does not come in time."""
        assert self._until(lambda: any(event.startswith(start) for event in self.events), seconds), self.log()
        return next(event for event in self.events if event.startswith(start))

    def probe(self, kind: str) -> str | None:
        """Call a probe of the first container once. Return None if it succeeds, else why not."""
        tree = self.objects.spec["containers"][0]
        probe, container = Probe.of(tree, kind, self.pace), self.containers[tree["name"]]
        assert probe is not None, f"no {kind} probe"
        return probe.handler.call(container, self.sandbox, probe.timeout)

    def http(self, port: int, path: str, body: Any = None, seconds: float = 60) -> Reply:
        """Send a request from inside the pod's network: GET, or POST with a body as JSON."""
        return self.begin(port, path, body, seconds).result()

    def status(self, port: int, path: str) -> int:
        """Return the status of the answer to a request; 0 if nothing answers."""
        try:
            return self.http(port, path).status
        except OSError:
            return 0

    def begin(self, port: int, path: str, body: Any = None, seconds: float = 60) -> Future[Reply]:
        """Send a request without waiting for the answer."""
        data = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        return self.sandbox.ask(lambda: request(port, path, data, headers, seconds))

    def stop(self) -> Stopped:
        """End the pod as a kubelet does, and return how its first container ended."""
        return self.begin_stop().result()

    def begin_stop(self) -> Future[Stopped]:
        """End the pod as a kubelet does, without waiting for its end."""
        out: Future[Stopped] = Future()
        Thread(target=lambda: out.set_result(self._stop()), daemon=True).start()
        return out

    def _stop(self) -> Stopped:
        self._over.set()
        ends = [self._ending(tree) for tree in self.objects.spec["containers"]]
        results = [ending.result() for ending in ends]
        self._change(Phase.STOPPED)
        return results[0]

    def _ending(self, tree: Tree) -> Future[Stopped]:
        out: Future[Stopped] = Future()
        Thread(target=self._end, args=(tree, out), daemon=True).start()
        return out

    def _end(self, tree: Tree, result: Future[Stopped] | None) -> None:
        """Call the container's hook, then terminate it; after the grace period kill it."""
        container, begun = self.containers[tree["name"]], time.monotonic()
        grace = self.objects.spec.get("terminationGracePeriodSeconds", 30)
        hook = (tree.get("lifecycle") or {}).get("preStop")
        if hook and container.exit_code is None:
            self._call_hook(Handler(hook, tree.get("ports") or ()), container, grace)
        self._tell(f"SIGTERM for {tree['name']}")
        container.send(signal.SIGTERM)
        left = max(_LEAST_SECONDS, grace - (time.monotonic() - begun))
        killed = container.wait(left) is None
        if killed:
            container.send(signal.SIGKILL)
        code = container.wait()
        if result is not None:
            result.set_result(Stopped(code, time.monotonic() - begun, killed))

    def _call_hook(self, hook: Handler, container: Container, seconds: float) -> None:
        if "sleep" in hook.tree:
            container.wait(min(hook.tree["sleep"]["seconds"], seconds))
        else:
            why = hook.call(container, self.sandbox, seconds)
            self._tell(f"{container.launch.name} preStop {'succeeded' if why is None else f'failed: {why}'}")
