"""Random but realistic objects, drawn from few names and values so that two of them share and differ in much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from random import Random

Object = dict[str, Any]

# Strings that a reader or printer of YAML could take for another type.
HOSTILE = [
    "8",
    "010",
    "1e3",
    "0o14",
    "on",
    "null",
    "~",
    "",
    "=",
    "<<",
    "1:30",
    "a: b",
    "- x",
    "\t",
    " x ",
    "x\n",
    "x\n\ty",
]
HOSTILE += [
    "a\nb\n",
    "\n\tx",
    "\n x",
    "x\r\ny",
    "<&>",
    "\u2028",
    "é😀",
    "{}",
    "#",
    "true",
    "2020-01-01",
    '"',
    "\\",
    "\x07",
]
TEXTS = st.one_of(
    st.sampled_from(["plain", "other", *HOSTILE]), st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]))
)
NUMBERS = st.sampled_from([0, 1, 5, 8080])


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Object]:
    """A strategy for mappings with any of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


def one(key: str, names: list[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Object]]:
    """A strategy for lists of up to four items with different values of `key`, in any order."""
    item = st.builds(lambda name, rest: {key: name, **rest}, st.sampled_from(names), some(**fields))
    return st.lists(item, max_size=4, unique_by=lambda found: found[key])


def texts(*keys: str) -> st.SearchStrategy[Object]:
    """A strategy for labels, annotations or a node selector."""
    return st.dictionaries(st.sampled_from(keys), TEXTS, min_size=1)


def port_list(key: str) -> st.SearchStrategy[list[Object]]:
    """A strategy for ports that all have a protocol or all have none; kustomize loses entries of a mixed list."""
    item = some(name=st.sampled_from(["http", "grpc"]))
    plain = st.builds(lambda number, rest: {key: number, **rest}, st.sampled_from([80, 8080, 9000]), item)
    protocols = st.sampled_from(["TCP", "UDP"])
    full = st.builds(lambda found, protocol: {**found, "protocol": protocol}, plain, protocols)
    return st.one_of(
        st.lists(plain, max_size=3, unique_by=lambda found: found[key]),
        st.lists(full, max_size=3, unique_by=lambda found: (found[key], found["protocol"])),
    )


_PORT = st.one_of(NUMBERS, st.sampled_from(["http", "8080"]))
_PROBE = some(
    httpGet=some(path=st.sampled_from(["/", "/ready"]), port=_PORT, httpHeaders=one("name", ["A", "B"], value=TEXTS)),
    tcpSocket=some(port=_PORT),
    periodSeconds=NUMBERS,
)
_ENV = {
    "value": TEXTS,
    "valueFrom": some(
        fieldRef=some(fieldPath=st.sampled_from(["status.podIP", "spec.nodeName"])),
        secretKeyRef=some(name=st.just("s"), key=st.just("k"), optional=st.booleans()),
    ),
}
_AMOUNTS = some(cpu=st.sampled_from(["1", 2, "500m", 0.5]), memory=st.sampled_from(["1Gi", "2Gi"]))
_CONTAINER = {
    "image": st.sampled_from(["repo/a:1", "repo/a@sha256:00"]),
    "command": st.lists(TEXTS, max_size=3),
    "args": st.lists(TEXTS, max_size=3),
    "stdin": st.booleans(),
    "env": one("name", ["A", "B", "C", "D", "on"], **_ENV),
    "envFrom": st.lists(some(configMapRef=some(name=st.sampled_from(["a", "b"]))), max_size=2),
    "ports": port_list("containerPort"),
    "volumeMounts": one("mountPath", ["/a", "/b", "/c"], name=st.sampled_from(["v", "w"]), readOnly=st.booleans()),
    "resources": some(limits=_AMOUNTS, requests=_AMOUNTS),
    "readinessProbe": _PROBE,
    "livenessProbe": _PROBE,
}
_VOLUME = {
    "emptyDir": some(medium=st.just("Memory")),
    "persistentVolumeClaim": some(claimName=st.sampled_from(["p", "q"])),
    "projected": some(sources=st.lists(some(configMap=some(name=TEXTS)), max_size=2)),
}
_TERM = some(matchExpressions=one("key", ["a", "b"], operator=st.just("In"), values=st.lists(TEXTS, max_size=2)))
_SPREAD = st.builds(
    lambda key, when, rest: {"topologyKey": key, "whenUnsatisfiable": when, **rest},
    st.sampled_from(["zone", "host"]),
    st.sampled_from(["DoNotSchedule", "ScheduleAnyway"]),
    some(maxSkew=NUMBERS, labelSelector=some(matchLabels=texts("app"))),
)
_POD = some(
    containers=one("name", ["main", "proxy", "tool"], **_CONTAINER),
    initContainers=one("name", ["first", "then"], **_CONTAINER),
    volumes=one("name", ["v", "w", "x", "1"], **_VOLUME),
    imagePullSecrets=one("name", ["hub", "mirror", "third"]),
    hostAliases=one("ip", ["10.0.0.1", "10.0.0.2"], hostnames=st.lists(TEXTS, max_size=2)),
    topologySpreadConstraints=st.lists(
        _SPREAD, max_size=3, unique_by=lambda found: (found["topologyKey"], found["whenUnsatisfiable"])
    ),
    tolerations=st.lists(some(key=TEXTS, operator=st.just("Exists"), tolerationSeconds=NUMBERS), max_size=2),
    nodeSelector=texts("gpu", "org", "on"),
    affinity=some(
        nodeAffinity=some(
            requiredDuringSchedulingIgnoredDuringExecution=some(nodeSelectorTerms=st.lists(_TERM, max_size=2))
        )
    ),
    serviceAccountName=TEXTS,
    terminationGracePeriodSeconds=NUMBERS,
    hostNetwork=st.booleans(),
)
_METADATA = some(labels=texts("app", "team"), annotations=texts("note", "on", "a.b/c"))


