"""O06: requests must fit the limits, and devices are whole.

A request is at most its limit. Devices such as `nvidia.com/gpu` and huge pages are not shared: their request and their
limit are the same, and devices are whole numbers. A ResourceQuota knows only some names without a domain.

Passes:

    patches:
      - kind: Deployment
        spec: {template: {spec: {containers: [{name: main, resources: {limits: {nvidia.com/mig-1g.5gb: 1}}}]}}}

Fails:

    patches:
      - kind: Deployment
        spec: {template: {spec: {containers: [{name: main, resources: {requests: {nvidia.com/mig-1g.5gb: 1}}}]}}}
"""

from __future__ import annotations

from typing import Final

from generator.checks.api.rules import RESOURCE

ID: Final = RESOURCE
