"""Submissions on KoboToolbox as files of days; the server is tests/forms, after the documentation of its API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.errors import SourceRefused
from sources import form_days, kobo
from tests.forms import kobo_api
from tests.forms.kobo_api import KoboApi, Submission
from tests.forms.server import Answer, Server, serving

FORM = [
    {"type": "start", "name": "start", "$xpath": "start"},
    {"type": "begin_group", "name": "place"},
    {"type": "select_one", "$autoname": "region"},
    {"type": "end_group"},
    {"type": "note", "name": "thanks"},
    {"type": "begin_repeat", "name": "child"},
    {"type": "integer", "name": "age"},
    {"type": "end_repeat"},
    {"type": "integer", "name": "relatives"},
]


@pytest.fixture
def api() -> KoboApi:
    """Three submissions on two days; the second was filled in with an older form."""
    api = KoboApi(forms={"vOne": [{"type": "text", "name": "old"}], "vTwo": FORM})
    api.add(Submission(1, "2009-07-14T01:00:00", {"relatives": "12", "child": [{"child/age": "4"}]}, "vTwo"))
    api.add(Submission(2, "2009-07-14T02:00:00", {"place/region": "Чуйская"}, "vOne"))
    api.add(Submission(3, "2009-07-15T01:00:00", {}, "vTwo"))
    return api


@pytest.fixture
def server(api: KoboApi) -> Iterator[Server]:
    """The asset, served."""
    with serving(api.answer) as server:
        yield server


def opened(server: Server, name: str = "*.jsonl", **other: Any) -> tuple[Any, str]:
    account: dict[str, Any] = {"token": kobo_api.TOKEN, "skip_instance_cache": True}
    address = f"kobo+http://{server.host}/aAsset/{name}"
    kind = kobo.PlainKobo
    return kind(server.host, **{**account, **other}), kind._strip_protocol(address)


def marks(server: Server) -> dict[str, str]:
    storage, path = opened(server)
    return {place[-16:-6]: info["ETag"] for place, info in storage.glob(path, detail=True).items()}


def read(server: Server, name: str = "2009-07-14.jsonl") -> list[dict[str, Any]]:
    storage, path = opened(server, name)
    with storage.open(path, "rb") as stream:
        return [json.loads(line) for line in stream]


def test_a_line_is_what_the_server_gave_with_the_unanswered_questions_of_its_version(
    api: KoboApi, server: Server
) -> None:
    first, second = read(server)
    assert first == {**api.of(1).record, "start": None, "place/region": None}
    assert second == {**api.of(2).record, "old": None}
    (third,) = read(server, "2009-07-15.jsonl")
    assert third == {**api.of(3).record, "start": None, "place/region": None, "relatives": None}


def test_a_version_that_the_server_has_lost_is_taken_for_the_form_of_today(api: KoboApi, server: Server) -> None:
    api.of(2).version = "vZero"
    assert read(server)[1] == {**api.of(2).record, "start": None, "relatives": None}


def test_user_and_password_do_as_well(server: Server) -> None:
    storage, path = opened(server, token=None, user=kobo_api.USER, password=kobo_api.PASSWORD)
    assert len(storage.glob(path)) == 2
    storage, path = opened(server, token="another")
    with pytest.raises(PermissionError, match="401"):
        storage.glob(path)


CHANGES = {
    "a late edit": {"uuid": "another"},
    "a late review": {"status": "not_approved"},
    "a hold": {"status": "on_hold"},
    "another form version": {"version": "vTwo"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_change_moves_the_mark_of_its_day_and_of_no_other(
    api: KoboApi, server: Server, change: dict[str, Any]
) -> None:
    before = marks(server)
    for name, value in change.items():
        setattr(api.of(2), name, value)
    after = marks(server)
    assert [day for day in before if before[day] != after[day]] == ["2009-07-14"]


def test_a_deletion_moves_the_mark_and_takes_the_line(api: KoboApi, server: Server) -> None:
    before = marks(server)
    del api.submissions[0]
    after = marks(server)
    assert [day for day in before if before[day] != after[day]] == ["2009-07-14"]
    assert [record["_id"] for record in read(server)] == [2]


def test_reviews_choose_what_counts(api: KoboApi, server: Server) -> None:
    api.of(1).status = "not_approved"
    assert [record["_id"] for record in read(server)] == [2]
    api.of(2).status = "approved"
    assert [record["_id"] for record in read(server, "2009-07-14.jsonl?review=approved")] == [2]
    assert [record["_id"] for record in read(server, "2009-07-14.jsonl?review=not_approved,none")] == [1]
    assert read(server, "2009-07-14.jsonl")[0]["_validation_status"]["uid"] == "validation_status_approved"


def test_a_day_of_many_is_read_in_pages_without_those_of_other_days(
    api: KoboApi, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kobo, "MARKS_OF_PAGE", 7)
    monkeypatch.setattr(form_days, "FIRST_PAGE", 4)
    monkeypatch.setattr(form_days, "LARGEST_PAGE", 5)
    monkeypatch.setattr(kobo, "LARGEST_PAGE", 5)
    api.submissions = [Submission(n, f"2009-07-1{n % 2}T01:00:00", {"old": str(n)}) for n in range(1, 41)]
    assert [record["_id"] for record in read(server, "2009-07-10.jsonl")] == [*range(2, 41, 2)]
    storage, path = opened(server)
    server.clear()
    assert len(storage.glob(path)) == 2
    assert len(server.seen) == 6  # forty, seven at a time


def test_an_encrypted_submission_is_refused_and_not_counted_as_empty(api: KoboApi, server: Server) -> None:
    api.of(2).answers = {"base64EncryptedKey": "bWFyaw==", "encryptedXmlFile": "submission.xml.enc"}
    with pytest.raises(SourceRefused, match="encrypted"):
        read(server)
    assert len(read(server, "2009-07-15.jsonl")) == 1


@pytest.mark.parametrize(
    "content",
    [
        {"detail": "moved"},
        {"results": [{"_id": 1}], "next": None},
        {"results": [Submission(1, "yesterday", {}).record], "next": None},
        {"results": [Submission(1, "2009-07-14T01:00:00", {}).record], "next": "https://kobo.example.org/"},
    ],
)
def test_an_answer_of_another_form_may_heal(content: Any) -> None:
    with serving(lambda _: Answer(content)) as server:
        storage, path = opened(server)
        with pytest.raises(OSError, match=r"answer|again and again"):
            storage.glob(path)
