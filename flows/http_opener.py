"""Opening HTTP addresses with the standard library: through the proxies of the environment, except on this machine."""

from __future__ import annotations

import urllib.request
from urllib.parse import urlsplit

from schemas.settings import is_loopback


def opener(url: str, *handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
    """Return what opens an address; no proxy can reach the loopback address of this machine."""
    near = is_loopback(urlsplit(url).hostname or "")
    return urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if near else []), *handlers)
