"""The addresses of model sources on web servers and in buckets, as KServe's storage initializer fetches them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlparse

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.model_files import is_packed

_USER: Final = regex(r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#]*:[^/?#]*@)|https?://[^/?#]*@")
_SIGNED: Final = regex(r"[?&](?:X-Amz-Signature|X-Goog-Signature|Signature|sig|(?:access_)?token)=", re.IGNORECASE)
_BUCKET: Final = regex(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_CREDENTIALS: Final = "name their Secret under `sources` in services/platform.yaml"
_EXAMPLE: Final = "for example https://models.example.com/detector/1/model.onnx"


def check_credentials(text: str) -> None:
    """Refuse an address with a user, a password or a signature, and do not quote it. Raises InvalidValueError."""
    if _USER.match(text):
        raise InvalidValueError("…", "an address without a user or password", hint=f"remove them, and {_CREDENTIALS}")
    if text.startswith(("https:", "http:")) and _SIGNED.search(text):
        hint = f"remove the query with the credentials, and {_CREDENTIALS}"
        raise InvalidValueError("…", "an address without a token or signature", hint=hint)


def refuse_query(text: str, expected: str) -> None:
    """Refuse an address with a query, which would be lost. Raises InvalidValueError."""
    before, sign, _ = text.partition("?")
    if sign:
        raise InvalidValueError(text, f"{expected}, without a query", hint=f"write {before}")


def is_git_repository(text: str) -> bool:
    """Return whether the address is that of a Git repository, which is no model source."""
    return re.match(r"https?://[^?#]+\.git/?\Z", text) is not None


def http_file(address: str, text: str) -> tuple[str, bool]:
    """Return the name under which a web address is stored, and whether it is an archive.

    Raises InvalidValueError for `text`, which is the address with its fragment.
    """
    name, query = _http_name(address, text)
    if re.search(r"https://.+\.git", address):
        hint = "copy the model to a bucket, or to a server whose address does not contain .git"
        raise InvalidValueError(text, "an address without .git, which would be cloned as a Git repository", hint=hint)
    archive = is_packed(name) or is_packed(query)
    if not archive and (name.endswith(".gz") or query.endswith(".gz")):
        hint = "upload the model uncompressed, or in an archive .tar.gz"
        raise InvalidValueError(text, "a file that is not compressed, or an archive", hint=hint)
    return name, archive


def bucket_key(address: str, text: str) -> str:
    """Return the key of an address such as `s3://bucket/key`.

    Raises InvalidValueError for `text`, which is the address with its fragment.
    """
    scheme, _, rest = address.partition("://")
    expected = f"{scheme}://bucket/key"
    refuse_query(address, expected)
    bucket, _, key = rest.partition("/")
    if not _BUCKET.match(bucket) or not key.strip("/"):
        example = bucket if _BUCKET.match(bucket) else "models"
        raise InvalidValueError(text, expected, hint=f"for example {scheme}://{example}/detector/1/")
    if "//" in rest:
        hint = f"write {scheme}://{re.sub(r'/+', '/', rest)}"
        raise InvalidValueError(text, f"{expected}, without an empty part", hint=hint)
    return key


def _http_name(address: str, text: str) -> tuple[str, str]:
    """Return the last part of the path, and the query."""
    try:
        url = urlparse(address)
        host, _ = url.hostname, url.port
    except ValueError:
        raise InvalidValueError(text, "the address of a file on a web server", hint=_EXAMPLE) from None
    name = url.path.rpartition("/")[2]
    if not host:
        raise InvalidValueError(text, "the address of a file on a web server", hint=_EXAMPLE)
    if not name:
        hint = "write the address of a file or of an archive .tar.gz, because a folder cannot be fetched from a server"
        raise InvalidValueError(text, "the address of a file on a web server", hint=hint)
    return name, url.query
