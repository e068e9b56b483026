"""Write the report of `servegen diff` as the one comment of its pull request, or update that comment.

python3 servegen-comment.py FOLDER, where FOLDER has the files of the artefact: `pull-request`, the number, and
`servegen-diff.md`, which is missing if the specs have errors. Needs only the standard library, so nothing is installed
beside the token. The files may come from a fork: the number is used only if the commit of the run is the newest one of
that pull request, and only a comment of the token's own user is changed.
"""

import json
import os
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

MARKER = "<!-- servegen diff -->"
NOTHING = "Nothing changes in any environment."
AUTHOR = "github-actions[bot]"  # the user of the token that each workflow has
REPOSITORY = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}"


def call(method, path, **data):
    """Return the answer of GitHub's API to one request."""
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
        "Content-Type": "application/json",
        "User-Agent": "servegen-comment",
    }
    body = json.dumps(data).encode() if data else None
    with urlopen(Request(f"{REPOSITORY}/{path}", body, headers, method=method), timeout=60) as answer:
        return json.load(answer)


def pages(path, **query):
    """Yield the entries of all pages of a list."""
    page, found = 1, [None] * 100
    while len(found) == 100:
        found = call("GET", f"{path}?{urlencode({**query, 'per_page': 100, 'page': page})}")
        yield from found
        page += 1


def is_newest(number):
    """Return whether the commit of the run is the newest one of the open pull request with this number."""
    head = f"{os.environ['HEAD_OWNER']}:{os.environ['HEAD_BRANCH']}"
    found = pages("pulls", state="open", head=head)
    return any(str(one["number"]) == number and one["head"]["sha"] == os.environ["HEAD_SHA"] for one in found)


def text(report):
    """Return the text of the comment."""
    run = os.environ["RUN_URL"]
    if not report.is_file():
        return f"{MARKER}\nThere is no report of {os.environ['HEAD_SHA'][:9]}: see [the run]({run}) for errors.\n"
    found = report.read_text(encoding="utf-8")
    if not found.startswith(MARKER + "\n"):
        sys.exit(f"{report} is no report of servegen diff")
    return f"{found}\n[The run]({run}) has the whole report as an artefact.\n"


def main(folder):
    """Create or update the comment. A change that does nothing, or that has errors, gets no new one."""
    number = (folder / "pull-request").read_text(encoding="utf-8").strip()
    if not is_newest(number):
        return "the pull request is closed or has a newer commit: nothing to do"
    report = folder / "servegen-diff.md"
    body = text(report)
    comments = pages(f"issues/{number}/comments")
    own = [one["id"] for one in comments if one["user"]["login"] == AUTHOR and one["body"].startswith(MARKER)]
    if own:
        call("PATCH", f"issues/comments/{own[0]}", body=body)
        return f"updated the comment of pull request {number}"
    if not report.is_file() or NOTHING in body:
        return "nothing changes: no comment"
    call("POST", f"issues/{number}/comments", body=body)
    return f"commented on pull request {number}"


if __name__ == "__main__":
    try:
        sys.stdout.write(main(Path(sys.argv[1])) + "\n")
    except HTTPError as error:
        sys.exit(f"{error.url}: {error.code} {error.reason}: {error.read().decode('utf-8', 'replace')[:500]}")
