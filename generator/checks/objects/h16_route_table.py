"""H16: a route that Envoy would refuse must not reach a cluster.

The API server's schema accepts it, and Envoy then refuses the whole route table of the gateway port: no host of the
port is updated any more, and new hosts answer 404. Routes that servegen's own templates render are always valid; this
check is for custom templates and patches of a repository.

Passes:

    http:
      - redirect: {uri: /docs, redirectCode: 302}

Fails:

    http:
      - redirect: {uri: /docs, redirectCode: 200}

A command in a header value, such as %REQ(x-team)%, is not looked up: one that Envoy does not know passes this check and
Istio's webhook, and Envoy refuses it.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.violation import Violation
from generator.checks.re2_syntax import ENVOY, ISTIO, syntax_error
from generator.core.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "H16"
KINDS: Final = frozenset({"VirtualService", "HTTPRoute"})
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_ACTIONS: Final = ("route", "redirect", "directResponse", "delegate")
# The status codes that Envoy accepts for a response of its own, and the largest body in an Istio gateway.
_STATUSES: Final = range(200, 600)
_LARGEST_BYTES: Final = 1 << 20
# The valid uses of % in a header value: %% for the sign itself, or a command.
_PERCENT: Final = regex(r"%%|%[A-Z][A-Z0-9_]*(?:\([^)]*\))?(?::[0-9]+)?%")


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a violation for everything that Envoy, or istiod for the whole object, would refuse."""
    for message, hint in _refusals(tree):
        yield Violation(message, hint)


def _refusals(tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield messages, each with its hint."""
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
        yield "no route", "add a destination or a redirect"
    if "redirect" in actions and "route" in actions:
        yield "a redirect and a route", "keep one of the two, or write two rules"
    if str(rule.get("timeout", "")).startswith("-"):
        yield f"the timeout {rule['timeout']}", "write 0s for no limit"
    # A backslash stands for each unprintable character: faster than to look at each string, and few rules have one.
    for text in _unprintable(rule) if "\\" in repr(rule) else ():
        yield f"a control character in {text!r}", "remove it"
    yield from _own_answers(rule)
    yield from _weights(rule.get("route") or ())
    yield from _mirrors(rule)
    yield from _headers(rule)
    for expression in _expressions(rule):
        why = syntax_error(expression, ISTIO)
        if why:
            yield f'the regular expression "{expression}", {why}', "write it in RE2 syntax"


def _own_answers(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the errors in responses that the gateway sends without a pod: redirects, direct responses and faults."""
    code = rule.get("redirect", {}).get("redirectCode", 302)
    if code not in _REDIRECTS:
        yield f"the redirect code {code}", f"use one of {', '.join(map(str, _REDIRECTS))}"
    response = rule.get("directResponse", {})
    abort = rule.get("fault", {}).get("abort", {})
    for what, status in (("a direct response", response.get("status")), ("a fault", abort.get("httpStatus"))):
        if status is not None and status not in _STATUSES:
            yield f"the status {status} of {what}", "use one from 200 to 599"
    size = len(response.get("body", {}).get("string", "").encode())
    if size > _LARGEST_BYTES:
        yield f"a direct response of {size} bytes", f"use at most {_LARGEST_BYTES}, or route to a service"


def _unprintable(node: Any) -> list[str]:
    """Return the strings in a rule with control characters; Envoy refuses them in a string that becomes a header."""
    if isinstance(node, str):
        return [] if node.isprintable() else [node]
    found: list[str] = []
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        found += _unprintable(child)
    return found


def _expressions_of(rules: Any) -> Iterator[tuple[str, str]]:
    """Yield the errors in the regular expressions of an HTTPRoute; its schema covers everything else."""
    for number, rule in enumerate(rules, start=1):
        for match in rule.get("matches") or ():
            for entry in (match.get("path") or {}, *(match.get("headers") or ()), *(match.get("queryParams") or ())):
                why = syntax_error(entry["value"], ENVOY) if entry.get("type") == "RegularExpression" else ""
                if why:
                    yield f'rule {number}: the regular expression "{entry["value"]}", {why}', "write it in RE2 syntax"


def _weights(route: Any) -> Iterator[tuple[str, str]]:
    weights = [destination.get("weight") for destination in route]
    if any(weight is not None and weight < 0 for weight in weights):
        yield "a negative weight", "weights are 0 to 100, and sum to 100"
    elif weights and (weights == [0] or (len(weights) > 1 and not any(weights))):
        yield "only weights of 0", "remove destinations without requests; weights sum to 100"


def _mirrors(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    shares = [rule.get("mirrorPercentage"), *(mirror.get("percentage") for mirror in rule.get("mirrors") or ())]
    for share in shares:
        value = share.get("value") if share else None
        if value is not None and not 0 <= value <= 100:
            yield f"a mirror of {value} %", "use 0 to 100"


def _headers(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the errors for empty header names, and for values that Envoy cannot parse."""
    matches = rule.get("match") or ()
    changes = [
        change.get(side) or {}
        for change in (rule.get("headers"), *(entry.get("headers") for entry in rule.get("route") or ()))
        for side in ("request", "response")
        if change
    ]
    compared = chain.from_iterable(
        match.get(key) or () for match in matches for key in ("headers", "withoutHeaders", "queryParams")
    )
    written = [entry for change in changes for key in ("set", "add") for entry in (change.get(key) or {}).items()]
    removed = chain.from_iterable(change.get("remove") or () for change in changes)
    if "" in (*compared, *removed, *(name for name, _ in written)):
        yield "a header or parameter without a name", "add its name"
    for name, value in written:
        if "%" in _PERCENT.sub("", value):
            yield f'a single % in the header {name}, "{value}"', "write %% for a literal %"


def _expressions(rule: Mapping[str, Any]) -> Iterator[str]:
    for match in rule.get("match") or ():
        compared = [match.get(key) for key in ("uri", "scheme", "method", "authority")]
        for key in ("headers", "withoutHeaders", "queryParams"):
            compared += (match.get(key) or {}).values()
        yield from (entry["regex"] for entry in compared if entry and "regex" in entry)
    origins = rule.get("corsPolicy", {}).get("allowOrigins") or ()
    yield from (origin["regex"] for origin in origins if "regex" in origin)
    rewritten = rule.get("rewrite", {}).get("uriRegexRewrite", {})
    yield from [rewritten["match"]] if "match" in rewritten else []
