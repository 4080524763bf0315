"""Files in an S3-compatible store, asked with keys that were given, or with none: no key is looked for anywhere."""

from __future__ import annotations

import io
import logging
import re
import ssl
from typing import Any

from aiohttp import ClientError
from botocore.exceptions import (
    BaseEndpointResolverError,
    BotoCoreError,
    EndpointProviderError,
    HTTPClientError,
    InvalidDNSNameError,
    NoAuthTokenError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ValidationError,
)
from fsspec.asyn import sync
from s3fs import S3FileSystem

from sources.placed_stream import PlacedStream

CONNECT_SECONDS, SILENT_SECONDS = 30, 60
_BLOCK = 1 << 16
_FAULTS = (HTTPClientError, BotoCoreError, ClientError, ssl.SSLError)
"""What the libraries raise that is no OSError."""
_SETTINGS = (
    BaseEndpointResolverError,
    EndpointProviderError,
    InvalidDNSNameError,
    NoAuthTokenError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ValidationError,
)
"""Those of them that say that a request cannot even be made from what is set."""
_MD5 = re.compile(r'"?([0-9a-f]{32})"?')


class S3Store(S3FileSystem):
    """S3 of any maker. endpoint: its address, else Amazon's; without key_id and secret requests are not signed."""

    retries = 1  # asking again is the step's, which knows for how long

    def __init__(
        self,
        key_id: str | None = None,
        secret: str | None = None,
        token: str | None = None,
        endpoint: str | None = None,
        region: str | None = None,
        ca_file: str | None = None,
        version_aware: bool = False,
    ) -> None:
        """Connect to nothing yet.

        Without a key botocore would ask the address at which clouds answer for one; unsigned requests ask nobody.
        """
        if self._cached:
            return
        for name in ("botocore", "aiobotocore", "s3fs", "fsspec"):  # they log what signs a request
            logging.getLogger(name).setLevel(logging.WARNING)
        super().__init__(
            anon=not key_id,
            key=key_id,
            secret=secret,
            token=token,
            endpoint_url=endpoint,
            client_kwargs={"region_name": region or "us-east-1"} | ({"verify": ca_file} if ca_file else {}),
            config_kwargs={
                "connect_timeout": CONNECT_SECONDS,
                "read_timeout": SILENT_SECONDS,
                "retries": {"max_attempts": 0},
            },
            version_aware=version_aware,
            use_listings_cache=False,
        )

    def __repr__(self) -> str:
        """Name the kind alone: no credentials."""
        return "<S3Store>"

    async def _call_s3(self, method: str, *arguments: Any, **named: Any) -> Any:
        try:
            return await super()._call_s3(method, *arguments, **named)
        except _SETTINGS as error:
            raise PermissionError(
                "the bucket, or KEY_ID, SECRET, TOKEN, ENDPOINT or REGION of the credentials, cannot be used "
                f"({type(error).__name__}: {error})"
            ) from error
        except _FAULTS as error:
            raise ConnectionError(f"the connection broke ({type(error).__name__})") from error

    def _open(self, path: str, *_: Any, **__: Any) -> io.BufferedReader:
        return io.BufferedReader(S3Stream(self, path), _BLOCK)

    def md5(self, path: str) -> str | None:
        """Return the MD5 of a file if its mark is one: not in parts, and not encrypted with a key of its own.

        Source: the documentation of S3, "Checking object integrity", on ETag.
        """
        bucket, key, _ = self.split_path(path)
        head = self.call_s3("head_object", Bucket=bucket, Key=key)
        sealed = str(head.get("ServerSideEncryption", "")).startswith("aws:kms") or head.get("SSECustomerAlgorithm")
        found = _MD5.fullmatch(str(head.get("ETag", "")))
        return found[1] if found and not sealed else None


class S3Stream(PlacedStream):
    """One file, by one request from where it is begun; what has arrived counts, though the rest should not come."""

    def __init__(self, storage: S3Store, path: str) -> None:
        """Ask for nothing yet."""
        super().__init__()
        self._storage = storage
        self._bucket, self._key, _ = storage.split_path(path)
        self._body: Any = None

    def readinto(self, target: Any) -> int:
        """Fill a buffer, or what the file still has of it."""
        if self._body is None:
            beyond = {"Range": f"bytes={self._at}-"} if self._at else {}
            answer = self._storage.call_s3("get_object", Bucket=self._bucket, Key=self._key, **beyond)
            self._body = answer["Body"]
        try:
            block = sync(self._storage.loop, self._body.read, len(target))
        except _FAULTS as error:
            raise ConnectionError(f"the connection broke ({type(error).__name__})") from error
        target[: len(block)] = block
        self._at += len(block)
        return len(block)

    def close(self) -> None:
        """Give the connection up."""
        self._end()
        super().close()

    def _end(self) -> None:
        if self._body is not None:
            self._storage.loop.call_soon_threadsafe(self._body.close)
        self._body = None
