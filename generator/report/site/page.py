"""The page of the fleet as one HTML file. Jinja2 escapes each text, and `table.py` those of the table; script and style
have their hashes in the policy.

The table of services is part of the HTML, so that the page can be read without a script. Everything else is data, from
which `site.js` draws by the text content of elements alone: the policy refuses markup in strings (Trusted Types).
"""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import jinja2

from generator.core.printable import printable_line
from generator.report.site.encode import encode
from generator.report.site.table import card_name, state_name, table_rows

if TYPE_CHECKING:
    from generator.report.site.model import FleetSite

LIMIT: Final = 5_000_000
_FOLDER: Final = Path(__file__).parent


def render_page(site: FleetSite) -> str:
    """Return the page, with a newline at its end."""
    style, script = (_text(f"site.{kind}") for kind in ("css", "js"))
    page = _environment().from_string(_text("site.html.j2"))
    return page.render(
        site=site,
        style=style,
        script=script,
        policy=_policy(style, script),
        rows=table_rows(site.services),
        data=encode(site),
        filters=_filters(site),
    )


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy: nothing is loaded, and no other script or style runs."""
    hashes = {name: f"'sha256-{_digest(text)}'" for name, text in (("style-src", style), ("script-src", script))}
    own = "; ".join(f"{name} {value}" for name, value in hashes.items())
    return (
        f"default-src 'none'; img-src data:; {own}; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _digest(text: str) -> str:
    return base64.b64encode(sha256(text.encode()).digest()).decode()


def _filters(site: FleetSite) -> list[tuple[str, str, list[str]]]:
    """Return each filter of the table: its key, its name, and the values that the table has."""
    deployed = [entry for service in site.services for entry in service.deployed]
    values = {
        ("project", "Project"): {service.project for service in site.services},
        ("environment", "Environment"): {entry.environment for entry in deployed},
        ("model", "Model"): {service.model for service in site.services},
        ("card", "Card"): {card_name(entry.card) for entry in deployed},
        ("state", "State"): {state_name(entry.state) for entry in deployed},
        ("owner", "Code owner"): {owner for service in site.services for owner in service.owners},
    }
    return [(*names, sorted(found - {""})) for names, found in values.items() if len(found - {""}) > 1]


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True,
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["line"] = printable_line
    return environment
