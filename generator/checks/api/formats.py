"""The forms of names, keys, paths and numbers. Source: k8s.io/apimachinery/pkg/util/validation."""

from __future__ import annotations

from base64 import b64decode
from typing import Final

from generator.checks.api.rules import BOUND, FORM, rule

_LABEL: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_NAME: Final = "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_DOMAIN: Final = rf"(?=[^/]{{1,253}}/){_LABEL}(\.{_LABEL})*/"
_PERCENT: Final = "0*(100|[0-9]{1,2})%"

# IsDNS1123Label, IsDNS1035Label, IsDNS1123Subdomain
DNS_LABEL: Final = rule(
    FORM,
    "at most 63 lower-case letters, digits and inner dashes",
    pattern=f"^{_LABEL}$",
    maxLength=63,
)
DNS_SUBDOMAIN: Final = rule(
    FORM,
    "at most 253 lower-case letters, digits, dashes and dots, each part with a letter or digit at both ends",
    pattern=rf"^{_LABEL}(\.{_LABEL})*$",
    maxLength=253,
)
# IsQualifiedName, of labels and resources; of annotations, whose case does not matter in the domain
LABEL_KEY: Final = rule(
    FORM,
    "a key of at most 63 letters, digits, -, _ and ., with an optional lower-case domain and / before it",
    pattern=f"^({_DOMAIN})?{_NAME}$",
)
ANNOTATION_KEY: Final = rule(
    FORM,
    "a key of at most 63 letters, digits, -, _ and ., with an optional domain and / before it",
    pattern=f"^({_DOMAIN.replace('a-z0-9', 'A-Za-z0-9')})?{_NAME}$",
)
# IsValidLabelValue
LABEL_VALUE: Final = rule(
    FORM, "at most 63 letters, digits, -, _ and ., with a letter or digit at both ends", pattern=f"^({_NAME})?$"
)
# IsValidPortName
PORT_NAME: Final = rule(
    FORM,
    "at most 15 lower-case letters, digits and single inner dashes, with a letter",
    pattern="^$|^(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$",
)
# IsRelaxedEnvVarName
ENV_NAME: Final = rule(FORM, "printable ASCII characters without =", pattern="^[ -<>-~]*$")
# IsConfigMapKey
CONFIG_KEY: Final = rule(
    FORM,
    "at most 253 letters, digits, -, _ and ., not . and no .. at the start",
    pattern=r"^(?!\.$)(?!\.\.)[-._a-zA-Z0-9]{1,253}$",
)
# IsHTTPHeaderName
HEADER_NAME: Final = rule(FORM, "letters, digits and dashes", pattern="^[-A-Za-z0-9]+$")
# path.NameMayNotBe and NameMayNotContain
PATH_SEGMENT: Final = rule(FORM, "a name without / and %, not . and not ..", pattern=r"^(?!\.{1,2}$)[^/%]+$")
# IsValidPortNum, IsValidUserID and IsValidGroupID
PORT: Final = rule(BOUND, "a number from 1 to 65535", minimum=1, maximum=65535)
OPTIONAL_PORT: Final = rule(BOUND, "a number from 0 to 65535", minimum=0, maximum=65535)
USER: Final = rule(BOUND, "a number from 0 to 2147483647", minimum=0, maximum=2147483647)
PORT_OR_NAME: Final = rule(
    FORM,
    "a number from 1 to 65535, or a port name of at most 15 lower-case letters, digits and single inner dashes",
    minimum=1,
    maximum=65535,
    pattern=PORT_NAME["pattern"],
)
# ValidatePositiveIntOrPercent, without and with IsNotMoreThan100Percent
COUNT_OR_PERCENT: Final = rule(BOUND, "a number from 0, or a percentage such as 25%", minimum=0, pattern="^[0-9]+%$")
COUNT_OR_SHARE: Final = rule(
    BOUND, "a number from 0, or a percentage from 0% to 100%", minimum=0, pattern=f"^{_PERCENT}$"
)
# ValidateNonnegativeQuantity
QUANTITY: Final = rule(BOUND, "a quantity from 0", minimum=0, pattern="^[^-]")
# validateLocalDescendingPath and validatePathNoBacksteps
RELATIVE_PATH: Final = rule(FORM, "a relative path without ..", pattern=r"^(?!/)(?!(.*/)?\.\.(/|$))")
PATH_WITHOUT_BACKSTEPS: Final = rule(FORM, "a path without ..", pattern=r"^(?!(.*/)?\.\.(/|$))")
FILE_MODE: Final = rule(BOUND, "a mode from 0 to 0777 (511)", minimum=0, maximum=511)


def is_base64(content: str) -> bool:
    """Return whether a text is bytes in base64, as Go reads it."""
    try:
        return b64decode("".join(content.split()), validate=True) is not None
    except ValueError:
        return False
