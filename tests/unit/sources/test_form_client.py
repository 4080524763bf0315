"""What becomes of a server's faults, and how an answer is taken apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from sources import form_client
from sources.form_client import FormClient, elements, parsed
from tests.forms.server import Answer, Fault, Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that answers one list to everything."""
    with serving(lambda _: Answer({"value": [{"a": 1}]})) as server:
        yield server


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr(form_client, "sleep", waited.append)
    return waited


def client(server: Server, timeout: float = 30.0) -> FormClient:
    return FormClient("http", server.host, dict, timeout)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, PermissionError), (403, PermissionError), (404, FileNotFoundError), (429, OSError), (500, OSError)],
)
def test_a_status_is_an_error_of_the_operating_system(
    server: Server, waits: list[float], status: int, kind: type[OSError]
) -> None:
    server.faults.append(Fault("status", status=status))
    with pytest.raises(OSError) as caught:
        client(server).get("/data")
    assert type(caught.value) is kind
    assert str(status) in str(caught.value) or status == 404
    assert (len(server.seen), waits) == (1, [])
    assert client(server).get("/data") == '{"value":[{"a":1}]}'


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_left_alone_as_long_as_it_asks(server: Server, waits: list[float], status: int) -> None:
    server.faults.append(Fault("status", times=2, status=status, headers={"Retry-After": "7"}))
    assert parsed(client(server).get("/data")) == {"value": [{"a": 1}]}
    assert waits == [7.0, 7.0]


def test_a_time_to_come_back_is_understood(server: Server, waits: list[float]) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    server.faults.append(Fault("status", status=429, headers={"Retry-After": later}))
    client(server).get("/data")
    (seconds,) = waits
    assert 0 <= seconds <= 40


def test_nobody_waits_for_hours_or_for_ever(server: Server, waits: list[float]) -> None:
    server.faults.append(Fault("status", status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(OSError, match="429 and asks to come back in 3600 s"):
        client(server).get("/data")
    server.faults.append(Fault("status", times=99, status=429, headers={"Retry-After": "1"}))
    with pytest.raises(OSError, match="asked to be left alone"):
        client(server).get("/data")
    assert waits == [1.0, 1.0, 1.0]


def test_a_cut_page_and_a_silent_server_may_heal(server: Server) -> None:
    server.faults += [Fault("cut"), Fault("silent")]
    with pytest.raises(OSError, match="RemoteProtocolError"):
        client(server).get("/data")
    with pytest.raises(OSError, match="ReadTimeout"):
        client(server, timeout=0.2).get("/data")
    assert client(server).get("/data")


def test_a_redirect_is_not_followed_with_the_credentials(server: Server) -> None:
    server.faults.append(Fault("status", status=302, headers={"Location": "http://127.0.0.1:9/steal"}))
    with pytest.raises(OSError, match="answered 302"):
        client(server).get("/data")
    assert len(server.seen) == 1


COMPACT = '{"value":[{"n":1.50,"t":"a,]}"},{}],"next":null}'
SPREAD = '\n{ "x": [1, {"value": []}] ,\r\n "value" : [ {"n":\n1.50,"t":"a,]}"} , {} ] }'


@pytest.mark.parametrize("text", [COMPACT, SPREAD])
def test_elements_keep_their_text(text: str) -> None:
    values, lines = zip(*elements(text, "value"), strict=True)
    assert list(values) == json.loads(text)["value"]
    assert [json.loads(line) for line in lines] == list(values)
    assert "1.50" in lines[0]  # not 1.5
    assert not any("\n" in line or "\r" in line for line in lines)


@pytest.mark.parametrize("text", ['{"value":[{"n":1},{"n":2}],"next":"é"}', '{"value":[]}'])
def test_an_answer_that_is_cut_anywhere_is_noticed(text: str) -> None:
    assert len(list(elements(text, "value"))) == len(json.loads(text)["value"])
    for end in range(len(text)):
        with pytest.raises(OSError, match="cut off or is no JSON"):
            list(elements(text[:end], "value"))


@pytest.mark.parametrize("text", ["[]", "{}", '{"value":{}}', '{"value":[1 2]}', '{"value":[1]]', "null", "<html>"])
def test_an_answer_without_its_list_is_no_answer(text: str) -> None:
    with pytest.raises(OSError, match="no JSON"):
        list(elements(text, "value"))
