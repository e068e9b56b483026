"""Roles and their bindings. Source: ValidatePolicyRule and ValidateRoleBinding in pkg/apis/rbac/validation."""

from __future__ import annotations

from typing import Final

from generator.checks.api.formats import DNS_SUBDOMAIN, PATH_SEGMENT
from generator.checks.api.rules import (
    FORM,
    MISSING,
    ONE_OF,
    Schema,
    both,
    demand,
    fields,
    items,
    require_text,
    rule,
    when,
    word,
)

_GROUP: Final = "rbac.authorization.k8s.io"


def _filled_list(name: str) -> Schema:
    given = rule(MISSING, f"at least one of {name}", "write one", minItems=1)
    return both(rule(MISSING, name, "write them", required=[name]), fields(**{name: given}))


_NO_URLS: Final = rule(ONE_OF, "no URLs in a Role", "remove them, or write a ClusterRole", maxItems=0)
_VERBS: Final = _filled_list("verbs")
ROLE: Final = fields(
    rules=items(both(_VERBS, _filled_list("apiGroups"), _filled_list("resources"), fields(nonResourceURLs=_NO_URLS)))
)
CLUSTER_ROLE: Final = fields(rules=items(_VERBS))
_ACCOUNT: Final = both(
    fields(apiGroup=rule(FORM, "no group of a ServiceAccount", "remove it", enum=[""]), name=DNS_SUBDOMAIN),
    demand("namespace"),
)
_PERSON: Final = fields(apiGroup=rule(FORM, _GROUP, enum=["", _GROUP]))
BINDING: Final = fields(
    roleRef=both(
        require_text("name"),
        fields(apiGroup=rule(FORM, _GROUP, enum=["", _GROUP]), kind=word("ClusterRole", "Role"), name=PATH_SEGMENT),
    ),
    subjects=items(
        both(
            require_text("name"),
            fields(kind=word("Group", "ServiceAccount", "User")),
            when("kind", ("ServiceAccount",), _ACCOUNT, otherwise=_PERSON),
        )
    ),
)
