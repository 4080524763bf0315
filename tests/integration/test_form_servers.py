"""Nights of surveys whose interviews lie on servers of forms: what is transferred, and that it counts as files do."""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
import pytest
import yaml

from flows import direct, warehouse_rebuild
from flows.night import Outcome
from schemas import declaration
from sources import reader
from tests import small_survey
from tests.forms import central, kobo_api
from tests.forms.server import Fault, Server, serving
from warehouse.home import CHECKOUT, Home

SYSTEM = [f"__system/{name}" for name in central.NAMES]
KOBO = ["_id", "_uuid", "_status", "_tags", "_notes", "_attachments", "_geolocation", "_submission_time", "__version__"]
KOBO += ["_submitted_by", "_xform_id_string", "formhub/uuid", "meta/instanceID"]
KOBO += [f"_validation_status/{name}" for name in ("timestamp", "uid", "by_whom", "label")]
BUNDLED = "central_asia_2009"
ROWS_OF_DAY = 700


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every address of the two protocols the account of the servers here."""
    user = {"user": central.USER, "password": central.PASSWORD}
    monkeypatch.setitem(fsspec.config.conf, "odk+http", user)
    monkeypatch.setitem(fsspec.config.conf, "kobo+http", {"token": kobo_api.TOKEN})


def night(home: Home, survey_id: str = small_survey.ID) -> Outcome:
    return direct.run(declaration.load(survey_id), home, logging.getLogger("test").info)


def content(outcome: Outcome) -> str:
    assert outcome.release is not None
    return str(outcome.release.manifest["content_sha256"])


def submission(country: str, number: int, row: Mapping[str, Any], day: int) -> central.Submission:
    time = f"2009-10-{day:02d}T08:{number // 60:02d}:{number % 60:02d}.000Z"
    return central.Submission(f"uuid:{country}-{number:05d}", time, dict(row))


@dataclass
class Forms:
    """The small survey on two servers of ODK Central: ten interviews a day, on three days."""

    forms: dict[str, central.Central]
    servers: dict[str, Server]
    folder: Path

    def asked(self) -> dict[str, int]:
        """Return requests by what they brought since the last call, sessions left out."""
        kinds = [
            "answers" if "$expand" in request.query else "marks"
            for server in self.servers.values()
            for request, _, _ in server.seen
            if request.method == "GET"
        ]
        for server in self.servers.values():
            server.clear()
        return {kind: kinds.count(kind) for kind in ("marks", "answers")}

    def declare(self, review: str = "") -> None:
        """Write the declaration. review: what follows the address."""
        told = small_survey.declaration()
        assert isinstance(told["sources"], list)
        for source in told["sources"]:
            host = self.servers[source["country"]].host
            source["path"] = f"odk+http://{host}/1/family/*.jsonl{review}"
            source["reader"] = {"format": "jsonl"}
            source["ignore"] = ["__id", *SYSTEM, "child", "child@odata.navigationLink"]
        (self.folder / "survey.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")


@pytest.fixture
def forms(survey: Path) -> Iterator[Forms]:
    """Two servers with thirty submissions each, of which the survey is declared."""
    with ExitStack() as stack:
        served = {}
        servers = {}
        for country in small_survey.REGIONS:
            served[country] = central.Central()
            rows = enumerate(small_survey.interviews(country))
            served[country].add(*(submission(country, n, row, 1 + n // 10) for n, row in rows))
            first = served[country].submissions[0]  # one family tells of its children, in a repeat
            first.answers["child"] = [{"__id": "c1", "age": 4}, {"__id": "c2", "age": 7}]
            servers[country] = stack.enter_context(serving(served[country].answer))
        found = Forms(served, servers, survey)
        found.declare()
        yield found


@pytest.fixture
def plain(survey: Path, tmp_path: Path) -> str:
    """The content of a release of the same interviews, delivered as files."""
    return content(night(Home(tmp_path / "plain")))


def test_submissions_count_as_files_do_and_a_quiet_night_asks_for_marks_only(
    plain: str, forms: Forms, home: Home
) -> None:
    first = night(home)
    assert (first.exit_code, content(first)) == (0, plain)
    assert [load.rows_accepted for load in first.loads] == [10] * 6
    assert forms.asked()["answers"] == 6  # one for each day
    second = night(home)
    assert not second.news
    assert forms.asked() == {"marks": 2, "answers": 0}


def test_only_days_with_news_are_transferred_and_late_decisions_count(plain: str, forms: Forms, home: Home) -> None:
    night(home)
    forms.asked()
    form = forms.forms["KZ"]
    edited, rejected, gone = (form.of(f"uuid:KZ-{n:05d}") for n in (3, 14, 15))
    before = dict(edited.answers)
    edited.answers["relatives"], edited.edits, edited.updated = "25", 1, "2009-12-01T00:00:00.000Z"
    edited.review = "edited"
    outcome = night(home)
    assert forms.asked()["answers"] == 1
    assert [load.file for load in outcome.landed] == ["2009-10-01.jsonl"]
    assert content(outcome) != plain
    edited.answers, edited.edits, edited.updated = before, 2, "2009-12-02T00:00:00.000Z"
    rejected.review, rejected.updated = "rejected", "2009-12-02T00:00:00.000Z"
    gone.deleted = "2009-12-02T00:00:00.000Z"
    outcome = night(home)
    assert forms.asked()["answers"] == 2
    assert sorted(load.rows_accepted for load in outcome.loads) == [8, 10, 10, 10, 10, 10]
    rejected.review, rejected.updated, gone.deleted = "approved", "2009-12-03T00:00:00.000Z", None
    assert content(night(home)) == plain
    form.add(submission("KZ", 99, {**before, "questionnaire_id": "KZ-999"}, 20))
    outcome = night(home)
    assert [load.file for load in outcome.landed] == ["2009-10-20.jsonl"]
    assert [load.rows_accepted for load in outcome.landed] == [1]


def test_a_day_that_a_review_empties_counts_no_more_until_it_is_approved(plain: str, forms: Forms, home: Home) -> None:
    night(home)
    day = [forms.forms["KZ"].of(f"uuid:KZ-{n:05d}") for n in range(10)]
    for submission in day:
        submission.review, submission.updated = "rejected", "2009-12-01T00:00:00.000Z"
    outcome = night(home)
    assert (outcome.exit_code, sum(load.rows_accepted for load in outcome.loads)) == (0, 50)
    without = content(outcome)
    assert not night(home).news
    warehouse_rebuild.rebuild(home, lambda _: None)
    assert content(night(home)) == without
    for submission in day:
        submission.review, submission.updated = "approved", "2009-12-02T00:00:00.000Z"
    outcome = night(home)
    assert (outcome.exit_code, content(outcome)) == (0, plain)


def test_the_reviews_that_count_can_be_chosen_and_chosen_again(plain: str, forms: Forms, home: Home) -> None:
    for country in small_survey.REGIONS:
        for submission in forms.forms[country].submissions[:29]:
            submission.review = "approved"
    forms.declare("?review=approved")
    outcome = night(home)
    assert (outcome.exit_code, sum(load.rows_accepted for load in outcome.loads)) == (0, 58), outcome.errors
    assert {load.file for load in outcome.loads} == {f"2009-10-{day:02d}.jsonl" for day in (1, 2, 3)}
    forms.declare()
    outcome = night(home)
    assert (outcome.exit_code, content(outcome)) == (0, plain)
    assert len(outcome.loads) == 6  # the same days, not others beside them
    rebuilt = warehouse_rebuild.rebuild(home, lambda _: None)
    assert (len(rebuilt.landed), rebuilt.undeclared) == (6, ())


def test_a_form_that_is_not_there_takes_nothing_out(plain: str, forms: Forms, home: Home) -> None:
    night(home)
    forms.forms["KZ"].form = "renamed"
    outcome = night(home)
    assert [error.code for error in outcome.errors] == ["source_missing"]
    assert sum(load.rows_accepted for load in outcome.loads) == 60
    forms.forms["KZ"].form = "family"
    forms.forms["KZ"].submissions, kept = [], forms.forms["KZ"].submissions
    outcome = night(home)
    assert [error.code for error in outcome.errors] == ["source_missing"]
    assert sum(load.rows_accepted for load in outcome.loads) == 60
    forms.forms["KZ"].submissions = kept
    outcome = night(home)
    assert (outcome.exit_code, content(outcome)) == (0, plain)


def test_an_encrypted_submission_refuses_its_day_alone(forms: Forms, home: Home) -> None:
    forms.forms["KZ"].submissions[0].status = "notDecrypted"
    outcome = night(home)
    assert [error.code for error in outcome.errors] == ["source_refused"]
    assert "1 of 10 submissions are encrypted" in outcome.errors[0].what
    assert sum(load.rows_accepted for load in outcome.loads) == 50


def test_no_credential_is_written_down(
    forms: Forms, home: Home, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    outcome = night(home)
    assert outcome.release is not None
    forms.servers["KZ"].faults.append(Fault("status", times=99, status=403))
    forms.forms["KG"].of("uuid:KG-00001").edits = 1
    forms.servers["KG"].faults.append(Fault("status", times=1, status=401, when=lambda r: r.method == "GET"))
    refused = night(home)
    assert [error.code for error in refused.errors] == ["source_refused"]
    said = [json.dumps(error.as_record()) for error in refused.errors] + [caplog.text, *capfd.readouterr()]
    files = [path.read_bytes().decode(errors="replace") for path in home.root.rglob("*") if path.is_file()]
    assert len(files) > 20
    for secret in (central.PASSWORD, central.SESSION, central.USER):
        assert not [text for text in [*said, *files] if secret in text]


def delivered(country: str) -> list[dict[str, Any]]:
    """The rows of a bundled delivery as text, by its own headers."""
    source = next(s for s in declaration.load(BUNDLED).sources if s.country == country)
    path = CHECKOUT / "surveys" / BUNDLED / source.path
    table = reader.read(path, path.name, source.reader)
    rows = table.frame[[*table.columns]].to_dict("records")
    return [{name: answer(cell) if isinstance(cell, str) else None for name, cell in row.items()} for row in rows]


def answer(cell: str) -> str | float:
    """A number with a decimal comma is one a spreadsheet wrote; in a form it is a number."""
    return float(cell.replace(",", ".")) if re.fullmatch(r"\d+,\d+", cell) else cell


def in_groups(row: Mapping[str, Any]) -> dict[str, Any]:
    """Put answers into their groups, as OData does: "general/region" becomes {"general": {"region": ...}}."""
    out: dict[str, Any] = {}
    for name, value in row.items():
        *groups, field = [name] if " " in name else name.split("/")
        place = out
        for group in groups:
            place = place.setdefault(group, {})
        place[field] = value
    return out


@contextmanager
def on_central(country: str) -> Iterator[dict[str, Any]]:
    """Serve a delivery as a form of ODK Central; yield what its source says instead."""
    form = central.Central(form=f"family {country}")
    rows = enumerate(delivered(country))
    form.add(*(submission(country, n % ROWS_OF_DAY, in_groups(row), 1 + n // ROWS_OF_DAY) for n, row in rows))
    for number, one in enumerate(form.submissions):
        one.id = f"uuid:{country}-{number:05d}"
    with serving(form.answer) as server:
        path = f"odk+http://{server.host}/1/family%20{country}/*.jsonl"
        yield {"path": path, "reader": {"format": "jsonl"}, "ignore": ["__id", *SYSTEM]}


@contextmanager
def on_kobo(country: str) -> Iterator[dict[str, Any]]:
    """Serve a delivery as an asset of KoboToolbox, unanswered questions left out as there."""
    rows = [{name: cell for name, cell in row.items() if not name.startswith("_")} for row in delivered(country)]
    rows = [{name: cell for name, cell in row.items() if name != "meta/instanceID"} for row in rows]
    form = kobo_api.KoboApi(forms={"vOne": [{"type": "text", "name": name, "$xpath": name} for name in rows[0]]})
    for number, row in enumerate(rows):
        time = f"2009-10-{1 + number // ROWS_OF_DAY:02d}T08:00:00"
        form.add(kobo_api.Submission(number + 1, time, {name: cell for name, cell in row.items() if cell}))
    with serving(form.answer) as server:
        path = f"kobo+http://{server.host}/aAsset/*.jsonl"
        yield {"path": path, "reader": {"format": "jsonl"}, "ignore": KOBO}


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The content of the bundled survey's release from its files."""
    return content(night(Home(tmp_path_factory.mktemp("local") / "home"), BUNDLED))


@pytest.mark.parametrize("servers", [dict.fromkeys(("KZ", "KG", "TJ", "TM", "UZ"), on_central), {"TJ": on_kobo}])
def test_the_bundled_survey_from_a_server_has_the_content_of_its_files(
    local: str, servers: dict[str, Any], home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "surveys" / BUNDLED
    shutil.copytree(CHECKOUT / "surveys" / BUNDLED, folder)
    told = yaml.safe_load((folder / "survey.yaml").read_text(encoding="utf-8"))
    with ExitStack() as stack:
        for source in told["sources"]:
            if source["country"] in servers:
                other = stack.enter_context(servers[source["country"]](source["country"]))
                source |= {**other, "ignore": [*source.get("ignore", []), *other["ignore"]]}
        (folder / "survey.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
        monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path / "surveys"))
        outcome = night(home, BUNDLED)
    assert not outcome.errors, "\n".join(map(str, outcome.errors))
    assert content(outcome) == local
    assert len(outcome.loads) > 5
