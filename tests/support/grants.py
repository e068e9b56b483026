"""Grants for fleets of tests that are about something else."""

from __future__ import annotations

from typing import Final

# Everything that can be granted, in one line of a platform file.
EVERYTHING: Final = (
    '{namespaces: ["*"], domains: ["*"], priorities: ["*"], service_accounts: ["*"], node_selectors: ["*"], '
    'tolerations: ["*"], secrets: ["*"], config_maps: ["*"], claims: ["*"], patches: ["*"], labels: ["*"], '
    'annotations: ["*"], host_paths: ["*"], privileged: true, network: open, '
    "quota: {cpu: 1000000, memory: 1000Ti, gpu: 100000}}"
)
# What the file of `servegen init` grants.
_INITIAL: Final = '  "*": {}  '


def grant_everything(platform: str) -> str:
    """Return a platform file with all grants for all projects, if it has no grants of its own. No line moves."""
    if _INITIAL in platform:
        return platform.replace(_INITIAL, f'  "*": {EVERYTHING}  ')
    return platform if "\ngrants:" in platform else f'{platform.rstrip()}\ngrants: {{"*": {EVERYTHING}}}\n'