def _object(api: str, kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Object]:
    def whole(metadata: Object, rest: Object) -> Object:
        return {"apiVersion": api, "kind": kind, "metadata": {"name": "x", **metadata}, **rest}

    return st.builds(whole, _METADATA, some(**fields))


DEPLOYMENT = _object(
    "apps/v1",
    "Deployment",
    spec=some(
        replicas=NUMBERS,
        strategy=some(type=st.just("Recreate"), rollingUpdate=some(maxSurge=st.sampled_from([1, "25%"]))),
        template=some(metadata=_METADATA, spec=_POD),
    ),
)
SERVICE = _object(
    "v1",
    "Service",
    spec=some(
        ports=port_list("port"),
        selector=texts("app", "version"),
        type=st.sampled_from(["NodePort", "ClusterIP"]),
        externalIPs=st.lists(TEXTS, max_size=2),
    ),
)
ACCOUNT = _object(
    "v1",
    "ServiceAccount",
    imagePullSecrets=one("name", ["hub", "mirror"]),
    secrets=one("name", ["a", "b", "c"]),
    automountServiceAccountToken=st.booleans(),
)
AUTOSCALER = _object(
    "autoscaling/v2",
    "HorizontalPodAutoscaler",
    spec=some(
        minReplicas=NUMBERS,
        maxReplicas=NUMBERS,
        metrics=st.lists(some(type=st.sampled_from(["Resource", "Pods"]), resource=some(name=TEXTS)), max_size=3),
        behavior=some(scaleDown=some(stabilizationWindowSeconds=NUMBERS)),
    ),
)
ROUTE = _object(
    "networking.istio.io/v1",
    "VirtualService",
    spec=some(
        hosts=st.lists(TEXTS, max_size=2),
        http=one("name", ["a", "b"], route=st.lists(some(weight=NUMBERS, destination=some(host=TEXTS)), max_size=2)),
    ),
)
_KINDS = st.sampled_from([DEPLOYMENT, DEPLOYMENT, DEPLOYMENT, SERVICE, ACCOUNT, AUTOSCALER, ROUTE])
_KEPT = {"apiVersion", "kind", "metadata", "name", "mountPath", "ip"}
PAIRS = _KINDS.flatmap(lambda kind: st.tuples(kind, kind))


@st.composite
def related(draw: st.DrawFn) -> tuple[Object, Object]:
    """Draw two objects, of which the second has most parts of the first."""
    first, second = draw(PAIRS)
    return first, _mixed(first, second, draw(st.randoms(use_true_random=False)))


def _mixed(first: Any, second: Any, random: Random) -> Any:
    if isinstance(first, dict) and isinstance(second, dict):
        kept = [key for key in first if key in _KEPT or random.random() < 0.9]
        new = [key for key in second if key not in first and random.random() < 0.3]
        out = {key: _mixed(first[key], second.get(key, first[key]), random) for key in kept}
        # kustomize drops empty annotations, so no manifest has them.
        return {**out, **{key: second[key] for key in new}} or first
    if isinstance(first, list) and isinstance(second, list):
        return _mixed_list(first, second, random)
    return first if random.random() < 0.8 else second


def _mixed_list(first: list[Any], second: list[Any], random: Random) -> list[Any]:
    key = _key([*first, *second])
    if key is None:
        return first if random.random() < 0.5 else second
    old, new = {item[key]: item for item in first}, {item[key]: item for item in second}
    names = [name for name in old if random.random() < 0.85]
    for name in new:
        if name not in names and random.random() < 0.3:
            names.insert(random.randint(0, len(names)), name)
    if random.random() < 0.2:
        random.shuffle(names)
    return [_mixed(old.get(name, new.get(name)), new.get(name, old.get(name)), random) for name in names]


def _key(items: list[Any]) -> str | None:
    """The field that identifies items when two lists are mixed, or None; None for ports, which need two fields."""
    if any(not isinstance(item, dict) or {"containerPort", "port"} & item.keys() for item in items):
        return None
    return next((key for key in ("mountPath", "ip", "name") if all(key in item for item in items)), None)
