"""How a service silences an alert: a series says so, which all alerts look at."""

from __future__ import annotations

from typing import Final

SILENCE: Final = "servegen:silence"
"""The series, with the labels `namespace`, `service` and `alert`."""


def silenceable(alert: str, expression: str) -> str:
    """Return the expression of an alert without the services that silence it."""
    return f'({expression})\nunless on (namespace, service) {SILENCE}{{alert=~"{alert}|all"}}'
