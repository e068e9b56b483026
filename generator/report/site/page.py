"""The page of the fleet as one HTML file. Jinja2 escapes each text; script and style have their hashes in the policy.

The table of services is part of the HTML, so that the page can be read without a script. Everything else is data, from
which `site.js` draws by the text content of elements alone: the policy refuses markup in strings (Trusted Types).
"""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import jinja2
from markupsafe import Markup, escape

from generator.core.printable import printable_line
from generator.core.regex import regex
from generator.report.site.encode import encode

if TYPE_CHECKING:
    from generator.report.site.model import FleetSite

LIMIT: Final = 5_000_000
_PIECE: Final = regex(r"(?<=[.-])(?!\Z)")
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


def card_name(card: str) -> str:
    """Return the name of the card in a request such as `0.2(T4)`; the request itself if it names none."""
    return card.partition("(")[2].rstrip(")") or card


def breakable(text: str) -> Markup:
    """Return a text in which a line may end after each dot and hyphen."""
    return Markup(_PIECE.sub("<wbr>", str(escape(printable_line(text)))))


def state_name(state: str) -> str:
    """Return the first word of a state such as `split 20 %`; a stopped rollout has two."""
    return state if state == "rollout stopped" else state.partition(" ")[0].rstrip(",")


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True,
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"breakable": breakable, "line": printable_line, "card": card_name, "state": state_name}
    return environment
