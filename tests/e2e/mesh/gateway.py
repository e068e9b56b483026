"""Istio's control plane and the Envoy of an ingress gateway as child processes, and requests to the gateway."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

from tests.support.processes import Processes, free_ports, listens

if TYPE_CHECKING:
    from collections.abc import Mapping

_REQUEST_SECONDS: Final = 60
_FIXTURES: Final = Path(__file__).parent / "fixtures"
_HERE: Final = "127.0.0.1"
# The first two filters exist only in Istio's own proxy: Envoy rejects them. The rest needs more of Kubernetes.
_PILOT: Final = {
    "PILOT_ENABLE_METADATA_EXCHANGE": "false",
    "PILOT_ENABLE_ALPN_FILTER": "false",
    "PILOT_ENABLE_IP_AUTOALLOCATE": "false",
    "PILOT_DEBOUNCE_AFTER": "10ms",
    "ENABLE_CA_SERVER": "false",
    "ENABLE_LEADER_ELECTION": "false",
    "XDS_AUTH": "false",
    "POD_NAME": "istiod-0",
    "POD_NAMESPACE": "istio-system",
}


@dataclass(frozen=True, slots=True)
class Programs:
    """The paths of the programs that are started."""

    pilot: Path
    envoy: Path


@dataclass(frozen=True, slots=True)
class Pod:
    """The pod of an Envoy: its namespace, and its label `istio`, by which Gateways and a Service select it."""

    namespace: str = "istio-system"
    label: str = "ingressgateway"


@dataclass(frozen=True, slots=True)
class Webhook:
    """How the control plane validates objects for the API server: its port, and its identity.

    The identity is three files; without all of them, the control plane has no certificate.
    """

    port: int
    authority: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that a client of the gateway receives; the names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: str


def start_pilot(
    programs: Programs,
    processes: Processes,
    kubeconfig: Path,
    environment: Mapping[str, str],
    webhook: Webhook | None = None,
) -> int:
    """Start the control plane for a cluster, and return the port at which it accepts connections of an Envoy."""
    (xds,) = free_ports(1)
    processes.start(
        "pilot-discovery",
        [
            *(programs.pilot, "discovery", "--kubeconfig", kubeconfig, "--meshConfig", _FIXTURES / "mesh.yaml"),
            *("--networksConfig", processes.logs / "none", "--ctrlz_port", "0", "--shutdownDuration", "100ms"),
            *("--grpcAddr", f"{_HERE}:{xds}", "--httpAddr", f"{_HERE}:0", "--monitoringAddr", f"{_HERE}:0"),
            *("--secureGRPCAddr=", *(_judging(webhook) if webhook else ("--httpsAddr=",))),
        ],
        {**_PILOT, **environment},
    )
    processes.await_("pilot-discovery", lambda: listens(xds))
    return xds


def _judging(webhook: Webhook) -> tuple[str | Path, ...]:
    return (
        *("--httpsAddr", f"{_HERE}:{webhook.port}", "--caCertFile", webhook.authority),
        *("--tlsCertFile", webhook.certificate, "--tlsKeyFile", webhook.key),
    )


def start_envoy(programs: Programs, processes: Processes, xds: int, pod: Pod) -> int:
    """Start the gateway's Envoy, and return the port of its admin interface."""
    bootstrap, address = processes.logs / "envoy.yaml", processes.logs / "admin"
    text = Template((_FIXTURES / "envoy.yaml").read_text(encoding="utf-8"))
    bootstrap.write_text(text.substitute(xds=xds, namespace=pod.namespace, label=pod.label), encoding="utf-8")
    processes.start(
        "envoy",
        [
            *(programs.envoy, "-c", bootstrap, "--admin-address-path", address),
            *("--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warning"),
            *("--component-log-level", "misc:error"),  # no warning for each use of a deprecated field
        ],
    )
    processes.await_("envoy", lambda: address.is_file() and ":" in address.read_text(encoding="utf-8"))
    return int(address.read_text(encoding="utf-8").rpartition(":")[2])


def connected(port: int) -> closing[HTTPConnection]:
    """Return a connection to a port of the loopback device."""
    return closing(HTTPConnection(_HERE, port, timeout=_REQUEST_SECONDS))


def ask(
    connection: HTTPConnection,
    host: str,
    path: str = "/",
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """Send one request on a connection, which stays open, and return the response."""
    connection.request(method, path, body, {"host": host, **(headers or {})})
    response = connection.getresponse()
    text = response.read().decode()
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, text)
