"""O03: a name that leads to another part of the object must be there.

A mount names a volume of the pod, a probe a port of its container, a selector the labels of its own pods, a metric of
an autoscaler a container, the target of an autoscaler a workload, and a target port of a Service a port of the pods.
The API server takes an unknown name in a probe, an autoscaler or a target port: then the pods never become ready,
nothing is scaled, or no request arrives.

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
