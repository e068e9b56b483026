"""C33: `$(NAME)` in a variable, a command or a probe must name a variable that the container has.

Kubernetes replaces `$(NAME)` by the value of a variable of the same container. It leaves a name that it does not know
as it is, so that the process gets the text `$(NAME)`. The variables of the spec may be in any order, but must not refer
to themselves or to one another in a circle. Variables that only the image has are not known to Kubernetes.

A probe is different: it gets only variables with a text of their own. A variable from a Secret, a ConfigMap or the pod
(such as K8S_POD_IP) is empty there, and a reference inside a variable stays as it is. A shell in the probe has them
all.

In a string `command`, `$(name)` is also how a shell runs a program, so only names in capitals are reported there. Write
`$$(NAME)` where the text itself is meant.

Passes:

    env:
      BASE_URL: http://$(STORE_HOST)/models
      STORE_HOST: store.example.com

Fails:

    env:
      BASE_URL: http://$(STORE_HOTS)/models
      STORE_HOST: store.example.com
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.containers import commands, containers, variables
from generator.checks.objects.violation import Violation
from generator.core.finding import Severity
from generator.core.regex import regex
from generator.core.secrets.names import is_sensitive
from generator.render.pod_templates import GROUP_KIND, pod_templates
from generator.render.pod_templates import KINDS as KINDS
from generator.render.views.expansion import references
from generator.spec.values.text import closest

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping

    from generator.checks.objects.containers import Words
    from generator.fleet.model import EnvironmentContext

ID: Final = "C33"
_NAME: Final = regex(r"[A-Za-z_][-A-Za-z0-9_.]*\Z")
# A program that a shell runs has such a name hardly ever.
_VARIABLE: Final = regex(r"[A-Z_][A-Z0-9_]+\Z")
# The variables that each container has of the API server, and those of other Services with service links.
_SERVER: Final = regex(r"KUBERNETES_(?:SERVICE_(?:HOST|PORT(?:_[A-Z]+)?)|PORT(?:_[A-Z0-9_]+)?)\Z")
# The variables that the controller of a LeaderWorkerSet puts in front of the others.
_GROUP: Final = ("LWS_LEADER_ADDRESS", "LWS_GROUP_SIZE", "LWS_WORKER_INDEX")
_LINK: Final = regex(r"[A-Z][A-Z0-9_]*_(?:SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)|PORT(?:_[A-Z0-9_]+)?)\Z")


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield an error for each reference in a container that Kubernetes cannot replace."""
    pods = [template.get("spec") for _, template in pod_templates(tree)]
    linked = any(isinstance(pod, dict) and pod.get("enableServiceLinks") is not False for pod in pods)
    given = _GROUP if tree["kind"] == GROUP_KIND else ()
    for path, container in containers(tree):
        if not container.get("envFrom"):  # which may bring any variable
            for violation in _violations(container, _LINK if linked else _SERVER, given):
                yield Violation(violation.message, violation.hint, (*path, *violation.path), violation.severity)


def _violations(container: Mapping[str, Any], server: re.Pattern[str], given: tuple[str, ...]) -> Iterator[Violation]:
    known = {**dict.fromkeys(given, ""), **{name: text for _, name, text in variables(container)}}
    earlier = set(given)
    for index, variable, text in variables(container):
        for name in references(text) if text and "$(" in text else ():
            if name not in earlier and not server.match(name) and _NAME.match(name):
                yield _in_variable(index, variable, name, known)
        earlier.add(variable)
    for words in commands(container):
        for index, word in enumerate(words.words):
            for name in references(word) if "$(" in word else ():
                if not server.match(name) and _NAME.match(name):
                    yield from _in_command(words, index, name, known)


def _in_variable(index: int, variable: str, name: str, known: Mapping[str, str | None]) -> Violation:
    path = ("env", index, "value")
    if name in known:
        what = "itself" if name == variable else f"{name}, which refers back to it or comes later"
        hint = "write the value itself in one of them"
        if name == variable:
            hint = f"write the value itself: Kubernetes does not know the {name} of the image"
        return Violation(f"the variable {variable} refers to {what}, so that the container gets $({name})", hint, path)
    if is_sensitive(variable):  # the name may be a part of a secret
        hint = "name a variable of the container, or write $$( for the text itself"
        return Violation(f"the variable {variable} refers to a variable that the container does not have", hint, path)
    message = f"the variable {variable} refers to {name}, which the container does not have: it gets $({name})"
    return Violation(message, _hint(name, known), path)


def _in_command(words: Words, index: int, name: str, known: Mapping[str, str | None]) -> Iterator[Violation]:
    path = (*words.path, index)
    if name not in known:
        in_shell = words.shell == words.words[index]
        if not in_shell:
            message = f"the command refers to {name}, which the container does not have: it gets $({name})"
            yield Violation(message, _hint(name, known), path)
        elif _VARIABLE.match(name):
            message = f"the command refers to {name}, which is no variable of the spec: the shell runs a program {name}"
            hint = closest(name, known) or f"write ${{{name}}} for a variable of the image or of the command itself"
            yield Violation(message, hint, path, Severity.WARNING)
    elif words.is_probe and (why := _not_static(known[name])):
        hint = f"let a shell read it: shell:… with ${{{name}}}"
        yield Violation(f"the probe refers to {name}, and {why}", hint, path)


def _not_static(text: str | None) -> str:
    """Return why a probe does not get the value of a variable; an empty string if it gets it."""
    if text is None:
        return "gets an empty text: Kubernetes reads only variables with a text of their own there"
    return "gets its text with the references in it" if any(references(text)) else ""


def _hint(name: str, known: Mapping[str, str | None]) -> str:
    return closest(name, known) or f"add {name} to `env`, or write $$({name}) for the text itself"
