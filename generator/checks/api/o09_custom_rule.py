"""O09: a custom resource must keep the rules of its definition that are written in CEL.

Istio, the Gateway API and Flux write what depends on several fields in CEL, the expression language of the API server.
servegen evaluates them in process with the implementation of the language's authors, after the defaults, as the API
server does. A rule that cannot be evaluated for a value counts as broken.

Passes:

    patches:
      - kind: DestinationRule
        spec: {trafficPolicy: {outlierDetection: {interval: 10s}}}

Fails:

    patches:
      - kind: DestinationRule
        spec: {trafficPolicy: {outlierDetection: {interval: "10"}}}
"""

from __future__ import annotations

from typing import Final

from generator.checks.api.rules import CUSTOM

ID: Final = CUSTOM
