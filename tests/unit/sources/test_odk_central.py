"""Submissions on ODK Central as files of days; the server is tests/forms, after the documentation of its API."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import fsspec
import pytest

from schemas.errors import DeclarationError, FileTooLarge, KinscaleError, SourceRefused
from sources import form_address, form_client, form_days, listing, odk_central, protocols
from tests.forms import central
from tests.forms.central import Central, Submission
from tests.forms.server import Fault, Server, serving

FORM = "1/family"


@pytest.fixture
def form() -> Central:
    """Two days of three submissions, each with a group and a repeat."""
    form = Central()
    for day in (14, 15):
        for number in (2, 0, 1):  # not in the order of time
            child = [{"__id": f"c{number}", "age": 3 + number}]
            answers = {"relatives": 10 + number, "place": {"region": "Чуйская", "note": None}, "child": child}
            form.add(Submission(f"uuid:{day}-{number}", f"2009-07-{day}T0{number}:00:00.00{number}Z", answers))
    return form


@pytest.fixture
def server(form: Central) -> Iterator[Server]:
    """The form, served."""
    with serving(form.answer) as server:
        yield server


def opened(server: Server, name: str = "*.jsonl", **other: Any) -> tuple[Any, str]:
    account: dict[str, Any] = {"user": central.USER, "password": central.PASSWORD, "skip_instance_cache": True}
    address = f"odk+http://{server.host}/{FORM}/{name}"
    kind = odk_central.PlainOdkCentral
    return kind(server.host, **{**account, **other}), kind._strip_protocol(address)


def marks(server: Server, name: str = "*.jsonl") -> dict[str, str]:
    """The mark of each day."""
    storage, path = opened(server, name)
    found = storage.glob(path, detail=True)
    return {place.rpartition("/")[2][:10]: info["ETag"] for place, info in found.items()}


def read(server: Server, name: str = "2009-07-14.jsonl", **other: Any) -> list[dict[str, Any]]:
    storage, path = opened(server, name, **other)
    with storage.open(path, "rb") as stream:
        content = stream.read()
    assert not content or content.endswith(b"\n")
    return [json.loads(line) for line in content.splitlines()]


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["__id"] for record in records]


def test_a_form_is_a_file_for_each_day_and_a_line_is_what_the_server_gave(form: Central, server: Server) -> None:
    storage, path = opened(server)
    assert storage.glob(path) == [f"{server.host}/{FORM}/2009-07-{day}.jsonl" for day in (14, 15)]
    assert storage.ls(f"{server.host}/{FORM}", detail=False) == storage.glob(path)
    records = read(server)
    assert ids(records) == ["uuid:14-0", "uuid:14-1", "uuid:14-2"]  # by time
    assert records == [form.of(identity).root(expand=True) for identity in ids(records)]
    assert all(record["__system"]["formVersion"] == "1" for record in records)


def test_a_listing_asks_for_marks_once_and_a_single_day_for_its_own(server: Server) -> None:
    storage, path = opened(server)
    assert not storage.isfile(path)  # a pattern is no day, and needs no request to tell
    storage.glob(path)
    assert [request.method for request, _, _ in server.seen] == ["POST", "GET"]
    storage, path = opened(server, "2009-07-15.jsonl")
    assert storage.isfile(path)
    assert "ge 2009-07-15T00:00:00.000Z" in server.seen[-1][0].query["$filter"]
    assert not storage.isfile(path.replace("07-15", "07-16"))


CHANGES = {
    "a late edit": {"edits": 1, "updated": "2009-12-01T00:00:00.000Z"},
    "a late review": {"review": "rejected", "updated": "2009-12-01T00:00:00.000Z"},
    "an approval": {"review": "approved", "updated": "2009-12-01T00:00:00.000Z"},
    "a deletion": {"deleted": "2009-12-01T00:00:00.000Z"},
    "another form version": {"form_version": "2"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_change_moves_the_mark_of_its_day_and_of_no_other(
    form: Central, server: Server, change: dict[str, Any]
) -> None:
    before = marks(server)
    for name, value in change.items():
        setattr(form.of("uuid:14-1"), name, value)
    after = marks(server)
    assert [day for day in before if before[day] != after[day]] == ["2009-07-14"]
    left = [] if {"rejected", "2009-12-01T00:00:00.000Z"} & {change.get("review"), change.get("deleted")} else [1]
    assert len(read(server)) == 2 + len(left)


def test_reviews_choose_what_counts(form: Central, server: Server) -> None:
    for identity, review in (("uuid:14-0", "approved"), ("uuid:14-1", "rejected"), ("uuid:15-1", "hasIssues")):
        form.of(identity).review = review
    assert ids(read(server)) == ["uuid:14-0", "uuid:14-2"]
    assert ids(read(server, "2009-07-14.jsonl?review=approved,rejected")) == ["uuid:14-0", "uuid:14-1"]
    assert ids(read(server, "2009-07-14.jsonl?review=received")) == ["uuid:14-2"]
    storage, path = opened(server, "*.jsonl?review=approved,rejected")
    (place,) = storage.glob(path)
    assert place.endswith("/2009-07-14.jsonl?review=approved,rejected")  # what is listed says what it holds
    with pytest.raises(DeclarationError, match='"aproved" is not known'):
        storage.glob(path.replace("approved", "aproved"))


def test_a_day_of_many_is_read_in_pages_also_where_many_came_at_once(
    server: Server, form: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form_days, "FIRST_PAGE", 4)
    monkeypatch.setattr(form_days, "LARGEST_PAGE", 5)
    monkeypatch.setattr(odk_central, "MARKS_OF_PAGE", 7)
    form.submissions = [Submission(f"uuid:{n:02d}", f"2009-07-14T00:00:0{n // 4}.000Z", {"a": n}) for n in range(30)]
    assert ids(read(server)) == [f"uuid:{n:02d}" for n in range(30)]
    queries = [request.query for request, _, _ in server.seen if request.method == "GET"]
    assert sum("$skiptoken" in query for query in queries) == 4  # five pages of marks, by the links of the server
    assert sum("$expand" in query for query in queries) == 5  # 4, thrice 5 and what came in the same second, 2


def test_answers_that_are_too_long_are_asked_for_in_parts(
    server: Server, form: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form_client, "PAGE_BYTES", 3000)
    form.submissions = [Submission(f"uuid:{n}", f"2009-07-14T00:00:0{n}.000Z", {"a": "я" * 300}) for n in range(8)]
    assert ids(read(server)) == [f"uuid:{n}" for n in range(8)]
    form.submissions[5].answers["a"] = "я" * 3000
    with pytest.raises(FileTooLarge, match="uuid:5"):
        read(server)


def test_an_encrypted_submission_is_refused_and_not_counted_as_empty(form: Central, server: Server) -> None:
    form.of("uuid:14-1").status = "notDecrypted"
    with pytest.raises(SourceRefused, match="1 of 3 submissions are encrypted"):
        read(server)
    assert len(read(server, "2009-07-15.jsonl")) == 3
    form.of("uuid:14-1").review = "rejected"
    assert len(read(server)) == 2


def test_a_submission_that_goes_away_while_its_day_is_read_is_noticed(form: Central, server: Server) -> None:
    def gone(request: Any) -> bool:
        if "$expand" in request.query:
            form.of("uuid:14-1").deleted = "2009-12-01T00:00:00.000Z"
        return False

    server.faults.append(Fault("status", when=gone))
    with pytest.raises(OSError, match="uuid:14-1 went away"):
        read(server)
    assert len(read(server)) == 2


def test_a_session_that_ended_is_begun_again_once(form: Central, server: Server) -> None:
    storage, path = opened(server)
    storage.glob(path)
    form.valid = False
    storage.glob(path)
    assert form.sessions == 2
    storage, path = opened(server, user=None, password=None, token=central.SESSION)
    assert len(storage.glob(path)) == 2
    assert form.sessions == 2  # a token needs none


@pytest.mark.parametrize("protocol", form_address.PROTOCOLS)
def test_every_protocol_of_a_form_server_leads_to_its_class(protocol: str) -> None:
    module, _, name = protocols.STORES[protocol].rpartition(".")
    kind = getattr(import_module(module), name)
    assert kind.protocol == protocol
    assert kind.scheme == ("http" if protocol.endswith("+http") else "https")
    assert {"user", "password", "token"} <= set(inspect.signature(kind.__init__).parameters)


def raised(address: str) -> KinscaleError:
    with pytest.raises(KinscaleError) as caught:
        listing.list_files(address)
    return caught.value


def test_a_wrong_password_is_refused_without_being_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    account: dict[str, Any] = {"user": central.USER, "password": "wrong-horse"}
    monkeypatch.setitem(fsspec.config.conf, "odk+http", account)
    error = raised(f"odk+http://{server.host}/{FORM}/*.jsonl")
    assert error.code == "source_refused"
    assert "answered 401" in error.what
    assert "wrong-horse" not in json.dumps(error.as_record())
    storage, _ = opened(server, **account)
    assert repr(storage) == "<PlainOdkCentral>"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("odk+http://forms.example.org/1/family/*.jsonl", "only a server on this machine"),
        ("odk://reader:secret@forms.example.org/1/family/*.jsonl", "credentials do not belong into an address"),
    ],
)
def test_an_unsafe_address_is_no_declaration(address: str, told: str) -> None:
    error = raised(address)
    assert error.code == "declaration_error"
    assert told in error.what


@pytest.mark.parametrize("path", ["family/*.jsonl", "1/family/more/*.jsonl", "1/*/*.jsonl", "1//*.jsonl"])
def test_an_address_that_names_no_form_is_told_what_one_is(path: str) -> None:
    error = raised(f"odk://forms.example.org/{path}")
    assert (error.code, error.expected) == ("declaration_error", "odk://host/<project>/<form>/*.jsonl")


@pytest.mark.parametrize(
    "content",
    [
        {"detail": "moved"},
        {"value": [{"__id": 1}]},
        {"value": [{"__id": 1, "__system": None}]},
        {"value": [{"__id": 1, "__system": {"submissionDate": "../../x", "reviewState": None}}]},
        {"value": [], "@odata.nextLink": "https://central.example.org/?%24top=5000"},
        [1],
        b"<html>",
        b'{"value":' + b"[" * 100_000,
    ],
)
def test_an_answer_of_another_form_may_heal(content: Any) -> None:
    from tests.forms.server import Answer

    with serving(lambda _: Answer(content)) as server:
        storage, path = opened(server, user=None)
        with pytest.raises(OSError, match=r"answer|again and again"):
            storage.glob(path)
