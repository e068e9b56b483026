"""`make secret-rules`: fetch the rules of gitleaks, and write those that servegen uses, with their notice.

Needs the network and Go. Left out are `generic-api-key`, which takes ordinary keys of specs for secrets (`names` has
our own rules instead), and rules for files of a certain name. Of the allow-lists, those of paths have no use here, and
published keys are left out, so that scanners of Git hosts do not find them in rules.json.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

from generator.core.errors import ServegenError, ToolError
from generator.core.programs import run
from generator.core.secrets.known import RULES, compile_expression

MODULE: Final = "github.com/zricethezav/gitleaks/v8@v8.30.1"
NOTICE: Final = RULES.with_name("NOTICE")
_LEFT_OUT: Final = frozenset({"generic-api-key"})
_USED: Final = frozenset({"id", "description", "regex", "keywords", "entropy", "secretGroup", "allowlists"})
_UNUSED_LISTS: Final = frozenset({"paths", "commits", "description"})
_NOTICE: Final = f"""\
rules.json holds rules of gitleaks ({MODULE}, file config/gitleaks.toml).
Changes: rules that servegen does not use and descriptions are left out, and the rest is written as JSON.
gitleaks has this licence:

"""


def main() -> int:
    """Write the rules and the notice. Return the exit status: 3 when gitleaks cannot be fetched or has new features."""
    try:
        folder = Path(json.loads(run(["go", "mod", "download", "-json", MODULE], timeout=None).stdout)["Dir"])
        data = convert(tomllib.loads((folder / "config" / "gitleaks.toml").read_text(encoding="utf-8")))
    except ServegenError as error:
        sys.stderr.write(f"{error}\n{error.hint}\n")
        return error.exit_code
    RULES.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    NOTICE.write_text(_NOTICE + (folder / "LICENSE").read_text(encoding="utf-8"), encoding="utf-8")
    sys.stdout.write(f"{len(data['rules'])} rules, {RULES.stat().st_size:,} bytes\n")
    return 0


def convert(data: dict[str, Any]) -> dict[str, Any]:
    """Return the content of rules.json. Raises ToolError if a rule needs something that `known` cannot do."""
    used = [rule for rule in data["rules"] if "path" not in rule and rule["id"] not in _LEFT_OUT]
    return {
        "allowed": data["allowlist"]["regexes"],
        "stopwords": [word.lower() for word in data["allowlist"]["stopwords"]],
        "rules": [_rule(rule) for rule in used],
    }


def _rule(rule: dict[str, Any]) -> list[Any]:
    if unknown := rule.keys() - _USED:
        raise ToolError(f"the rule {rule['id']} has {', '.join(sorted(unknown))}", hint="extend generator/core/secrets")
    allowed = []
    for entry in rule.get("allowlists", ()):
        if unknown := entry.keys() - _UNUSED_LISTS - {"regexes"}:
            message = f"the allow-list of the rule {rule['id']} has {', '.join(sorted(unknown))}"
            raise ToolError(message, hint="extend generator/core/secrets")
        allowed += [
            text for text in entry.get("regexes", ()) if not compile_expression(rule["regex"]).search(text.encode())
        ]
    keywords = [word.lower() for word in rule["keywords"]]
    return [rule["id"], rule["regex"], keywords, rule.get("entropy", 0), rule.get("secretGroup", 0), allowed]


if __name__ == "__main__":
    raise SystemExit(main())
