"""Containers of a pod, without their resources.

Source: validateContainerCommon, validateContainerPorts, ValidateEnv, ValidateEnvFrom, ValidateVolumeMounts and
ValidateSecurityContext in pkg/apis/core/validation.
"""

from __future__ import annotations

from typing import Final

from generator.checks.api.formats import (
    CONFIG_KEY,
    DNS_LABEL,
    DNS_SUBDOMAIN,
    ENV_NAME,
    OPTIONAL_PORT,
    PATH_WITHOUT_BACKSTEPS,
    PORT,
    PORT_NAME,
    RELATIVE_PATH,
    USER,
)
from generator.checks.api.probes import NO_PROBES, PROBES
from generator.checks.api.rules import (
    FIELDS,
    FORM,
    MISSING,
    ONE_OF,
    Schema,
    absent,
    both,
    demand,
    fields,
    items,
    one_of,
    require_text,
    rule,
    when,
    word,
    word_or_default,
)

PROTOCOL: Final = word_or_default("TCP", "UDP", "SCTP")
PULL_POLICY: Final = word_or_default("Always", "IfNotPresent", "Never")
_FIELDS: Final = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
FIELD_PATH: Final = rule(
    FORM,
    f"{', '.join(_FIELDS)}, or one label or annotation such as metadata.labels['app']",
    pattern=f"^({'|'.join(_FIELDS).replace('.', chr(92) + '.')}|metadata\\.(labels|annotations)\\['[^']+'\\])$",
)
RESOURCE_FIELD: Final = rule(
    FORM,
    "limits or requests, a dot, and cpu, memory, ephemeral-storage or hugepages-",
    pattern="^(limits|requests)\\.(cpu|memory|ephemeral-storage|hugepages-.+)$",
)
_KEY: Final = both(require_text("key"), demand("name"), fields(key=CONFIG_KEY, name=DNS_SUBDOMAIN))
_SOURCES: Final[dict[str, Schema]] = {
    "fieldRef": both(require_text("fieldPath"), fields(fieldPath=FIELD_PATH, apiVersion=word_or_default("v1"))),
    "resourceFieldRef": both(require_text("resource"), fields(resource=RESOURCE_FIELD)),
    "configMapKeyRef": _KEY,
    "secretKeyRef": _KEY,
    "fileKeyRef": both(
        require_text("key", "volumeName", "path"),
        fields(key=ENV_NAME, volumeName=DNS_LABEL, path=PATH_WITHOUT_BACKSTEPS),
    ),
}
_BOTH: Final = {
    "required": ["value", "valueFrom"],
    "properties": {"value": {"minLength": 1}, "valueFrom": {"type": "object"}},
}
_EITHER: Final = rule(
    ONE_OF,
    "either value or valueFrom",
    "keep one of them; in a patch, remove the other with `value: null` or `valueFrom: null`",
    **{"not": {"type": "object", **_BOTH}},
) | {FIELDS: ["value", "valueFrom"]}
_ENV: Final = both(
    require_text("name"),
    fields(name=ENV_NAME, valueFrom=both(one_of("the source of a value", *_SOURCES), fields(**_SOURCES))),
    _EITHER,
)
_NAMED: Final = both(demand("name"), fields(name=DNS_SUBDOMAIN))
_ENV_FROM: Final = both(
    one_of("the source of variables", "configMapRef", "secretRef"),
    fields(prefix=ENV_NAME, configMapRef=_NAMED, secretRef=_NAMED),
)
_SUBPATHS: Final = ["subPath", "subPathExpr"]
_ONE_SUBPATH: Final = rule(
    ONE_OF,
    "only one of subPath and subPathExpr",
    "keep one of them; in a patch, write null for the other",
    **{"not": {"type": "object", "required": _SUBPATHS, "properties": {key: {"minLength": 1} for key in _SUBPATHS}}},
) | {FIELDS: _SUBPATHS}
_MOUNT: Final = both(
    require_text("name", "mountPath"),
    _ONE_SUBPATH,
    fields(
        subPath=RELATIVE_PATH,
        subPathExpr=RELATIVE_PATH,
        mountPropagation=word("Bidirectional", "HostToContainer", "None"),
        recursiveReadOnly=word("Disabled", "IfPossible", "Enabled"),
    ),
    when(
        "recursiveReadOnly",
        ("IfPossible", "Enabled"),
        rule(
            ONE_OF,
            "readOnly: true beside recursiveReadOnly",
            "write `readOnly: true`, or remove recursiveReadOnly",
            required=["readOnly"],
            properties={"readOnly": {"const": True}},
        ),
    ),
)
_PORT: Final = fields(name=PORT_NAME, containerPort=PORT, hostPort=OPTIONAL_PORT, protocol=PROTOCOL)
_PROFILE: Final = both(
    require_text("type"),
    fields(type=word("Localhost", "RuntimeDefault", "Unconfined"), localhostProfile=RELATIVE_PATH),
    when(
        "type",
        ("Localhost",),
        demand("localhostProfile"),
        otherwise=absent("without `type: Localhost`", "localhostProfile"),
    ),
)
# What a container and a pod have in common.
SECURITY: Final = fields(runAsUser=USER, runAsGroup=USER, seccompProfile=_PROFILE, appArmorProfile=_PROFILE)
_CONTAINER_SECURITY: Final = both(
    SECURITY,
    fields(procMount=word("Default", "Unmasked")),
    rule(
        ONE_OF,
        "no `allowPrivilegeEscalation: false` beside `privileged: true` or CAP_SYS_ADMIN",
        "remove one of them",
        **{
            "not": {
                "required": ["allowPrivilegeEscalation"],
                "properties": {"allowPrivilegeEscalation": {"const": False}},
                "anyOf": [
                    {"required": ["privileged"], "properties": {"privileged": {"const": True}}},
                    {
                        "required": ["capabilities"],
                        "properties": {
                            "capabilities": {
                                "required": ["add"],
                                "properties": {"add": {"contains": {"const": "CAP_SYS_ADMIN"}}},
                            }
                        },
                    },
                ],
            }
        },
    ),
)
_RESIZE: Final = both(
    require_text("resourceName", "restartPolicy"),
    fields(resourceName=word("cpu", "memory"), restartPolicy=word("NotRequired", "RestartContainer")),
)
_WITH_RULES: Final = {"required": ["restartPolicyRules"], "properties": {"restartPolicyRules": {"minItems": 1}}}
_COMMON: Final = both(
    require_text("name"),
    fields(
        name=DNS_LABEL,
        imagePullPolicy=PULL_POLICY,
        terminationMessagePolicy=word_or_default("File", "FallbackToLogsOnError"),
        ports=items(_PORT),
        env=items(_ENV),
        envFrom=items(_ENV_FROM),
        volumeMounts=items(_MOUNT),
        volumeDevices=items(both(require_text("name", "devicePath"), fields(devicePath=PATH_WITHOUT_BACKSTEPS))),
        securityContext=_CONTAINER_SECURITY,
        resizePolicy=items(_RESIZE),
        restartPolicy=word("Always", "OnFailure", "Never"),
        restartPolicyRules=items(
            both(
                require_text("action"),
                demand("exitCodes"),
                fields(action=word("Restart", "RestartAllContainers"), exitCodes=fields(operator=word("In", "NotIn"))),
            )
        ),
    ),
    {"if": _WITH_RULES, "then": demand("restartPolicy")},
    PROBES,
)
# A patch that means the container of the service, and has another name for it, adds one.
_HINT: Final = "write the image; to change the container of the service, write `name: main`"
_ADDED: Final = rule(MISSING, "a value", _HINT, required=["image"])
CONTAINERS: Final = both(
    rule(MISSING, "at least one container", "write a container", minItems=1),
    items(both(_COMMON, _ADDED, require_text("image"))),
)
INIT_CONTAINERS: Final = items(
    both(_COMMON, demand("image"), when("restartPolicy", ("Always",), {}, otherwise=NO_PROBES))
)
