"""Volumes of a pod. Source: ValidateVolumes and validateVolumeSource in pkg/apis/core/validation."""

from __future__ import annotations

from typing import Final

from generator.checks.api.claims import CLAIM_TEMPLATE
from generator.checks.api.containers import PULL_POLICY, RESOURCE_FIELD
from generator.checks.api.formats import (
    DNS_LABEL,
    DNS_SUBDOMAIN,
    FILE_MODE,
    PATH_WITHOUT_BACKSTEPS,
    QUANTITY,
    RELATIVE_PATH,
)
from generator.checks.api.rules import (
    BOUND,
    FIELDS,
    FORM,
    ONE_OF,
    both,
    demand,
    fields,
    items,
    number,
    one_of,
    require_text,
    rule,
    word,
)
from generator.render.kustomize.choices import VOLUME_SOURCES

_ABSOLUTE: Final = rule(FORM, "an absolute path", pattern="^/")
_ITEMS: Final = items(both(require_text("key", "path"), fields(path=RELATIVE_PATH, mode=FILE_MODE)))
_FILES: Final = fields(items=_ITEMS, defaultMode=FILE_MODE)
_CONFIG_MAP: Final = both(demand("name"), _FILES)
_DOWNWARD: Final = items(
    both(
        require_text("path"),
        one_of("the source of the file", "fieldRef", "resourceFieldRef"),
        fields(
            path=RELATIVE_PATH,
            mode=FILE_MODE,
            fieldRef=fields(
                fieldPath=rule(
                    FORM,
                    "metadata.name, metadata.namespace, metadata.uid, metadata.labels or metadata.annotations",
                    pattern=r"^metadata\.(name|namespace|uid|(labels|annotations)(\['[^']+'\])?)$",
                )
            ),
            resourceFieldRef=both(require_text("resource"), demand("containerName"), fields(resource=RESOURCE_FIELD)),
        ),
    )
)
_TOKEN: Final = both(
    require_text("path"),
    fields(
        path=RELATIVE_PATH,
        expirationSeconds=rule(BOUND, "a number from 600 to 4294967296", minimum=600, maximum=1 << 32),
    ),
)
_PROJECTED: Final = fields(
    defaultMode=FILE_MODE,
    sources=items(
        both(
            one_of(
                "the source",
                "secret",
                "configMap",
                "downwardAPI",
                "serviceAccountToken",
                "clusterTrustBundle",
                "podCertificate",
            ),
            fields(
                secret=both(demand("name"), fields(items=_ITEMS)),
                configMap=both(demand("name"), fields(items=_ITEMS)),
                downwardAPI=fields(items=_DOWNWARD),
                serviceAccountToken=_TOKEN,
            ),
        )
    ),
)
_HOST_PATH_TYPES: Final = (
    "DirectoryOrCreate",
    "Directory",
    "FileOrCreate",
    "File",
    "Socket",
    "CharDevice",
    "BlockDevice",
)
_DRIVER: Final = rule(FORM, DNS_SUBDOMAIN["x-rule"][1], pattern=DNS_SUBDOMAIN["pattern"], maxLength=63)
_IQN: Final = rule(
    FORM,
    "a name that begins with iqn., eui. or naa.",
    pattern=r"^(iqn\.[0-9]{4}-[0-9]{2}\.[a-z0-9.:_-]+|eui\.[0-9a-fA-F]{16}|naa\.[0-9a-fA-F]{32})$",
)
# Kinds of volumes of which only these texts are looked at.
_TEXTS: Final = {
    "azureFile": ("secretName", "shareName"),
    "azureDisk": ("diskName", "diskURI"),
    "cinder": ("volumeID",),
    "flexVolume": ("driver",),
    "gitRepo": ("repository",),
    "glusterfs": ("endpoints", "path"),
    "photonPersistentDisk": ("pdID",),
    "portworxVolume": ("volumeID",),
    "quobyte": ("registry", "volume"),
    "rbd": ("image",),
    "scaleIO": ("gateway", "system"),
    "vsphereVolume": ("volumePath",),
}
VOLUMES: Final = items(
    both(
        require_text("name"),
        # A volume without a source becomes an empty directory.
        rule(ONE_OF, "only one source", "keep one; in a patch, write null for the other", maxProperties=2)
        | {FIELDS: list(VOLUME_SOURCES)},
        fields(
            name=DNS_LABEL,
            configMap=_CONFIG_MAP,
            secret=both(demand("secretName"), _FILES),
            emptyDir=fields(sizeLimit=QUANTITY),
            persistentVolumeClaim=require_text("claimName"),
            hostPath=both(require_text("path"), fields(path=PATH_WITHOUT_BACKSTEPS, type=word(*_HOST_PATH_TYPES))),
            nfs=both(require_text("server", "path"), fields(path=_ABSOLUTE)),
            csi=both(require_text("driver"), fields(driver=_DRIVER, nodePublishSecretRef=demand("name"))),
            ephemeral=CLAIM_TEMPLATE,
            iscsi=fields(iqn=_IQN, lun=number(0, 255)),
            gcePersistentDisk=both(require_text("pdName"), fields(partition=number(0, 255))),
            awsElasticBlockStore=both(require_text("volumeID"), fields(partition=number(0, 255))),
            **{name: require_text(*texts) for name, texts in _TEXTS.items()},
            projected=_PROJECTED,
            downwardAPI=fields(items=_DOWNWARD, defaultMode=FILE_MODE),
            image=fields(pullPolicy=PULL_POLICY),
        ),
    )
)
