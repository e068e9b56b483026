"""The rules of the Pod Security Standards for Linux pods.

`baseline` forbids the known ways out of a container, `restricted` everything that is not hardened. Source: Kubernetes
documentation, Pod Security Standards. tests/cases/pod-security.yaml holds the verdicts of the API server's own
evaluator on many pods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.core.recent import once_per_object
from generator.render.views.context import CONTAINER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.render.engine.shapes import SlotPath
    from generator.spec.namespaces import PodSecurity

_CAPABILITIES: Final = frozenset(
    [
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    ]
)
_PROFILES: Final = ("RuntimeDefault", "Localhost")
_SELINUX_TYPES: Final = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
# The fields of a securityContext that `_open_profiles` reads.
_PROFILE_FIELDS: Final = frozenset({"appArmorProfile", "seccompProfile", "seLinuxOptions", "windowsOptions"})
_SYSCTLS: Final = frozenset(
    [
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    ]
)
_VOLUMES: Final = frozenset(
    [
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ]
)
_APPARMOR: Final = "container.apparmor.security.beta.kubernetes.io/"
_HANDLERS: Final = (("livenessProbe",), ("readinessProbe",), ("startupProbe",))
_HOOKS: Final = (("lifecycle", "postStart"), ("lifecycle", "preStop"))
# The first minor versions in which a host in a probe is forbidden, and in which a user namespace lifts some rules.
_PROBE_HOSTS: Final = 34
_USER_NAMESPACES: Final = 35
# One for everything that follows from the user, so that a reader sees that one key changes it.
USER_HINT: Final = (
    "write `user: 1000`, or another user of the image, and name in `writable` the folders that it writes to"
)


class ForbiddenField(Struct, frozen=True):
    """A field that a level forbids, at `path` of the pod template: `found` describes it, `hint` says what to write."""

    path: SlotPath
    found: str
    hint: str


def forbidden_fields(template: Mapping[str, Any], level: PodSecurity, minor: int) -> tuple[ForbiddenField, ...]:
    """Return everything in a pod template that `level` forbids, by the rules of Kubernetes 1.<minor>."""
    known = _known(template)
    if (level, minor) not in known:
        known[level, minor] = tuple(_forbidden(template, level, minor))
    return known[level, minor]


@once_per_object
def _known(_: Mapping[str, Any]) -> dict[tuple[PodSecurity, int], tuple[ForbiddenField, ...]]:
    """Return what is known about a pod template, which several checks judge: nothing at first."""
    return {}


def _forbidden(template: Mapping[str, Any], level: PodSecurity, minor: int) -> Iterator[ForbiddenField]:
    if level == "privileged":
        return
    # What baseline forbids is forbidden by both; only a hint differs.
    if level == "baseline" or forbidden_fields(template, "baseline", minor):
        yield from _baseline(template, level, minor)
    if level == "restricted":
        yield from _restricted(template, minor)


def user_fields(template: Mapping[str, Any], minor: int) -> Iterator[ForbiddenField]:
    """Yield what lets a container of a pod run as root, or does not rule it out."""
    spec = _map(template, "spec")
    if not _lifted(spec, minor):
        yield from _root(spec)


def _baseline(template: Mapping[str, Any], level: PodSecurity, minor: int) -> Iterator[ForbiddenField]:
    spec = _map(template, "spec")
    lifted = _lifted(spec, minor)
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key):
            yield ForbiddenField(("spec", key), f"{key}: true", "remove it")
    for index, volume in _entries(spec, "volumes"):
        if "hostPath" in volume:
            hint = f"use a (pvc){', (nfs)' if level == 'baseline' else ''} or (memory) volume"
            yield ForbiddenField(("spec", "volumes", index), f"the hostPath volume {volume.get('name')}", hint)
    for index, sysctl in _entries(spec, "securityContext", "sysctls"):
        if sysctl.get("name") not in _SYSCTLS:
            yield ForbiddenField(
                ("spec", "securityContext", "sysctls", index), f"the sysctl {sysctl.get('name')}", "remove it"
            )
    for key, value in _map(template, "metadata", "annotations").items():
        if key.startswith(_APPARMOR) and value != "runtime/default" and not str(value).startswith("localhost/"):
            yield ForbiddenField(
                ("metadata", "annotations", key), f"the AppArmor profile {value}", "write runtime/default"
            )
    for path, holder in _holders(spec):
        yield from _open_profiles(path, _map(holder, "securityContext"))
    for path, container in _containers(spec):
        yield from _open_container(path, container)
        if not lifted:
            yield from _proc_mount(path, container)
        if minor >= _PROBE_HOSTS:
            yield from _probe_hosts(path, container)


def _open_profiles(path: SlotPath, context: Mapping[str, Any]) -> Iterator[ForbiddenField]:
    """Yield what is forbidden in a securityContext, of the pod or of a container alike."""
    if context.keys().isdisjoint(_PROFILE_FIELDS):
        return
    below = (*path, "securityContext")
    for key in ("seccompProfile", "appArmorProfile"):
        profile = _at(context, key, "type")
        if profile is not None and profile not in _PROFILES:
            yield ForbiddenField((*below, key), f"the {key} {profile}", "write RuntimeDefault")
    selinux = _map(context, "seLinuxOptions")
    if selinux.get("user") or selinux.get("role") or selinux.get("type", "") not in _SELINUX_TYPES:
        yield ForbiddenField((*below, "seLinuxOptions"), "SELinux options", "remove them")
    if _at(context, "windowsOptions", "hostProcess"):
        yield ForbiddenField((*below, "windowsOptions"), "hostProcess: true", "remove it")


def _open_container(path: SlotPath, container: Mapping[str, Any]) -> Iterator[ForbiddenField]:
    context = _map(container, "securityContext")
    if context.get("privileged"):
        yield ForbiddenField((*path, "securityContext", "privileged"), "privileged: true", "remove it")
    for capability in _added(context):
        if capability not in _CAPABILITIES:
            where = (*path, "securityContext", "capabilities")
            yield ForbiddenField(where, f"the added capability {capability}", "remove it")
    for index, port in _entries(container, "ports"):
        if port.get("hostPort"):
            yield ForbiddenField(
                (*path, "ports", index), f"the hostPort {port['hostPort']}", "give the service an `id`"
            )


def _proc_mount(path: SlotPath, container: Mapping[str, Any]) -> Iterator[ForbiddenField]:
    mount = _at(container, "securityContext", "procMount")
    if mount not in (None, "Default"):
        yield ForbiddenField((*path, "securityContext", "procMount"), f"procMount: {mount}", "remove it")


def _probe_hosts(path: SlotPath, container: Mapping[str, Any]) -> Iterator[ForbiddenField]:
    for steps in (*_HANDLERS, *_HOOKS) if "lifecycle" in container else _HANDLERS:
        handler = _map(container, *steps)
        for action in ("httpGet", "tcpSocket") if handler else ():
            host = _at(handler, action, "host")
            if host:
                yield ForbiddenField(
                    (*path, *steps), f"the host {host} of a probe", "remove it: the kubelet probes the pod itself"
                )


def _restricted(template: Mapping[str, Any], minor: int) -> Iterator[ForbiddenField]:
    spec = _map(template, "spec")
    for index, volume in _entries(spec, "volumes"):
        kinds = volume.keys() - {"name"}
        if not kinds & _VOLUMES and "hostPath" not in kinds:
            hint = "use a (pvc) volume; its claim can be on the same server"
            found = f"the {'/'.join(sorted(kinds)) or 'empty'} volume {volume.get('name')}"
            yield ForbiddenField(("spec", "volumes", index), found, hint)
    lifted = _lifted(spec, minor)
    yield from user_fields(template, minor)
    seccomp = _at(spec, "securityContext", "seccompProfile", "type")
    for path, container in _containers(spec):
        yield from _hardened(path, container)
        if lifted:  # otherwise baseline has reported it
            yield from _proc_mount(path, container)
        if seccomp is None and _at(container, "securityContext", "seccompProfile", "type") is None:
            yield ForbiddenField((*path, "securityContext"), "no seccompProfile", "write RuntimeDefault")


def _root(spec: Mapping[str, Any]) -> Iterator[ForbiddenField]:
    own = _at(spec, "securityContext", "runAsNonRoot")
    for path, holder in _holders(spec):
        where = (*path, "securityContext")
        if _at(holder, "securityContext", "runAsUser") == 0:
            by_key = path == ("spec",) or holder.get("name") == CONTAINER
            hint = USER_HINT if by_key else "remove it, or write another user"
            yield ForbiddenField((*where, "runAsUser"), "the user 0", hint)
        elif _at(holder, "securityContext", "runAsNonRoot") is False:
            yield ForbiddenField((*where, "runAsNonRoot"), "runAsNonRoot: false", USER_HINT)
    unset = (_at(container, "securityContext", "runAsNonRoot") is None for _, container in _containers(spec))
    if own is None and any(unset):
        yield ForbiddenField(("spec", "securityContext"), "a container that may run as root", USER_HINT)


def _hardened(path: SlotPath, container: Mapping[str, Any]) -> Iterator[ForbiddenField]:
    context, where = _map(container, "securityContext"), (*path, "securityContext")
    if context.get("allowPrivilegeEscalation") is not False:
        yield ForbiddenField(where, "no allowPrivilegeEscalation: false", "write allowPrivilegeEscalation: false")
    if "ALL" not in _texts(context, "capabilities", "drop"):
        place = (*where, "capabilities") if context else where
        hint = USER_HINT if container.get("name") == CONTAINER else "write capabilities: {drop: [ALL]}"
        yield ForbiddenField(place, "capabilities without drop: [ALL]", hint)
    for capability in _added(context):
        if capability in _CAPABILITIES and capability != "NET_BIND_SERVICE":
            yield ForbiddenField((*where, "capabilities"), f"the added capability {capability}", "remove it")


def _lifted(spec: Mapping[str, Any], minor: int) -> bool:
    """Return whether the pod has a user namespace, so that its root user has no rights outside."""
    return minor >= _USER_NAMESPACES and spec.get("hostUsers") is False


def _containers(spec: Mapping[str, Any]) -> Iterator[tuple[SlotPath, Mapping[str, Any]]]:
    for key in ("initContainers", "containers"):
        for index, container in _entries(spec, key):
            yield ("spec", key, index), container


def _holders(spec: Mapping[str, Any]) -> Iterator[tuple[SlotPath, Mapping[str, Any]]]:
    """Yield the pod itself and its containers: everything that has a securityContext."""
    yield ("spec",), spec
    yield from _containers(spec)


def _added(context: Mapping[str, Any]) -> list[str]:
    return _texts(context, "capabilities", "add")


# Values of a wrong type are skipped here: the schema refuses them.


def _entries(node: Any, *path: str) -> list[tuple[int, dict[str, Any]]]:
    found = _at(node, *path)
    return [(n, entry) for n, entry in enumerate(found) if isinstance(entry, dict)] if isinstance(found, list) else []


def _texts(node: Any, *path: str) -> list[str]:
    found = _at(node, *path)
    return [entry for entry in found if isinstance(entry, str)] if isinstance(found, list) else []


def _map(node: Any, *path: str) -> dict[str, Any]:
    found = _at(node, *path)
    return found if isinstance(found, dict) else {}


def _at(node: Any, *path: str) -> Any:
    try:
        for step in path:
            node = node.get(step)
    except AttributeError:  # a step below what is no mapping
        return None
    return node
