"""Write the report of `servegen diff` as the one note of its merge request, or update that note.

python3 servegen-comment.py FILE. The file is missing if the specs have errors. Needs only the standard library, so
nothing is installed beside the token. Only a note of the token's own user is changed.
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
API = os.environ["CI_API_V4_URL"]
REQUEST = f"projects/{os.environ['CI_MERGE_REQUEST_PROJECT_ID']}/merge_requests/{os.environ['CI_MERGE_REQUEST_IID']}"


def call(method, path, **data):
    """Return the answer of GitLab's API to one request."""
    headers = {"Content-Type": "application/json", "PRIVATE-TOKEN": os.environ["SERVEGEN_TOKEN"]}
    body = json.dumps(data).encode() if data else None
    with urlopen(Request(f"{API}/{path}", body, headers, method=method), timeout=60) as answer:
        return json.load(answer)


def notes():
    """Yield the notes of all pages."""
    page, found = 1, [None] * 100
    while len(found) == 100:
        found = call("GET", f"{REQUEST}/notes?{urlencode({'per_page': 100, 'page': page})}")
        yield from found
        page += 1


def text(report):
    """Return the text of the note."""
    pipeline = os.environ["CI_PIPELINE_URL"]
    if not report.is_file():
        return f"{MARKER}\nThere is no report: see [the pipeline]({pipeline}) for errors.\n"
    return f"{report.read_text(encoding='utf-8')}\n[The pipeline]({pipeline}) has the whole report as an artefact.\n"


def main(report):
    """Create or update the note. A change that does nothing, or that has errors, gets no new one."""
    commit = os.environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or os.environ["CI_COMMIT_SHA"]
    if call("GET", REQUEST)["sha"] != commit:
        return "the merge request has a newer commit: nothing to do"
    body, me = text(report), call("GET", "user")["id"]
    own = [note["id"] for note in notes() if note["author"]["id"] == me and note["body"].startswith(MARKER)]
    if own:
        call("PUT", f"{REQUEST}/notes/{own[-1]}", body=body)
        return "updated the note"
    if not report.is_file() or NOTHING in body:
        return "nothing changes: no note"
    call("POST", f"{REQUEST}/notes", body=body)
    return "wrote a note"


if __name__ == "__main__":
    try:
        sys.stdout.write(main(Path(sys.argv[1])) + "\n")
    except HTTPError as error:
        sys.exit(f"{error.url}: {error.code} {error.reason}: {error.read().decode('utf-8', 'replace')[:500]}")
