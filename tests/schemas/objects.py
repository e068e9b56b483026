"""Objects that an API server accepts, in many forms, and small mutations of them; the same in every run."""

from __future__ import annotations

import copy
from random import Random
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

Tree = dict[str, Any]
TEXTS: Final = ("on", "1e3", "010", "~", "a: b", "{{ x }}", "'", '"', "名字", "\U0001f600", "\x7f\u2028", "x\ny\n", "")
QUANTITIES: Final = ("500m", "2", 2, 0.5, "1Gi", "5G")


def good_objects(each: int) -> list[Tree]:
    """Return `each` objects of every kind."""
    random = Random(20261123)
    return [make(random) for make in _MAKERS for _ in range(each)]


def mutated_objects(good: list[Tree], each: int) -> list[tuple[str, Tree]]:
    """Return `each` mutations of every object, with the name of the mutation."""
    random = Random(20261124)
    names = sorted(_ACCIDENTS)
    return [(name, _mutated(tree, name, random)) for tree in good for name in random.sample(names, each)]


def _object(random: Random, api_version: str, kind: str, **parts: Any) -> Tree:
    texts = {key: random.choice(TEXTS) for key in ("a", "b/c", "0") if random.random() < 0.4}
    metadata = {"name": f"m-{random.randrange(99)}", "namespace": "serving", "annotations": texts}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}


def _some(random: Random, **parts: Any) -> Tree:
    """Return about two thirds of the parts, chosen at random."""
    return {key: value for key, value in parts.items() if random.random() < 0.67}


def _probe(random: Random) -> Tree:
    action = {"httpGet": {"path": "/ready", "port": random.choice((8000, "http"))}}
    shell = {"exec": {"command": ["test", "-f", "/tmp/ok"]}}
    return {**random.choice((action, shell)), **_some(random, periodSeconds=60, failureThreshold=3)}


