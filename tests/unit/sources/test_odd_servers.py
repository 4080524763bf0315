"""Servers and settings that make no sense: each is an error of its own source, said once, and never an exception."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from schemas.errors import DeclarationError, KinscaleError, SourceRefused, SourceUnreachable
from sources import form_client, storage, webdav_store
from sources.credentials import Credentials
from sources.listing import list_files, read_blocks
from sources.storage import CannotResume, own_errors

ROW = '[{"name":"KZ.csv","type":"file","mtime":"Mon, 23 Nov 2020 05:00:00 GMT","size":%s}]'
DAV = """<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"><d:response><d:href>/dav/KZ.csv</d:href><d:propstat><d:prop>
<d:getlastmodified>notadate</d:getlastmodified></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>
</d:multistatus>"""
LINK = '<a href="KZ.csv">KZ.csv</a> 23-Nov-2020 05:00 %s\n'
PAGES: dict[str, tuple[int, dict[str, str], str]] = {
    "no_address": (200, {}, LINK % "10" + '<a href="http://[x">x</a>'),
    "long_size": (200, {}, LINK % ("9" * 5000)),
    "no_size": (200, {}, ROW % '"abc"'),
    "endless_size": (200, {}, ROW % "1e999"),
    "no_encoding": (200, {"Content-Type": "text/html; charset=base64"}, LINK % "10"),
    "deep": (200, {}, "[" * 200_000),
    "packed": (200, {"Content-Encoding": "gzip"}, "this is no gzip"),
    "dav": (207, {"Content-Type": "text/xml"}, DAV),
    "dav_no_xml": (207, {"Content-Type": "text/xml"}, "<html>no"),
    "busy": (503, {"Retry-After": "9" * 5000}, ""),
    "api": (200, {}, "x" * 2000),
}


class _Odd(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def _answer(self) -> None:
        status, headers, body = PAGES[self.path.split("/")[1]]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())

    do_GET = do_HEAD = do_PROPFIND = _answer  # noqa: N815 - the names that the server looks for


@pytest.fixture(scope="module")
def odd() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Odd)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def refusal(address: str, **values: str) -> KinscaleError:
    with pytest.raises(KinscaleError) as caught:
        list_files(address, Credentials("drop", values, "a test") if values else None)
    assert not caught.value.retryable
    return caught.value


@pytest.mark.parametrize("page", ["no_address", "long_size", "no_size", "endless_size", "no_encoding"])
def test_a_page_with_one_odd_thing_still_lists_its_file(odd: str, page: str) -> None:
    assert [file.name for file in list_files(f"http://{odd}/{page}/*.csv")] == ["KZ.csv"]


def test_a_page_or_a_delivery_that_cannot_be_unpacked_is_refused(odd: str) -> None:
    assert "DecodingError" in refusal(f"http://{odd}/packed/*.csv").what
    with pytest.raises(SourceRefused, match="DecodingError"):
        list(read_blocks(f"http://{odd}/packed/KZ.csv"))
    refusal(f"http://{odd}/deep/*.csv")


def test_webdav_answers_that_cannot_be_read_are_refused(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "notadate" in refusal(f"webdav+http://{odd}/dav/KZ.csv").what
    assert "ParseError" in refusal(f"webdav+http://{odd}/dav_no_xml/*.csv").what
    monkeypatch.setattr(webdav_store, "LARGEST_LISTING", 100)
    assert "longer than 100 bytes" in refusal(f"webdav+http://{odd}/dav/*.csv").what


def test_a_form_whose_list_is_too_long_is_refused(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_client, "PAGE_BYTES", 1000)
    assert "longer than 1,000 bytes" in refusal(f"kobo+http://{odd}/form/*.jsonl").what


def test_a_wait_without_end_is_taken_for_a_day(odd: str) -> None:
    with pytest.raises(SourceUnreachable, match=r"wait for 86400 s"):
        list_files(f"http://{odd}/busy/KZ.csv")


@pytest.mark.parametrize(
    "address",
    [
        "webdav+http://127.0.0.1:abc/*",
        "odk://127.0.0.1:abc/7/f/*.jsonl",
        "webdav://[::1/x.csv",
        "sftp://127.0.0.1:99999/x/*.csv",
        "http://127.0.0.1:99999/x.csv",
        "simplecache::http://x",
    ],
)
def test_an_address_that_is_none_is_an_error_of_the_declaration(address: str) -> None:
    assert isinstance(refusal(address), DeclarationError)


def test_a_path_with_a_zero_byte_is_refused() -> None:
    assert "null byte" in refusal("raw/\0x").what


@pytest.mark.parametrize(
    ("address", "values", "key"),
    [
        ("http://127.0.0.1:1/x", {"token": "пароль"}, "TOKEN"),
        ("kobo://127.0.0.1:1/form/*.jsonl", {"token": "пароль"}, "TOKEN"),
        ("webdav://127.0.0.1:1/x", {"token": "line\nend"}, "TOKEN"),
        ("s3://b/*.csv", {"key_id": "KEY", "secret": "hidden-secret", "endpoint": "localhost:9000"}, "ENDPOINT"),
        ("s3://b/*.csv", {"key_id": "KEY"}, "SECRET"),
        ("s3://b/*.csv", {"secret": "hidden-secret"}, "KEY_ID"),
        ("https://127.0.0.1:1/x", {"ca_file": "/no/such.pem"}, "CA_FILE"),
        ("https://127.0.0.1:1/x", {"ca_file": __file__}, "CA_FILE"),
        ("sftp://127.0.0.1:1/x", {"user": "ann", "key_file": "/no/such"}, "KEY_FILE"),
        ("sftp://127.0.0.1:1/x", {"user": "ann", "key_file": __file__}, "KEY_FILE"),
    ],
)
def test_a_setting_that_cannot_work_is_named(address: str, values: dict[str, str], key: str) -> None:
    error = refusal(address, **values)
    assert error.what.startswith(f"{key} of the credentials")
    assert "пароль" not in str(error)
    assert "hidden-secret" not in str(error)
    named = values.get("ca_file") or values.get("key_file")
    assert named is None or named in str(error)


@pytest.mark.parametrize(
    ("address", "more"), [("s3://b@d bucket/*.csv", {}), ("s3://bucket/*.csv", {"region": "eu west!"})]
)
def test_a_bucket_or_region_that_cannot_be_is_refused(address: str, more: dict[str, str]) -> None:
    found = refusal(address, key_id="KEY", secret="hidden-secret", endpoint="http://127.0.0.1:1", **more)
    assert "bucket" in found.what
    assert "REGION" in found.what


def test_any_error_of_a_library_is_a_refusal_without_secrets_and_of_bounded_length() -> None:
    drop = Credentials("drop", {"password": "hunter22"}, "a test")
    for kind in (RecursionError, OverflowError, LookupError, KeyError, AssertionError, UnicodeError):
        with pytest.raises(SourceRefused) as caught, own_errors("ftp://h/x", drop):
            raise kind(f"hunter22 {'x' * 10_000}")
        assert kind.__name__ in caught.value.what
        assert "hunter22" not in str(caught.value.as_record())
        assert len(caught.value.what) < 2 * storage._SHOWN
    with pytest.raises(CannotResume), own_errors("ftp://h/x"):
        raise CannotResume("whoever reads begins again")


def test_a_name_of_two_lines_on_its_way_is_one_line_of_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "KZ.csv").touch()
    (tmp_path / "KG\nsource_refused.csv.part").touch()
    with caplog.at_level("INFO", "kinscale"):
        list_files(str(tmp_path / "*"))
    assert "KG\\x0asource_refused.csv.part" in caplog.text
