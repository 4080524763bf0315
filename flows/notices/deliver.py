"""Delivering a notice to every channel: tried again where that can help, and given up in time. Raises nothing."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flows.notices.notice import NotDelivered, Notice
from schemas.settings import Mail, Webhook

TRIES = 3
PAUSE_SECONDS = (1.0, 4.0)
"""Between tries; up to half as much again is added by chance, so that many senders do not come back together."""
PATIENCE_SECONDS = 60.0
"""After this a channel is given up whatever it does: name look-ups and slow answers have no limit of their own."""


@dataclass
class Delivery:
    """What became of one notice on one channel."""

    channel: str
    sent: bool = False
    tries: int = 0
    why: str = field(default="no answer in time")


def deliver(notice: Notice, channels: Sequence[Mail | Webhook]) -> list[Delivery]:
    """Send a notice to all channels side by side, and say what became of each."""
    deliveries = [Delivery(channel.name) for channel in channels]
    threads = [
        threading.Thread(target=_try, args=(notice, channel, delivery), daemon=True)
        for channel, delivery in zip(channels, deliveries, strict=True)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [Delivery(**vars(delivery)) for delivery in deliveries]  # a thread that comes back later changes nothing


def _try(notice: Notice, channel: Mail | Webhook, delivery: Delivery) -> None:
    send = _sender(notice, channel)
    for number in range(1, TRIES + 1):
        delivery.tries = number
        try:
            send()
        except NotDelivered as error:
            delivery.why, heals = str(error), error.heals
        except OSError as error:
            delivery.why, heals = (*_unreached(error),)
        except Exception as error:  # noqa: BLE001 - a mistake of ours in telling must not touch the night; it is said
            delivery.why, heals = f"it could not be made ({type(error).__name__})", False
        else:
            delivery.sent, delivery.why = True, ""
            return
        if not heals or number == TRIES:
            return
        time.sleep(PAUSE_SECONDS[number - 1] * random.uniform(1.0, 1.5))


def _sender(notice: Notice, channel: Mail | Webhook) -> Callable[[], None]:
    from flows.notices import mail, webhook

    if isinstance(channel, Mail):
        return lambda: mail.send(notice, channel)
    return lambda: webhook.send(notice, channel)


def _unreached(error: OSError) -> tuple[str, bool]:
    """Say why a connection was not made; a certificate that is not trusted is so the next time as well."""
    import ssl

    cause = getattr(error, "reason", error)
    cause = cause if isinstance(cause, OSError) else error
    why = (
        "it did not answer in time" if isinstance(cause, TimeoutError) else f"no connection ({cause.strerror or cause})"
    )
    return why, not isinstance(cause, ssl.SSLCertVerificationError)