def _container(random: Random, name: str) -> Tree:
    amounts = {"cpu": random.choice(QUANTITIES), "memory": random.choice(QUANTITIES), "nvidia.com/gpu": 1}
    env = [
        {"name": "TZ", "value": random.choice(TEXTS)},
        {"name": "K8S_POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "hub", "key": "token"}}},
    ]
    return {
        "name": name,
        "image": "registry.example.com/serving:1",
        **_some(
            random,
            ports=[{"containerPort": 8000, **_some(random, name="http", protocol="TCP")}],
            env=env[: random.randrange(4)],
            command=["sh", "-c", random.choice(TEXTS)],
            resources={"limits": amounts, "requests": amounts},
            readinessProbe=_probe(random),
            volumeMounts=[{"name": "config", "mountPath": "/config", "readOnly": True}],
            securityContext={"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        ),
    }


def _deployment(random: Random) -> Tree:
    labels = {"app": "resnet50"}
    pod = {
        "containers": [_container(random, f"c{number}") for number in range(random.randint(1, 3))],
        **_some(
            random,
            volumes=[{"name": "config", "configMap": {"name": "c"}}, {"name": "shm", "emptyDir": {"sizeLimit": "2G"}}],
            nodeSelector={"gpu": "true"},
            tolerations=[{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
            terminationGracePeriodSeconds=30,
        ),
    }
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": random.choice((1, "25%")), "maxUnavailable": 0}}
    spec = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
        **_some(random, replicas=random.randrange(9), strategy=strategy, progressDeadlineSeconds=600),
    }
    return _object(random, "apps/v1", "Deployment", spec=spec)


def _service(random: Random) -> Tree:
    port = {"port": 80, **_some(random, name="http", targetPort=random.choice((8000, "http")), nodePort=30014)}
    optional = _some(random, type=random.choice(("ClusterIP", "NodePort")), externalIPs=["192.0.2.1"])
    return _object(random, "v1", "Service", spec={"selector": {"app": "a"}, "ports": [port], **optional})


def _service_account(random: Random) -> Tree:
    optional = _some(random, automountServiceAccountToken=False, imagePullSecrets=[{"name": "hubsecret"}])
    return _object(random, "v1", "ServiceAccount", **optional)


def _config_map(random: Random) -> Tree:
    texts = {f"file-{number}": random.choice(TEXTS) for number in range(random.randrange(4))}
    return _object(random, "v1", "ConfigMap", data=texts, **_some(random, immutable=True))


def _autoscaler(random: Random) -> Tree:
    target = {"type": "Utilization", "averageUtilization": random.randint(1, 99)}
    pods = {"metric": {"name": "gpu_utilization"}, "target": {"type": "AverageValue", "averageValue": "50"}}
    metrics = [
        {"type": "Resource", "resource": {"name": "cpu", "target": target}},
        {"type": "ContainerResource", "containerResource": {"name": "memory", "container": "m", "target": target}},
        {"type": "Pods", "pods": pods},
    ]
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "m"}
    optional = _some(random, minReplicas=2, metrics=random.sample(metrics, random.randint(1, 3)))
    spec = {"scaleTargetRef": reference, "maxReplicas": 9, **optional}
    return _object(random, "autoscaling/v2", "HorizontalPodAutoscaler", spec=spec)


def _budget(random: Random) -> Tree:
    amount = {random.choice(("minAvailable", "maxUnavailable")): random.choice((1, "50%"))}
    spec = {"selector": {"matchLabels": {"app": "a"}}, **amount}
    return _object(random, "policy/v1", "PodDisruptionBudget", spec=spec)


def _namespace(random: Random) -> Tree:
    return _object(random, "v1", "Namespace", **_some(random, spec={"finalizers": ["kubernetes"]}))


def _istio(random: Random) -> str:
    return f"networking.istio.io/{random.choice(('v1', 'v1beta1', 'v1alpha3'))}"


def _destination(random: Random) -> Tree:
    return {"host": "m.serving.svc.cluster.local", **_some(random, port={"number": 80})}


def _virtual_service(random: Random) -> Tree:
    match = {"uri": {random.choice(("exact", "prefix", "regex")): "/v1"}}
    route = {
        "route": [{"destination": _destination(random), "weight": weight} for weight in (80, 20)],
        **_some(
            random,
            match=[match, {"headers": {"x-user": {"exact": random.choice(TEXTS)}}}],
            timeout="300s",
            retries={"attempts": 3, "perTryTimeout": "2s", "retryOn": "5xx"},
            mirror=_destination(random),
            mirrorPercentage={"value": 12.5},
            corsPolicy={"allowOrigins": [{"exact": "https://example.com"}], "maxAge": "24h"},
            fault={"delay": {"fixedDelay": "5s", "percentage": {"value": 1}}},
        ),
    }
    redirect = {"match": [{"uri": {"exact": "/"}}], "redirect": {"uri": "/v2", "redirectCode": 302}}
    spec = {"hosts": ["m.example.com"], "gateways": ["istio-system/serving"], "http": [redirect, route]}
    return _object(random, _istio(random), "VirtualService", spec=spec)


def _destination_rule(random: Random) -> Tree:
    pool = {"http": {"http2MaxRequests": 9, "h2UpgradePolicy": "UPGRADE"}, "tcp": {"connectTimeout": "30s"}}
    hash_ = {"httpCookie": {"name": "user", "ttl": "0s"}, "minimumRingSize": 9}
    balancers = ({"simple": "LEAST_REQUEST"}, {"consistentHash": hash_}, {"simple": "ROUND_ROBIN"})
    policy = _some(random, connectionPool=pool, loadBalancer=random.choice(balancers), tls={"mode": "ISTIO_MUTUAL"})
    spec = {"host": "m", **_some(random, trafficPolicy=policy, subsets=[{"name": "v1", "labels": {"version": "1"}}])}
    return _object(random, _istio(random), "DestinationRule", spec=spec)


def _gateway(random: Random) -> Tree:
    port = {"number": random.choice((80, 8080)), "name": "http", "protocol": "HTTP"}
    server = {"port": port, "hosts": ["*"], **_some(random, tls={"httpsRedirect": False})}
    return _object(
        random, _istio(random), "Gateway", spec={"servers": [server], **_some(random, selector={"istio": "ingress"})}
    )


_MAKERS: Final = (
    _deployment,
    _service,
    _service_account,
    _config_map,
    _autoscaler,
    _budget,
    _namespace,
    _virtual_service,
    _destination_rule,
    _gateway,
)


def _wrong_type(value: Any) -> Any:
    return [value] if isinstance(value, str) else "text"


# Mutations of the value of one key anywhere in an object. Ellipsis deletes the key.
_ACCIDENTS: Final[dict[str, Callable[[Any], Any]]] = {
    "dropped": lambda _: ...,
    "null": lambda _: None,
    "wrong type": _wrong_type,
    "text for a number": lambda value: str(value) if isinstance(value, int) else 5,
    "number with a fraction": lambda _: 1.5,
    "far too large": lambda _: 2**40,
    "negative": lambda _: -1,
    "nested in a list": lambda value: [value],
    "nested in a map": lambda value: {"value": value},
    "other word": lambda value: f"{value}x",
    "hostile text": lambda _: "- at '/spec': it's \"\\ \U0001f600\x7f",
    "unknown keys": lambda value: {**value, "surprise": 1, "it's": 2} if isinstance(value, dict) else {"surprise": 1},
}


def _mutated(tree: Tree, name: str, random: Random) -> Tree:
    out = copy.deepcopy(tree)
    parent, key = random.choice(list(_places(out)))
    changed = _ACCIDENTS[name](parent[key])
    if changed is ...:
        del parent[key]
    else:
        parent[key] = changed
    return out


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every mapping or list with each of its keys or indices."""
    here = list(node.items()) if isinstance(node, dict) else list(enumerate(node)) if isinstance(node, list) else []
    return [(node, key) for key, _ in here] + [place for _, value in here for place in _places(value)]
