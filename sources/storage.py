"""Opening a storage with its credentials, and its errors in our words. What is in it, `listing` says."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from schemas.errors import DeclarationError, KinscaleError, SourceMissing, SourceRefused, SourceUnreachable
from schemas.source_address import without_secret
from sources import protocols
from sources.credential_checks import check
from sources.credentials import Credentials

_PORT = re.compile(r"(?:\[[^\[\]]*\]|[^:\[\]]*)(?::(\d{1,5}))?")
_LAST_PORT = 65535
_SHOWN = 300
"""Signs of a library's own words that a message shows."""


class CannotResume(Exception):  # noqa: N818 - no failure: the file is read from its beginning
    """The storage does not continue where an earlier read broke off, or the file is another one by now."""


def connect(address: str, credentials: Credentials | None = None) -> tuple[Any, str]:
    """Return the storage of an address, and the place in it. Raises DeclarationError for one that is not known."""
    protocol = str(address).partition("://")[0] if "://" in str(address) else "file"
    if credentials is not None:
        check(credentials, without_secret(str(address)))
    try:
        _check_address(str(address), protocol)
        storage, place = _opened(str(address), protocol, credentials)
    except (OSError, KinscaleError):
        raise
    except Exception as error:  # noqa: BLE001 - each library has its own words for an address that is none
        hidden = credentials.hide if credentials else str
        raise DeclarationError(
            f'the address "{without_secret(str(address))}" cannot be opened: {hidden(str(error))[:_SHOWN]}',
            expected="a path, a glob, or a URL of a storage whose package is installed",
            next_step="Correct `path` of this source, or install the package that the message names.",
        ) from _cause(error, hidden)
    storage.invalidate_cache()
    return storage, place


def _check_address(address: str, protocol: str) -> None:
    """Raise ValueError for an address that a library would take for another one, or break at later."""
    if protocol not in protocols.STORES:
        if "://" in address and "::" in address:  # fsspec would open the second by itself, past all that is ours
            raise ValueError("one address inside another is not opened")
        return
    host = address.partition("://")[2].partition("/")[0].rpartition("@")[2]
    found = _PORT.fullmatch(host)
    if found is None or int(found[1] or 0) > _LAST_PORT:
        raise ValueError(f'"{host}" is no host, or its port is no number up to {_LAST_PORT}')


def _opened(address: str, protocol: str, credentials: Credentials | None) -> tuple[Any, str]:
    if protocol in protocols.STORES:
        module, _, name = protocols.STORES[protocol].rpartition(".")
        kind = getattr(import_module(module), name)
        return kind(**kind._get_kwargs_from_urls(address), **_arguments(kind, credentials)), kind._strip_protocol(
            address
        )
    from fsspec.core import get_filesystem_class, url_to_fs

    if credentials is None:
        return url_to_fs(address)
    return url_to_fs(address, **_arguments(get_filesystem_class(protocol), credentials))


def _arguments(kind: type[Any], credentials: Credentials | None) -> Mapping[str, str]:
    """Return credentials as a storage wants them. Raises DeclarationError for a key it has no use for."""
    if credentials is None:
        return {}
    taken = inspect.signature(kind.__init__).parameters
    named = {"username" if key == "user" and "user" not in taken else key: value for key, value in credentials.items()}
    idle = sorted(set(named) - set(taken))
    if idle:
        raise DeclarationError(
            f'credentials "{credentials.name}" have keys that this storage has no use for: {", ".join(idle).upper()}.',
            next_step="Remove them, or name other credentials in this source; docs/surveys.md lists the keys.",
        )
    return named


@contextmanager
def own_errors(address: str, credentials: Credentials | None = None) -> Iterator[None]:
    """Turn errors of the storage into ours, the cause kept unless it shows a secret.

    Whatever a library raises over an odd answer or setting is an error of this source alone: the others go on.
    """

    def hidden(text: str) -> str:
        return credentials.hide(text) if credentials else text

    shown = without_secret(address)
    try:
        yield
    except (KinscaleError, CannotResume, MemoryError):
        raise
    except FileNotFoundError as error:
        told = SourceMissing("the file is not there.", file=shown, next_step="Check `path` of this source.")
        raise told from _cause(error, hidden)
    except PermissionError as error:
        raise SourceRefused(
            f"it may not be read: {hidden(str(error))}",
            file=shown,
            next_step="Check the rights of the account that runs the night, or `credentials` of this source.",
        ) from _cause(error, hidden)
    except OSError as error:
        raise SourceUnreachable(
            f"the storage did not answer: {hidden(str(error)) or type(error).__name__}",
            file=shown,
            next_step="Try again; nothing was changed.",
        ) from _cause(error, hidden)
    except Exception as error:  # noqa: BLE001 - one odd server must not end a night
        raise SourceRefused(
            f"it cannot be understood ({type(error).__name__}): {hidden(str(error))[:_SHOWN] or 'nothing is said'}",
            file=shown,
            expected="an address, settings and answers as this kind of storage has them",
            next_step="Check `path` and `credentials` of this source, and ask who runs the storage. "
            "Another try cannot help.",
        ) from _cause(error, hidden)


def _cause(error: BaseException, hidden: Any) -> BaseException | None:
    """Return an error as a cause, or None when it, or what led to it, shows a secret."""
    at: BaseException | None = error
    while at is not None:
        if hidden(str(at)) != str(at):
            return None
        at = at.__cause__ or at.__context__
    return error
