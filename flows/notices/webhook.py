"""A notice as an HTTP POST of JSON, signed when a key is set. It follows no redirection and reads no answer."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from flows.http_opener import opener
from flows.notices.notice import NotDelivered, Notice, variable
from schemas.settings import Webhook

SIGNATURE, DELIVERY = "X-Kinscale-Signature", "X-Kinscale-Delivery"


def send(notice: Notice, channel: Webhook) -> None:
    """Post the notice. Raises NotDelivered; connection errors and 5xx answers may heal, others do not."""
    import http.client
    import urllib.error
    import urllib.request

    class Straight(urllib.request.HTTPRedirectHandler):
        """Takes no redirection: a POST would become a GET, and the signature would go elsewhere."""

        def redirect_request(self, *_: Any) -> None:
            return None

    body = json.dumps(dict(notice.content), ensure_ascii=False, sort_keys=True).encode()
    url = channel.url or variable(channel.url_env or "")
    try:
        request = urllib.request.Request(url, body, headers(channel, body, notice), method="POST")
        opener(url, Straight()).open(request, timeout=channel.timeout_seconds).close()
    except urllib.error.HTTPError as error:
        error.close()
        raise NotDelivered(f"the receiver answered {error.code}", heals=error.code >= 500) from error
    except http.client.HTTPException as error:
        raise NotDelivered(f"the receiver does not speak HTTP ({type(error).__name__})", heals=True) from error
    except ValueError:
        raise NotDelivered("the address or a header cannot be sent; its value is not shown") from None


def headers(channel: Webhook, body: bytes, notice: Notice) -> dict[str, str]:
    """Return the headers; the signature is the HMAC-SHA256 of the body's bytes, as `sha256=<hex>`."""
    found = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "kinscale", DELIVERY: notice.name}
    found |= {name: variable(value) for name, value in channel.headers_env.items()}
    if channel.secret_env:
        found[SIGNATURE] = f"sha256={signature(variable(channel.secret_env), body)}"
    return found


def signature(key: str, body: bytes) -> str:
    """Return HMAC-SHA256 (RFC 2104) in hexadecimal."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
