"""A corpus in S3, or in what speaks like it: conditional writes by ETag, deletion by the thousand, and versions.

s3fs asks; where it has no method of its own (If-Match, versions) its client is asked in botocore's words. Credentials, region and
endpoint are those that botocore finds: AWS_ACCESS_KEY_ID, AWS_PROFILE, AWS_ENDPOINT_URL, a role.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, ClassVar

from jobs.corpus.sources.outside import AnsweredWith
from jobs.corpus.stores.objects import READ, WRITTEN, Objects
from jobs.corpus.stores.store import Conflict
from pipeline.errors import EnvironmentProblem

PROTOCOLS = ("s3", "s3a")
DELETED_AT_ONCE = 1000  # S3's own limit
_CHANGED = ("PreconditionFailed", "412")
_AT_THE_SAME_TIME = ("ConditionalRequestConflict", "409")  # undecided: S3 says to ask again


class S3(Objects):
    """See jobs/corpus/stores/objects.py; here both conditional writes are atomic."""

    _at_once: ClassVar[dict[str, Any]] = {"max_concurrency": 1}

    def _make_folder(self, path: str) -> None:
        """There are none, and s3fs would make a bucket that is missing."""

    def _put_if(self, name: str, data: bytes, version: str | None) -> str:
        condition = {"IfNoneMatch": "*"} if version is None else {"IfMatch": version}
        try:
            answer = self._call("put_object", Key=self._key(name), Body=data, **condition)
        except FileNotFoundError:
            if version is None:  # it is the bucket that is missing
                raise
            raise Conflict(name) from None
        except Exception as error:
            if (code := _code(error)) in _CHANGED:
                raise Conflict(name) from None
            if code in _AT_THE_SAME_TIME:
                raise AnsweredWith(503, code) from error
            raise
        return str(answer["ETag"])

    def delete(self, names: Iterable[str]) -> None:
        self._delete([{"Key": self._key(name)} for name in names])

    def versions(self) -> list[str]:
        return sorted({self._name(one["Key"]) for one in (*self._earlier(), *self._uploads())})

    def forget_versions(self) -> None:
        """Raises EnvironmentProblem where the store keeps them by a rule of its own: object lock, missing rights."""
        self._delete([{"Key": one["Key"], "VersionId": one["VersionId"]} for one in self._earlier()])
        for one in self._uploads():
            upload = {"Key": one["Key"], "UploadId": one["UploadId"]}
            self._asked(partial(self._call, "abort_multipart_upload", **upload), self._name(one["Key"]), WRITTEN)

    def _earlier(self) -> Iterator[dict[str, Any]]:
        """Versions that are not the newest, and marks of what was deleted; a bucket without versions has none."""
        for page in self._pages("list_object_versions", ("KeyMarker", "VersionIdMarker")):
            yield from (one for one in page.get("Versions", ()) if not one["IsLatest"])
            yield from page.get("DeleteMarkers", ())

    def _uploads(self) -> Iterator[dict[str, Any]]:
        """Of files in parts, begun and neither ended nor given up."""
        for page in self._pages("list_multipart_uploads", ("KeyMarker", "UploadIdMarker")):
            yield from page.get("Uploads", ())

    def _pages(self, method: str, markers: tuple[str, str]) -> Iterator[dict[str, Any]]:
        after: dict[str, Any] = {}
        while True:
            page = self._asked(partial(self._call, method, Prefix=self._key(""), **after), "", READ)
            yield page
            if not page.get("IsTruncated"):
                return
            after = {marker: page[f"Next{marker}"] for marker in markers if page.get(f"Next{marker}")}

    def _delete(self, objects: list[dict[str, Any]]) -> None:
        for start in range(0, len(objects), DELETED_AT_ONCE):
            some = {"Objects": objects[start : start + DELETED_AT_ONCE], "Quiet": True}
            answer = self._asked(partial(self._call, "delete_objects", Delete=some), "", WRITTEN)
            if refused := answer.get("Errors"):
                first = refused[0]
                raise EnvironmentProblem(
                    f"{self.root}: {len(refused)} files cannot be deleted, first {first['Key']} ({first.get('Code')}: "
                    f"{first.get('Message')}); see to its rights and locks, then run the same command again"
                )

    def _call(self, method: str, **arguments: Any) -> dict[str, Any]:
        return dict(self._filesystem.call_s3(method, Bucket=self._bucket, **arguments))

    @property
    def _bucket(self) -> str:
        return self._path("").partition("/")[0]

    def _key(self, name: str) -> str:
        """Of a name; of "" what all keys of the corpus begin with."""
        folder = self._path("").partition("/")[2]
        return f"{folder}/{name}" if folder else name

    def _name(self, key: str) -> str:
        return key[len(self._key("")) :]


def _code(error: BaseException) -> str:
    """S3's own word for an error, which s3fs puts into another one."""
    for one in (error, error.__cause__):
        answer = getattr(one, "response", None)
        if isinstance(answer, dict):
            return str(answer.get("Error", {}).get("Code"))
    return "PreconditionFailed" if isinstance(error, FileExistsError) else ""
