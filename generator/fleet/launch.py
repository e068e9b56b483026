"""How a service starts its model server with its model: the result of the server's launch template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

if TYPE_CHECKING:
    from generator.spec.values.health import Health
    from generator.spec.values.metrics import Scrape


class ConfigFile(Struct, frozen=True):
    """A generated file: its text, and where it is mounted; without a mount it is in /config/ only."""

    text: str
    mount: str | None = None


class Endpoint(Struct, frozen=True):
    """A host and a port that the pod connects to for its model. An empty host is any host outside the cluster."""

    host: str
    port: int


class ModelFiles(Struct):
    """What a pod needs to have its model's files: mounts of the server, volumes by name, and init containers.

    `service_accounts` are the accounts that may read the files; empty if the service's own one does. `endpoints` are
    what the init containers connect to. `fetched` is the size in bytes of what they fetch, None if it is unknown, and
    `room` what the volumes for it may hold. `limited` is whether the disk of the pod has a limit.
    """

    mounts: list[dict[str, Any]] = field(default_factory=list)
    volumes: dict[str, dict[str, Any]] = field(default_factory=dict)
    init_containers: list[dict[str, Any]] = field(default_factory=list)
    service_accounts: tuple[str, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    fetched: int | None = 0
    room: int = 0
    limited: bool = True


class Launch(Struct, frozen=True):
    """How a server is started with its model.

    `mounts` maps each source of the model, by the name of its sub-model, to the path at which the server finds it.
    `shared_memory` is whether the processes of the server share memory in /dev/shm. `pre_stop` is a command that ends
    the server after the last request. `worker_arguments` are what the pods without the API add to the command if the
    model is spread over several nodes. `stop_seconds` is how long the server takes to end, in addition to the longest
    request. `refusal` holds the reason and a hint if the server cannot serve the model. `files` is what brings the
    model to the paths of `mounts`.
    """

    command: tuple[str, ...] = ()
    worker_arguments: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    config: dict[str, ConfigFile] = field(default_factory=dict)
    mounts: dict[str, str] = field(default_factory=dict)
    health: Health | None = None
    metrics: Scrape | None = None
    shared_memory: bool = False
    pre_stop: tuple[str, ...] = ()
    stop_seconds: int = 0
    refusal: tuple[str, str] | None = None
    files: ModelFiles = field(default_factory=ModelFiles)
