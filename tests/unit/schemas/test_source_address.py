"""Addresses that hold a right to read, and addresses that do not."""

from __future__ import annotations

import pytest

from schemas.source_address import is_remote, secret_in, without_secret


@pytest.mark.parametrize(
    "address",
    [
        "sftp://ann:pw@h/x.csv",
        "https://:pw@h/x.csv",
        "https://h/x.csv?X-Amz-Signature=pw",
        "https://h/x.csv?se=2027&sig=pw",
        "https://h/x.csv?format=csv&api_key=pw",
        "https://h/x.csv?Token=pw",
        "https://h/x.csv?client-secret=pw",
        "sftp://ann:pa/pw@h/x.csv",
        "s3://KEY:pw/2@bucket/x.csv",
        "webdav://ann:s?pw@h/x.csv",
        "https://pw@h/",
        "https://h?sig=pw",
        "https://h/x.csv#sig=pw",
        "https://h/x.csv;token=pw/",
        "https://h/x.csv?accessToken=pw",
        "https://h/x.csv?accesstoken=pw",
        "https://h/x.csv?%73ig=pw",
        "https://h/x.csv?pass=pw",
        "https://h/x.csv?AWSSecretKey=pw",
        "https://h/x.csv?code=pw",
    ],
)
def test_a_secret_is_seen_and_not_shown(address: str) -> None:
    assert secret_in(address)
    assert "pw" not in without_secret(address)
    assert without_secret(address).startswith(address.partition("://")[0])


@pytest.mark.parametrize(
    "address",
    [
        "raw/KZ_*.csv",
        "raw/a:b@c.csv",
        "/mnt/office/ann:b@home/x.csv",
        "sftp://ann@h:2222/x/*.csv",
        "s3://bucket/KZ_?.csv",
        "https://h/export?format=csv&survey=signal",
        "https://h/a@b:c.csv",
        "odk://h/1/form/*.jsonl?review=approved",
        "http://[::1",
        "s3://bucket/a@b.csv",
        "s3://bucket/country=KZ/a;b=c#1.csv",
        "sftp://h:2222/a@b.csv",
        "sftp://[::1]/a@b.csv",
        "sftp://[::1]:22/a@b.csv",
        "https://h/x.csv?country_code=KZ",
    ],
)
def test_what_is_no_secret_is_let_through(address: str) -> None:
    assert secret_in(address) is None


def test_what_is_on_this_machine_is_not_remote() -> None:
    assert [is_remote(a) for a in ("raw/x.csv", "/mnt/x.csv", "file:///mnt/x.csv", "s3://b/x")] == [False] * 3 + [True]
