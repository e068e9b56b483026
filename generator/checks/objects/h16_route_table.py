"""H16: a route that Envoy would refuse must not reach a cluster.

The schema of the API server takes it, and Envoy then refuses the whole table of the gateway port: no host of the port
gets a change any more, and new ones answer 404. What servegen renders itself is never so; this is for templates and
patches of a repository's own.

Passes:

    http:
      - redirect: {uri: /docs, redirectCode: 302}

Fails:

    http:
      - redirect: {uri: /docs, redirectCode: 200}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.fault import Fault
from generator.checks.re2syntax import ENVOY, ISTIO, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet import Place

ID: Final = "H16"
KINDS: Final = frozenset({"VirtualService", "HTTPRoute"})
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_ACTIONS: Final = ("route", "redirect", "directResponse", "delegate")
# What Envoy takes as the status of a direct response.
_STATUSES: Final = range(200, 600)


def faults(tree: Mapping[str, Any], _: Place) -> Iterator[Fault]:
    """What Envoy, or istiod for the whole file, would refuse."""
    for message, hint in _refusals(tree):
        yield Fault(message, hint)


def _refusals(tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Messages, each with its hint."""
    spec = tree.get("spec", {})
    if tree["kind"] == "HTTPRoute":
        yield from _expressions_of(spec.get("rules") or ())
        return
    rules = spec.get("http")
    if not rules and not spec.get("tcp") and not spec.get("tls"):
        yield "no rules", "add a rule under `http`"
    for number, rule in enumerate(rules or (), start=1):
        for message, hint in _rule(rule):
            yield f"http rule {number}: {message}", hint


def _rule(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    actions = [action for action in _ACTIONS if rule.get(action)]
    if not actions:
        yield "no route", "give it a destination, or a redirect"
    if "redirect" in actions and "route" in actions:
        yield "a redirect and a route", "keep one of the two, or make two rules"
    code = rule.get("redirect", {}).get("redirectCode", 302)
    if code not in _REDIRECTS:
        yield f"the redirect code {code}", f"use one of {', '.join(map(str, _REDIRECTS))}"
    status = rule.get("directResponse", {}).get("status", 200)
    if status not in _STATUSES:
        yield f"the status {status} of a direct response", "use one from 200 to 599"
    if str(rule.get("timeout", "")).startswith("-"):
        yield f"the timeout {rule['timeout']}", "write 0s for no limit"
    for text in _texts(rule):
        if not text.isprintable():
            yield f"a control character in {text!r}", "remove it"
    yield from _weights(rule.get("route") or ())
    yield from _mirrors(rule)
    for expression in _expressions(rule.get("match") or ()):
        why = refused(expression, ISTIO)
        if why:
            yield f'the regular expression "{expression}", {why}', "write it as RE2 takes it"


def _texts(node: Any) -> Iterator[str]:
    """Every text in a rule; Envoy refuses line breaks in whatever becomes a header."""
    if isinstance(node, str):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _texts(child)


def _expressions_of(rules: Any) -> Iterator[tuple[str, str]]:
    """The regular expressions of an HTTPRoute; the rest its schema can say."""
    for number, rule in enumerate(rules, start=1):
        for match in rule.get("matches") or ():
            for entry in (match.get("path") or {}, *(match.get("headers") or ()), *(match.get("queryParams") or ())):
                why = refused(entry["value"], ENVOY) if entry.get("type") == "RegularExpression" else ""
                if why:
                    yield f'rule {number}: the regular expression "{entry["value"]}", {why}', "write it as RE2 takes it"


def _weights(route: Any) -> Iterator[tuple[str, str]]:
    weights = [destination.get("weight") for destination in route]
    if any(weight is not None and weight < 0 for weight in weights):
        yield "a negative weight", "weights are 0 to 100, and sum to 100"
    elif weights and (weights == [0] or (len(weights) > 1 and not any(weights))):
        yield "only weights of 0", "leave out what gets nothing; weights sum to 100"


def _mirrors(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    shares = [rule.get("mirrorPercentage"), *(mirror.get("percentage") for mirror in rule.get("mirrors") or ())]
    for share in shares:
        value = share.get("value") if share else None
        if value is not None and not 0 <= value <= 100:
            yield f"a mirror of {value} %", "use 0 to 100"


def _expressions(matches: Any) -> Iterator[str]:
    for match in matches:
        compared = [match.get(key) for key in ("uri", "scheme", "method", "authority")]
        for key in ("headers", "withoutHeaders", "queryParams"):
            compared += (match.get(key) or {}).values()
        yield from (entry["regex"] for entry in compared if entry and "regex" in entry)
