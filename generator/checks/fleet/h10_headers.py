"""H10: a header rule must be one that the gateway accepts, and that can match a request.

Istio requires names in lower case, and gives `uri`, `scheme`, `method` and `authority` another meaning. A regular
expression has RE2 syntax and is compared with the whole value; one that RE2 does not accept makes Envoy refuse the
configuration of the whole port.

Passes:

    headers:
      - {name: x-model-version, exact: v2, service: resnet50-2}

Fails:

    headers:
      - {name: X-Model-Version, regex: "v(2", service: resnet50-2}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.checks.re2_syntax import ENVOY, ISTIO, full_match, syntax_error
from generator.core.finding import Finding, Severity, subject_of_routes
from generator.core.regex import regex
from generator.render.views.route.gateway_api import expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.spec.values.headers import HeaderRule

ID: Final = "H10"
SEVERITY: Final = Severity.ERROR
# The findings that are reported for the rendered route because of the same error.
SUPERSEDES: Final = ("H16", "V01")
# A token of RFC 9110, section 5.6.2, in lower case.
_TOKEN: Final = regex(r"[a-z0-9!#$%&'*+.^_`|~-]+\Z")
_TAKEN: Final = frozenset({"uri", "scheme", "method", "authority", "host"})
_LONGEST: Final = 1024
_KINDS: Final = {"exact": "value", "prefix": "prefix", "regex": "regular expression"}


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each part of a rule that the gateway refuses, and each rule that an earlier one hides."""
    for finding in _findings(context):
        yield finding.about(subject_of_routes(finding.position.file))


def _findings(context: CheckContext) -> Iterator[Finding]:
    # Superseded services too: an invalid rule should be found before a roll-back.
    for owner in context.instances:
        rules = owner.settings.headers or ()
        for index, rule in enumerate(rules):
            yield from _name(owner, index, rule)
            yield from _value(owner, index, rule)
            yield from _shadowed(owner, index, rules)


def _name(owner: ServiceInstance, index: int, rule: HeaderRule) -> Iterator[Finding]:
    position = owner.position("headers", index, "name")
    plain = re.sub(r"[^a-z0-9-]+", "-", rule.name.lower()).strip("-")
    if plain in _TAKEN or rule.name.startswith(":"):
        message = f'found the header "{rule.name}", which a gateway cannot match as a header'
        hint = "give each service its own `host`" if plain in ("host", "authority") else "use a header of your own"
        yield Finding(ID, message, position, hint)
    elif not _TOKEN.match(rule.name):
        message = f'found the header "{rule.name}", expected a name in lower case, without spaces'
        yield Finding(ID, message, position, f"write {plain}" if plain else "for example x-model-version")


def _value(owner: ServiceInstance, index: int, rule: HeaderRule) -> Iterator[Finding]:
    position = owner.position("headers", index, rule.comparison)
    if not rule.value:
        yield Finding(
            ID, f"the rule for the header {rule.name} has an empty value", position, "write the value to match"
        )
    elif not rule.value.isprintable():
        message = (
            f"the value of the header {rule.name} has a line break, or another character that headers cannot contain"
        )
        yield Finding(ID, message, position, "write it on one line, in printable characters")
    elif len(rule.value) > _LONGEST:
        message = f"the value is {len(rule.value)} characters long, expected at most {_LONGEST}"
        yield Finding(ID, message, position, "match a prefix")
    elif why := _refused(owner, rule):
        hint = "RE2 does not support look-around or backreferences: https://github.com/google/re2/wiki/Syntax"
        hint = "shorten it, or match a prefix" if "too large" in why else hint
        yield Finding(ID, f'found the {_KINDS[rule.comparison]} "{rule.value}", {why}', position, hint)


def _refused(owner: ServiceInstance, rule: HeaderRule) -> str:
    if owner.environment.facts.routing == "gateway-api":
        return syntax_error(expression(rule), ENVOY) if rule.comparison != "exact" else ""
    return syntax_error(rule.value, ISTIO) if rule.comparison == "regex" else ""


def _shadowed(owner: ServiceInstance, index: int, rules: tuple[HeaderRule, ...]) -> Iterator[Finding]:
    rule = rules[index]
    for number, earlier in enumerate(rules[:index]):
        if earlier.name == rule.name and _catches(earlier, rule):
            same = earlier.comparison == rule.comparison and earlier.value == rule.value
            what = "is the same as" if same else "never matches after"
            message = f"this rule {what} rule {number + 1}, which sends its requests to {earlier.service}"
            hint = "remove one of the two" if same else "put the narrower rule first"
            yield Finding(
                ID, message, owner.position("headers", index), hint, also=(owner.position("headers", number),)
            )
            return


def _catches(earlier: HeaderRule, later: HeaderRule) -> bool:
    """Return whether `earlier` matches all requests that `later` matches, as far as their values show."""
    if earlier.comparison == "prefix" and later.comparison in ("exact", "prefix"):
        return later.value.startswith(earlier.value)
    if earlier.comparison == "regex" and later.comparison == "exact":
        return not syntax_error(earlier.value, ISTIO) and full_match(earlier.value, later.value)
    return earlier.comparison == later.comparison and earlier.value == later.value
