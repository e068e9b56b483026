"""O03: a name that leads to another part of the object must be there.

A mount names a volume of the pod, a probe a port of its container, a selector the labels of its own pods. The API
server refuses all of them but the port of a probe: with that one the pods run and never become ready.

Passes:

    patches:
      - kind: Deployment
        spec: {template: {spec: {containers: [{name: main, volumeMounts: [{name: config, mountPath: /etc/app}]}]}}}

Fails, without a volume of this name:

    patches:
      - kind: Deployment
        spec: {template: {spec: {containers: [{name: main, volumeMounts: [{name: cache, mountPath: /cache}]}]}}}
"""

from __future__ import annotations

from typing import Final

from generator.checks.api.rules import UNKNOWN_NAME

ID: Final = UNKNOWN_NAME
