"""Where the files of a model come from: `/mnt/m`, `pvc://claim/m`, `https://…`, `s3://…`, `hf://org/name@commit`, ….

The rules follow what KServe's storage initializer 0.21 does with an address: what it would fetch wrongly, or keep under
another name, is refused here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values import image, model_url
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.model_files import file_name, is_packed, relative, spelled_folder, split_fragment
from generator.spec.values.text import scalar

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal["path", "claim", "https", "s3", "gs", "hf", "oci", "image", "other"]

_EXPECTED: Final = "a path or an address, such as /mnt/models/detector/1/ or s3://models/detector/1/"
_CLAIM: Final = regex(r"(?=.{1,253}\Z)[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\Z")
_COMMIT: Final = regex(r"[0-9a-f]{40}\Z")
_HUB: Final = regex(r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?:@([A-Za-z0-9][\w.-]*))?/?\Z", re.ASCII)
# An address of the hub in the spelling of KServe, or with a path after the name or the revision.
_NEARLY_HUB: Final = regex(
    r"(?!(?:datasets|models|spaces)/)([^/@:?]+/[^/@:?]+)/?([^@:?]*)(?:[@:]([^/@:?]+)/?([^@:?]*))?\Z"
)
_NEARLY_OCI: Final = regex(r"(.+(?::[\w][\w.-]*|@sha256:[0-9a-f]{64}))/+(.*)\Z")
_HUB_EXAMPLE: Final = "for example hf://org/name@0123456789abcdef0123456789abcdef01234567"


class Source(Struct, frozen=True):
    """Where the files of a model come from.

    `address` depends on the kind. path: the absolute path; claim: the claim's name; https, s3, gs: the URL without its
    fragment, with a slash at the end if it is a folder of a bucket; hf: `org/name`; oci: the reference of the image;
    image: the absolute path in the server's image; other: the text.

    `inner` is the path inside the claim, the unpacked archive, the hub repository or the OCI image, without outer
    slashes. `file` is the name of the file if the source is a single file, after unpacking; None for a folder.
    `revision` is the revision of the hub repository, or the tag or digest of the OCI image. `archive` is whether the
    fetcher unpacks what it fetches.
    """

    kind: Kind
    address: str
    inner: str = ""
    file: str | None = None
    revision: str = ""
    archive: bool = False

    @property
    def pinned(self) -> bool:
        """Whether the address names a fixed commit or digest. True for kinds that have no revision."""
        if self.kind == "hf":
            return _COMMIT.match(self.revision) is not None
        return self.kind != "oci" or self.revision.startswith("sha256:")


def parse(text: object) -> Source:
    """Return the source that a path or an address names. Raises InvalidValueError.

    Schemes that servegen does not know, relative paths and an empty string are of the kind `other`.
    """
    return _parsed(scalar(text, _EXPECTED))


@lru_cache(maxsize=65536)
def _parsed(given: str) -> Source:
    model_url.check_credentials(given)
    if given.startswith("/"):
        return _absolute("path", given, "")
    scheme, colon, rest = given.partition(":")
    if colon and scheme.lower() == "file":
        raise InvalidValueError(given, "an absolute path, without file:", hint=_without_file(rest))
    if not colon or scheme.lower() not in _READERS or model_url.is_git_repository(given):
        return Source("other", given)
    prefix = "image:/" if scheme.lower() == "image" else f"{scheme.lower()}://"
    if not given.startswith(prefix):
        raise InvalidValueError(given, f"an address with {prefix}", hint=f"write {prefix}{rest.lstrip('/')}")
    return _READERS[scheme](given)


def format_source(source: Source) -> str:
    """Return the canonical text of a source, which `parse` reads as the same source."""
    inner = spelled_folder(source.inner, source.file)
    fragment = f"#{inner}" if inner else ""
    match source.kind:
        case "path":
            return spelled_folder(source.address, source.file)
        case "image":
            return f"image:{spelled_folder(source.address, source.file)}"
        case "claim":
            return f"pvc://{source.address}/{inner}" if inner else f"pvc://{source.address}"
        case "hf":
            return f"hf://{source.address}{'@' if source.revision else ''}{source.revision}{fragment}"
        case "oci":
            return f"oci://{source.address}{fragment}"
        case _:
            return f"{source.address}{fragment}"


def _absolute(kind: Literal["path", "image"], path: str, prefix: str) -> Source:
    _refuse_fragment(f"{prefix}{path}")
    address = f"/{relative(path, f'{prefix}{path}')}"
    return Source(kind, address, file=file_name(path))


def _image(text: str) -> Source:
    return _absolute("image", text.removeprefix("image:"), "image:")


def _claim(text: str) -> Source:
    expected = "pvc:// with a claim's name and a path in it"
    claim, _, inner = text.removeprefix("pvc://").partition("/")
    if not _CLAIM.match(re.split("[#?]", claim)[0]):
        raise InvalidValueError(text, expected, hint="for example pvc://models/detector/1/model.onnx")
    _refuse_fragment(text)
    model_url.refuse_query(text, expected)
    return Source("claim", claim, relative(inner, text), file_name(inner))


def _https(text: str) -> Source:
    address, inner = split_fragment(text)
    name, archive = model_url.http_file(address, text)
    if archive:
        return Source("https", address, relative(inner, text), file_name(inner), archive=True)
    if inner:
        expected = "an address without #, because it is not the address of an archive"
        raise InvalidValueError(text, expected, hint=f"write {address}")
    return Source("https", address, file=name)


def _bucket(text: str) -> Source:
    kind: Literal["s3", "gs"] = "s3" if text.startswith("s3:") else "gs"
    address, inner = split_fragment(text)
    key = model_url.bucket_key(address, text)
    if is_packed(key):
        return Source(kind, address, relative(inner, text), file_name(inner), archive=True)
    if inner:
        expected = "an address without #, because it is not the address of an archive"
        raise InvalidValueError(text, expected, hint=f"write {address.rstrip('/')}/{inner.lstrip('/')}")
    file = file_name(key)
    return Source(kind, address if file is not None else f"{address.rstrip('/')}/", file=file)


def _hub(text: str) -> Source:
    address, inner = split_fragment(text)
    match = _HUB.match(address.removeprefix("hf://"))
    if not match:
        raise InvalidValueError(text, "hf://org/name@revision", hint=_hub_hint(address, inner))
    return Source("hf", match[1], relative(inner, text), file_name(inner), match[2] or "")


def _hub_hint(address: str, inner: str) -> str:
    nearly = _NEARLY_HUB.match(address.removeprefix("hf://"))
    if not nearly:
        return _HUB_EXAMPLE
    name, before, revision, after = (part or "" for part in nearly.groups())
    steps = "/".join(filter(None, (before.strip("/"), after.strip("/"), inner)))
    whole = f"{name}{'@' if revision else ''}{revision}"
    return f"write hf://{whole}{'#' if steps else ''}{steps}" if _HUB.match(whole) else _HUB_EXAMPLE


def _oci(text: str) -> Source:
    address, inner = split_fragment(text)
    reference = address.removeprefix("oci://")
    expected = "oci://registry/repository, with :tag or @sha256:…"
    model_url.refuse_query(text, expected)
    try:
        image.parse(reference)
    except InvalidValueError as mistake:
        nearly = _NEARLY_OCI.match(reference)
        steps = "/".join(filter(None, (nearly[2].strip("/"), inner))) if nearly else ""
        hint = f"write oci://{nearly[1]}{'#' if steps else ''}{steps}" if nearly else mistake.hint
        raise InvalidValueError(text, expected, hint=hint or _OCI_EXAMPLE) from None
    registry, _, repository = reference.partition("/")
    if not repository or not ("." in registry or ":" in registry or registry == "localhost"):
        library = "" if repository else "library/"
        raise InvalidValueError(text, f"{expected}, and a registry", hint=f"write oci://docker.io/{library}{reference}")
    revision = image.revision(reference)
    return Source("oci", reference, relative(inner, text), file_name(inner), revision)


def _refuse_fragment(text: str) -> None:
    before, sign, after = text.partition("#")
    if sign:
        hint = f"write {before.rstrip('/')}/{after.replace('#', '/').lstrip('/')}"
        raise InvalidValueError(text, "a path without #", hint=hint)


def _without_file(rest: str) -> str:
    local = re.fullmatch(r"(?://(?:localhost)?)?(/[^/].*)", rest)
    return f"write {local[1]}" if local else "write the absolute path, such as /mnt/models/detector/1/model.onnx"


_OCI_EXAMPLE: Final = "for example oci://registry.example.com/models/detector:1"
_READERS: Final[dict[str, Callable[[str], Source]]] = {
    "pvc": _claim,
    "https": _https,
    "http": _https,
    "s3": _bucket,
    "gs": _bucket,
    "hf": _hub,
    "oci": _oci,
    "image": _image,
}
