"""Credentials: where they are looked for, and that no way of showing them shows a value."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from urllib.parse import quote

import pytest

from schemas.errors import DeclarationError, SourceUnreachable
from sources.credentials import Credentials, from_environment, from_record
from sources.storage import connect, own_errors

SECRET = "Pa55 word/ä%"


def one() -> Credentials:
    return Credentials("drop", {"user": "ann", "password": SECRET}, "a test")


def test_they_are_taken_from_variables_of_their_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert from_environment("office-drop") is None
    monkeypatch.setenv("KINSCALE_CREDENTIALS_OFFICE_DROP_USER", "ann")
    monkeypatch.setenv("KINSCALE_CREDENTIALS_OFFICE_DROP_KEY_FILE", "~/key")
    monkeypatch.setenv("KINSCALE_CREDENTIALS_OFFICE_PASSWORD", "of another name")
    monkeypatch.setenv("KINSCALE_CREDENTIALS_OFFICE_DROP_SECRET", "")
    found = from_environment("office-drop")
    assert found is not None
    assert dict(found) == {"user": "ann", "key_file": "~/key"}


@pytest.mark.parametrize(
    "record", [{"USER": "ann", "Password": SECRET}, json.dumps({"user": "ann", "PASSWORD": SECRET})]
)
def test_they_are_taken_from_an_object_or_its_text(record: object) -> None:
    assert dict(from_record("drop", record, "a block")) == {"user": "ann", "password": SECRET}


@pytest.mark.parametrize("record", [SECRET, [SECRET], {"pasword": SECRET}, 5, "[1]"])
def test_what_cannot_be_used_is_named_without_its_value(record: object) -> None:
    with pytest.raises(DeclarationError) as caught:
        from_record("drop", record, "a block")
    assert SECRET not in str(caught.value) + str(caught.value.as_record())


def test_nothing_shows_a_value() -> None:
    for shown in (repr(one()), str(one()), f"{one()}", f"{[one()]}", repr({"c": one()})):
        assert SECRET not in shown
        assert "password" in shown
    for write in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            write(one())
    with pytest.raises(AttributeError):
        one().name = "other"


def test_a_text_loses_them_however_they_are_written() -> None:
    login = base64.b64encode(f"ann:{SECRET}".encode()).decode()
    text = f"a {SECRET} b {quote(SECRET, safe='')} c Basic {login} ann"
    assert one().hide(text) == "a *** b *** c Basic *** ann"


def test_a_short_secret_is_hidden_where_it_stands_alone_and_its_letters_are_not_told() -> None:
    short = Credentials("drop", {"token": "a", "password": "ifi"}, "a test")
    text = "a certificate, token=a&x, an answer, ifi"
    assert short.hide(text) == "*** certificate, token=***&x, an answer, ***"


def test_an_error_of_a_storage_loses_them_with_its_cause() -> None:
    with pytest.raises(SourceUnreachable) as caught, own_errors("ftp://h/x", one()):
        try:
            raise ValueError(f"login {SECRET} failed")
        except ValueError as inner:
            raise OSError("no answer") from inner
    error = caught.value
    assert error.__cause__ is None
    assert error.__suppress_context__
    assert SECRET not in str(error) + repr(error) + str(error.as_record())


def test_a_key_that_a_storage_does_not_know_is_named() -> None:
    with pytest.raises(DeclarationError, match="KNOWN_HOSTS"):
        connect("https://127.0.0.1/x", Credentials("drop", {"known_hosts": "x"}, "a test"))
