"""The settings file: what is valid, what each mistake is told as, and that no secret is ever written or shown."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from schemas import settings
from schemas.errors import SettingsError
from schemas.settings import Mail, Webhook
from warehouse.home import CHECKOUT

MAIL = "{kind: mail, to: [office@example.org], from: kinscale@example.org, host: mail.example.org"
HOOK = "{kind: webhook, url: 'https://hooks.example.org/kinscale'"


def write(folder: Path, text: str) -> Path:
    path = folder / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_nobody_is_told(tmp_path: Path) -> None:
    assert settings.load(tmp_path).notify == ()


def test_an_empty_file_sets_nothing(tmp_path: Path) -> None:
    write(tmp_path, "# nothing yet\n")
    assert settings.load(tmp_path).notify == ()


def test_channels_are_read_with_their_defaults(tmp_path: Path) -> None:
    write(tmp_path, f"notify:\n  - {MAIL}}}\n  - {HOOK}, when: [unchanged]}}\n")
    mail, hook = settings.load(tmp_path).notify
    assert isinstance(mail, Mail)
    assert mail.when == ("published", "refused", "failed")
    assert (mail.security, mail.address) == ("starttls", ("mail.example.org", 587))  # RFC 6409: 587 is submission
    assert isinstance(hook, Webhook)
    assert (hook.when, hook.timeout_seconds) == (("unchanged",), 10.0)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_a_port_that_is_not_given_is_the_usual_one(tmp_path: Path, security: str, port: int) -> None:
    write(tmp_path, f"notify: [{MAIL}, security: {security}}}]")
    (mail,) = settings.load(tmp_path).notify
    assert isinstance(mail, Mail)
    assert mail.address[1] == port


def test_another_file_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setenv("KINSCALE_SETTINGS", str(write(other, f"notify: [{HOOK}}}]")))
    assert len(settings.load(tmp_path).notify) == 1
    (other / "settings.yaml").unlink()
    with pytest.raises(SettingsError, match="is not there"):
        settings.load(tmp_path)


def test_without_a_word_about_engines_all_is_done_here(tmp_path: Path) -> None:
    found = settings.load(tmp_path)
    assert (found.engine, found.engine_of("valley"), found.runner, found.microdata) == (
        "duckdb",
        "duckdb",
        "threads",
        None,
    )
    assert (found.spark.master, found.spark.connect, found.dask.address, found.dask.workers) == (
        "local[*]",
        None,
        None,
        2,
    )


def test_a_survey_may_go_another_way_than_the_others(tmp_path: Path) -> None:
    write(tmp_path, "engine: spark\nengines: {valley: duckdb}\n")
    found = settings.load(tmp_path)
    assert (found.engine_of("valley"), found.engine_of("lowland")) == ("duckdb", "spark")
    write(tmp_path, "engines: {valley: spark}\n")
    found = settings.load(tmp_path)
    assert (found.engine_of("valley"), found.engine_of("lowland")) == ("spark", "duckdb")


def test_spark_and_dask_are_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        "engine: spark\nmicrodata: s3://survey/interviews\nrunner: dask\n"
        "spark: {connect: 'sc://spark.example.org:15002/;use_ssl=true', config: {spark.executor.memory: 8g}}\n"
        "dask: {address: 'tls://dask.example.org:8786'}\n",
    )
    found = settings.load(tmp_path)
    assert found.spark.connect == "sc://spark.example.org:15002/;use_ssl=true"
    assert found.dask.address == "tls://dask.example.org:8786"
    assert found.spark.config == {"spark.executor.memory": "8g"}
    assert (found.microdata, found.runner) == ("s3://survey/interviews", "dask")


@pytest.mark.parametrize("host", ["localhost:15002", "127.0.0.1:15002/;user_id=night", "[::1]:15002"])
def test_a_server_on_this_machine_needs_no_encryption(tmp_path: Path, host: str) -> None:
    write(tmp_path, f"spark: {{connect: 'sc://{host}'}}")
    assert settings.load(tmp_path).spark.connect == f"sc://{host}"


MISTAKES = [
    ("engine: hadoop", "engine", "'duckdb' or 'spark'"),
    ("engines: {valley: dask}", "engines.valley", "'duckdb' or 'spark'"),
    ("engines: [valley]", "engines", "dictionary"),
    ("runner: spark", "runner", "'threads' or 'dask'"),
    ("spark: {connect: 'spark://sesame:7077'}", "spark.connect", "match pattern"),
    ("spark: {connect: 'sc://sesame.example.org:15002'}", "spark.connect", "use_ssl=true"),
    ("spark: {connect: 'sc://sesame.example.org/;use_ssl=false'}", "spark.connect", "use_ssl=true"),
    ("spark: {connect: 'sc://127.example.org/;user_id=use_ssl=true'}", "spark.connect", "use_ssl=true"),
    ("spark: {connect: 'sc://h/;use_ssl=true;token=sesame'}", "spark.connect", "AUTHENTICATE_TOKEN"),
    ("spark: {connect: 'sc://u:sesame@h/;use_ssl=true'}", "spark.connect", "AUTHENTICATE_TOKEN"),
    ("spark: {config: {spark.executor.cores: 2}}", "spark.config.spark.executor.cores", "valid string"),
    ("spark: {token: sesame}", "spark", "headers_env"),
    ("spark: {url: 'sc://h'}", "spark.url", "not permitted"),
    ("dask: {address: 'dask.example.org:8786'}", "dask.address", "match pattern"),
    ("dask: {workers: 0}", "dask.workers", "greater than or equal to 1"),
    (f"notify: [{MAIL}, password: sesame}}]", "notify.0", "password_env"),
    (f"notify: [{MAIL}, user: u, password_env: 'sesame!'}}]", "notify.0.password_env", "match pattern"),
    (f"notify: [{MAIL}, user: u}}]", "notify.0", "belong together"),
    (f"notify: [{MAIL}, user: u, password_env: P, security: none}}]", "notify.0", "does not travel openly"),
    (f"notify: [{HOOK}, secret: sesame}}]", "notify.0", "secret_env"),
    (f"notify: [{HOOK}, headers: {{Authorization: sesame}}}}]", "notify.0", "headers_env"),
    ("notify: [{kind: webhook, url: 'https://u:sesame@example.org'}]", "notify.0.url", "a login is not written"),
    ("notify: [{kind: webhook, url: 'ftp://example.org/sesame'}]", "notify.0.url", "https://"),
    ("notify: [{kind: webhook}]", "notify.0", "one of them"),
    (f"notify: [{HOOK}, headers_env: {{'X\\nY': P}}}}]", "notify.0.headers_env", "no name of a header"),
    (f"notify: [{MAIL}, when: [always]}}]", "notify.0.when.0", "published"),
    (f"notify: [{MAIL}, on: [failed]}}]", "notify.0", "the key is `when`"),
    ("notify: [{kind: mail, to: ['a@example.org, b'], from: c@example.org, host: h}]", "notify.0.to.0", "pattern"),
    ("notify: [{kind: pigeon}]", "notify.0", "'mail', 'webhook'"),
    ("notify: yes", "notify", "tuple"),
    ("notice: []", "notice", "not permitted"),
    ("[]", "", "there is no key"),
    ("notify: [", "", "row 2"),
]


@pytest.mark.parametrize(("text", "key", "words"), MISTAKES)
def test_a_mistake_names_its_key_and_shows_no_secret(tmp_path: Path, text: str, key: str, words: str) -> None:
    write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        settings.load(tmp_path)
    told = str(caught.value)
    assert "settings.yaml" in told
    assert words in told
    assert caught.value.facts.get("key", "") == key
    assert "sesame" not in told
    assert caught.value.__cause__ is None  # a cause would print what was written
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_loading_settings_loads_nothing_heavy(tmp_path: Path) -> None:
    write(tmp_path, f"notify: [{MAIL}}}]")
    code = (
        "import sys; from pathlib import Path; from schemas import settings; settings.load(Path(sys.argv[1]));"
        "print(sorted({'pandas', 'numpy', 'prefect', 'duckdb', 'smtplib', 'httpx'} & set(sys.modules)))"
    )
    call = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(call, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
