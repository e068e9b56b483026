"""An ingress gateway in the cluster: Istio's control plane watches the API server, Envoy calls the pods' addresses.

Each caller gets a gateway of its own, behind Gateways in a namespace of their own, so that Istio objects of other tests
do not interfere.
"""

from __future__ import annotations

import base64
import json
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.e2e.identity import write_identity
from tests.e2e.mesh.gateway import Answer, Pod, Programs, Webhook, ask, connected, start_envoy, start_pilot
from tests.e2e.mesh.mesh import GATEWAYS, OF_ISTIO
from tests.e2e.waiting import until
from tests.support.processes import Processes, free_ports, listens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.kube import Tree
    from tests.e2e.repository import Repository
    from tests.e2e.rig import Rig

_HERE: Final = "127.0.0.1"
_WEBHOOKS: Final = "validatingwebhookconfigurations"
_NAME: Final = "rev.validation.istio.io"
DENIED: Final = f'admission webhook "{_NAME}" denied the request: configuration is invalid: '
"""The text before Istio's own message."""


@dataclass(frozen=True, slots=True)
class Ingress:
    """The running gateway."""

    rig: Rig
    namespace: str
    ports: dict[int, int]
    """The local port for each port of the gateway."""
    webhook: Webhook
    processes: Processes

    def ask(self, host: str, path: str = "/v2", port: int = 80) -> Answer:
        """Send one request on a connection of its own."""
        with connected(self.ports[port]) as connection:
            return ask(connection, host, path)

    def lead_to(self, repository: Repository) -> None:
        """Attach a repository's routes to these Gateways, by a change of its platform file."""
        path = repository.root / "services" / "platform.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("istio-system/", f"{self.namespace}/"), encoding="utf-8")

    def verdict(self, tree: Tree, namespace: str | None = None) -> str:
        """Return why the API server would not create an object in a namespace; empty if it would.

        The default is the gateway's namespace.
        """
        namespace = namespace or self.namespace
        plural = f"{tree['kind'].lower()}s"
        address = f"{self.rig.address}/apis/{tree['apiVersion']}/namespaces/{namespace}/{plural}"
        body = json.dumps({**tree, "metadata": {"name": tree["metadata"]["name"], "namespace": namespace}}).encode()
        query = "?dryRun=All&fieldValidation=Strict"
        try:
            with urlopen(Request(address + query, body, {"Content-Type": "application/json"}), timeout=30):
                return ""
        except HTTPError as error:
            return str(json.load(error)["message"])

    @contextmanager
    def judging(self, *namespaces: str) -> Iterator[None]:
        """Have Istio's webhook validate the Istio objects in these namespaces and the gateway's while the block runs.

        Objects that it rejects, or cannot validate, are denied.
        """
        name = f"{self.namespace}-{secrets.token_hex(3)}"
        self.rig.apply([_configuration(name, self.webhook, (self.namespace, *namespaces))])
        try:
            until(f"the webhook {name}", self._judges)
            yield
        finally:
            self.rig.run("delete", _WEBHOOKS, name)

    def _judges(self) -> bool:
        """Return whether the webhook is active: the API server uses one only a little after it has accepted it."""
        tree = virtual_service("asked", self.namespace, "asked.example.com", self.namespace, [{}])
        return DENIED in self.verdict(tree)


@contextmanager
def ingress(rig: Rig, programs: Programs, folder: Path) -> Iterator[Ingress]:
    """Start a gateway, yield it, and delete it."""
    namespace = f"ingress-{secrets.token_hex(3)}"
    processes = Processes(folder, lambda _: None)
    first, second, https = free_ports(3)
    found = Ingress(
        rig, namespace, dict(zip(GATEWAYS, (first, second), strict=True)), _webhook(folder, https), processes
    )
    rig.run("create", "namespace", namespace)
    try:
        rig.apply(_objects(found))
        xds = start_pilot(programs, processes, Path(rig.kubeconfig), OF_ISTIO.pilot, found.webhook)
        start_envoy(programs, processes, xds, Pod(namespace, namespace))
        processes.await_("envoy", lambda: listens(https) and all(map(listens, found.ports.values())))
        yield found
    finally:
        processes.stop()
        rig.run("delete", "namespace", namespace, "--wait=false")


def virtual_service(name: str, namespace: str, host: str, gateways: str, http: list[Tree]) -> Tree:
    """Return a VirtualService as a user writes it by hand.

    It is attached to the Gateway of port 80 in the namespace `gateways`.
    """
    spec = {"hosts": [host], "gateways": [f"{gateways}/{GATEWAYS[80]}"], "http": http}
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": metadata, "spec": spec}


def _objects(found: Ingress) -> list[Tree]:
    """Return the Gateways, and the Service by which the control plane knows where their ports listen."""
    selector, version = {"istio": found.namespace}, "networking.istio.io/v1"
    entries = [
        {"name": f"http-{port}", "port": port, "targetPort": listens, "protocol": "TCP"}
        for port, listens in found.ports.items()
    ]
    servers = {
        name: [{"port": {"number": port, "name": f"http-{port}", "protocol": "HTTP"}, "hosts": ["*"]}]
        for port, name in GATEWAYS.items()
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "gateway", "namespace": found.namespace},
        "spec": {"selector": selector, "ports": entries},
    }
    gateways = [
        {
            "apiVersion": version,
            "kind": "Gateway",
            "metadata": {"name": name, "namespace": found.namespace},
            "spec": {"selector": selector, "servers": entry},
        }
        for name, entry in servers.items()
    ]
    return [service, *gateways]


def _webhook(folder: Path, port: int) -> Webhook:
    """Write a key and a self-signed certificate, and return the webhook that uses them."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Webhook(port, folder / "authority.crt", folder / "istiod.crt", folder / "istiod.key")
    write_identity("istiod", made.certificate, made.key)
    made.authority.write_bytes(made.certificate.read_bytes())
    return made


def _configuration(name: str, webhook: Webhook, namespaces: tuple[str, ...]) -> Tree:
    bundle = base64.b64encode(webhook.authority.read_bytes()).decode()
    here = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": list(namespaces)}
    rule = {
        "apiGroups": ["networking.istio.io"],
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["*"],
    }
    entry = {
        "name": _NAME,
        "clientConfig": {"url": f"https://{_HERE}:{webhook.port}/validate", "caBundle": bundle},
        "rules": [rule],
        "namespaceSelector": {"matchExpressions": [here]},
        "failurePolicy": "Fail",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    kind = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
    return {**kind, "metadata": {"name": name}, "webhooks": [entry]}
