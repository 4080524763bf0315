"""Whole nights whose files come from real stores: the same content as from the disk, and no secret anywhere."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from flows import direct, rehearsal
from flows.cli import app
from flows.night import Outcome
from schemas import declaration
from tests import small_survey
from tests.integration.stores import servers
from tests.integration.stores.conftest import declared_at, opened
from tests.integration.stores.servers import Server
from warehouse.home import CHECKOUT, Home

BUNDLED = "central_asia_2009"
SAY = logging.getLogger("test").info
Drop = Callable[[Server], None]
STORES = ["http_server", "sftp_server", "s3_server", "webdav_server"]


@pytest.fixture(params=STORES)
def server(request: pytest.FixtureRequest, drop: Drop) -> Server:
    """A server whose credentials are set."""
    found: Server = request.getfixturevalue(request.param)
    drop(found)
    return found


def bring(server: Server, folder: Path, to: str) -> str:
    """Put the files of a folder on a server; return where they are."""
    if server.address.startswith("s3://"):
        opened(server, server.address).put(f"{folder}/", f"{server.address}/{to}/", recursive=True)
    else:
        shutil.copytree(folder, server.folder / to, dirs_exist_ok=True)
    return f"{server.address}/{to}"


def name(server: Server) -> str:
    return "drop" if server.credentials else ""


def night(home: Home, survey: str = small_survey.ID) -> Outcome:
    return direct.run(declaration.load(survey), home, SAY)


def content(outcome: Outcome) -> str:
    assert outcome.release is not None, outcome.errors
    return str(outcome.release.manifest["content_sha256"])


@pytest.fixture(scope="session")
def of_the_disk(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The content hash of the bundled survey as it lies in the checkout."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("KINSCALE_SURVEYS", raising=False)
        return content(night(Home(tmp_path_factory.mktemp("disk") / "home"), BUNDLED))


def test_the_five_deliveries_of_the_bundled_survey_give_the_same_content(
    server: Server, of_the_disk: str, tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(CHECKOUT / "surveys" / BUNDLED, tmp_path / "surveys" / BUNDLED)
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path / "surveys"))
    place = bring(server, tmp_path / "surveys" / BUNDLED / "raw", "bundled")  # with its delivery notes
    shutil.rmtree(tmp_path / "surveys" / BUNDLED / "raw")
    declared_at(tmp_path / "surveys" / BUNDLED, place, name(server))
    outcome = night(home, BUNDLED)
    assert outcome.exit_code == 0
    assert content(outcome) == of_the_disk
    assert not night(home, BUNDLED).news
    assert secrets_in(server, home.root) == []


def secrets_in(server: Server, folder: Path) -> list[str]:
    """Name the files that hold a value of the credentials, as bytes."""
    hidden = [v.encode() for k, v in server.credentials.items() if k in ("PASSWORD", "SECRET", "KEY_ID", "TOKEN")]
    return [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and any(value in path.read_bytes() for value in hidden)
    ]


def test_a_second_night_has_no_news_and_a_changed_file_is_taken_in(
    server: Server, survey: Path, home: Home, tmp_path: Path
) -> None:
    place = bring(server, survey / "raw", f"small-{tmp_path.name}")
    local = survey / "raw"
    declared_at(survey, place, name(server))
    assert night(home).exit_code == 0
    assert not night(home).news
    small_survey.change(local / "KZ.csv", 0, {"relatives": "20"})
    bring(server, local, f"small-{tmp_path.name}")
    changed = night(home)
    assert (changed.exit_code, [load.country for load in changed.landed]) == (0, ["KZ"])


def test_wrong_credentials_are_refused_and_shown_nowhere(
    survey: Path,
    home: Home,
    webdav_server: Server,
    drop: Drop,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    drop(webdav_server)
    secret = "wrong-Pa55word/ä%"
    monkeypatch.setenv("KINSCALE_CREDENTIALS_DROP_PASSWORD", secret)
    declared_at(survey, webdav_server.address, "drop")
    outcome = night(home)
    assert [error.code for error in outcome.errors] == ["source_refused", "source_refused"]
    shown = caplog.text + "".join(f"{error!r} {error} {error.as_record()}" for error in outcome.errors)
    assert "401" in shown
    assert secret not in shown
    runner = CliRunner().invoke(app, ["run", "--direct", "--survey", small_survey.ID, "--home", str(home.root)])
    assert runner.exit_code == 1
    assert secret not in runner.output
    wrong = Server(webdav_server.address, webdav_server.folder, 0, {"PASSWORD": secret})
    assert secrets_in(wrong, home.root) == []


def test_missing_credentials_are_named_with_what_would_set_them(survey: Path, home: Home) -> None:
    declared_at(survey, "sftp://127.0.0.1:9/drop", "office-drop")
    outcome = night(home)
    assert [error.code for error in outcome.errors] == ["credentials_missing"] * 2
    assert "KINSCALE_CREDENTIALS_OFFICE_DROP_" in str(outcome.errors[0])
    assert "kinscale-office-drop" in str(outcome.errors[0])


def test_sources_and_check_tell_which_credentials_are_there(
    survey: Path, webdav_server: Server, drop: Drop, tmp_path: Path
) -> None:
    place = bring(webdav_server, survey / "raw", f"check-{tmp_path.name}")
    declared_at(survey, place, "drop")
    listed = ["sources", "--survey", small_survey.ID]
    assert "drop: missing (" in CliRunner().invoke(app, listed).output
    assert [problem.code for problem in rehearsal.rehearse(small_survey.ID, SAY).problems] == [
        "credentials_missing"
    ] * 2
    drop(webdav_server)
    output = CliRunner().invoke(app, listed).output
    assert "drop: PASSWORD, USER in the environment" in output
    found = rehearsal.rehearse(small_survey.ID, SAY)
    assert found.ready
    assert "credentials drop: PASSWORD, USER in the environment" in found.notes
    as_json = CliRunner().invoke(app, [*listed, "--json"]).output
    assert servers.PASSWORD not in output + as_json + "".join(found.notes)


@pytest.mark.parametrize(
    "path",
    [
        "sftp://collector:hunter2@127.0.0.1/drop/KZ.csv",
        "https://127.0.0.1/KZ.csv?X-Amz-Signature=hunter2",
        "https://127.0.0.1/KZ.csv?sv=2024&sig=hunter2",
        "https://127.0.0.1/KZ.csv?access_token=hunter2",
    ],
)
def test_an_address_with_a_secret_is_refused_and_not_shown(survey: Path, path: str) -> None:
    file = survey / "survey.yaml"
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    told["sources"][0]["path"] = path
    file.write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), encoding="utf-8")
    for command in (["sources", "--survey", small_survey.ID], ["check", small_survey.ID]):
        outcome = CliRunner().invoke(app, command)
        assert outcome.exit_code == 1
        shown = outcome.output + str(outcome.exception)
        assert "hunter2" not in shown
        assert "the address holds" in shown
        assert "credentials" in shown


def test_a_query_that_signs_is_sent_and_never_shown(
    survey: Path, home: Home, http_server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = bring(http_server, survey / "raw", f"signed-{tmp_path.name}")
    declared_at(survey, place, "link")
    monkeypatch.setenv("KINSCALE_CREDENTIALS_LINK_QUERY", "sig=hunter2")
    http_server.requests()
    assert night(home).exit_code == 0
    assert all("?sig=hunter2" in request for request in http_server.requests() if ".csv " in request)
    assert [path for path in home.root.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()] == []


def test_a_file_is_given_time_to_settle(survey: Path, home: Home) -> None:
    file = survey / "survey.yaml"
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    for source in told["sources"]:
        source["settle_seconds"] = 600
    file.write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), encoding="utf-8")
    for path in (survey / "raw").glob("*.csv"):
        os.utime(path, (0, 10**9))  # an hour of 2001
    before = content(night(home))
    small_survey.change(survey / "raw" / "KZ.csv", 0, {"relatives": "20"})
    outcome = night(home)
    assert [error.code for error in outcome.errors] == ["source_unsettled"]
    assert (outcome.exit_code, outcome.landed, content(outcome)) == (0, (), before)
    os.utime(survey / "raw" / "KZ.csv", (0, 10**9))
    assert [load.country for load in night(home).landed] == ["KZ"]


def test_a_file_under_a_passing_name_waits_and_the_others_come(
    survey: Path, home: Home, sftp_server: Server, drop: Drop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    drop(sftp_server)
    place = bring(sftp_server, survey / "raw", f"waiting-{tmp_path.name}")
    there = sftp_server.folder / f"waiting-{tmp_path.name}"
    declared_at(survey, place, "drop")
    file = survey / "survey.yaml"
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    for source in told["sources"]:
        source["path"] = source["path"].replace(".csv", "*")
    file.write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), encoding="utf-8")
    (there / "KZ.csv").rename(there / "KZ.csv.filepart")
    (there / "KZ_old.csv").write_bytes((survey / "raw" / "KZ.csv").read_bytes())
    outcome = night(home)
    assert (outcome.exit_code, sorted(load.file for load in outcome.loads)) == (0, ["KG.csv", "KZ_old.csv"])
    assert "still being copied by their names: KZ.csv.filepart" in caplog.text


@pytest.mark.parametrize("note", ["KZ.csv.sha256", "SHA256SUMS", "KZ.csv.source.yaml"])
def test_a_note_beside_a_file_is_held_against_it(
    survey: Path, home: Home, webdav_server: Server, drop: Drop, tmp_path: Path, note: str
) -> None:
    drop(webdav_server)
    place = bring(webdav_server, survey / "raw", f"noted-{tmp_path.name}")
    text = f"{'0' * 64} *KZ.csv\n" if not note.endswith("yaml") else f"sha256: {'0' * 64}\nbytes: 5\n"
    (webdav_server.folder / f"noted-{tmp_path.name}" / note).write_text(text, encoding="utf-8")
    declared_at(survey, place, "drop")
    outcome = night(home)
    assert [error.code for error in outcome.errors][:1] == ["format_damaged"]  # the gate misses a country
    assert "delivery note" in str(outcome.errors[0])
    assert [load.country for load in outcome.loads] == ["KG"]


@pytest.mark.parametrize("pattern", ["KZ.csv", "KZ*.csv"])
@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_a_note_over_sftp_that_is_no_file_or_leads_out_of_its_folder_is_refused(
    survey: Path, home: Home, sftp_server: Server, drop: Drop, tmp_path: Path, kind: str, pattern: str
) -> None:
    drop(sftp_server)
    place = bring(sftp_server, survey / "raw", f"harmed-{tmp_path.name}")
    note = sftp_server.folder / f"harmed-{tmp_path.name}" / "KZ.csv.sha256"
    if kind == "pipe":
        os.mkfifo(note)
    elif kind == "folder":
        note.mkdir()
    else:
        note.symlink_to("/etc/passwd")
    declared_at(survey, place, "drop")
    file = survey / "survey.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("KZ.csv", pattern), encoding="utf-8")
    outcome = night(home)
    assert [error.code for error in outcome.errors][:1] == ["source_refused"]  # the gate misses a country
    assert "KZ.csv.sha256" in str(outcome.errors[0])
    assert [load.country for load in outcome.loads] == ["KG"]
