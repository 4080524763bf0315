"""What a night of the small survey leaves on disk and tells people, and that neither changes how it ended."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from flows import direct
from flows.after_night import accompany
from flows.cli import app
from flows.night import Outcome
from flows.notices import deliver
from schemas import declaration
from schemas.errors import SourceMissing, WarehouseLocked
from tests import receivers, small_survey
from tests.integration.test_night import tree
from tests.receivers import WebReceiver
from warehouse import nights
from warehouse.home import Home

ENDINGS = ["published", "refused", "failed"]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "PAUSE_SECONDS", (0.01, 0.01))


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with receivers.web() as running:
        yield running


def run(home: Home) -> Outcome:
    chosen = declaration.load(small_survey.ID)
    return accompany(small_survey.ID, home, lambda say: direct.run(chosen, home, say))


def tell(home: Home, web: WebReceiver, *when: str) -> None:
    home.root.mkdir(exist_ok=True)
    channel = {"kind": "webhook", "url": web.address, "when": list(when) or ENDINGS}
    (home.root / "settings.yaml").write_text(yaml.safe_dump({"notify": [channel]}), encoding="utf-8")


def summaries(home: Home) -> list[dict[str, Any]]:
    return [json.loads((night / "summary.json").read_text(encoding="utf-8")) for night in nights.kept(home)]


def spoil(survey: Path) -> Path:
    """Give one interview of Kazakhstan (number 1, of KZ-23) a region that no alias has, and another more relatives."""
    path = survey / "raw" / "KZ.csv"
    small_survey.change(path, 1, {"region": "Нигде"})
    small_survey.change(path, 0, {"relatives": "20"})
    return path


def lose_a_region(survey: Path) -> None:
    path = survey / "raw" / "KZ.csv"
    lines = path.read_text(encoding="utf-8").splitlines(True)
    path.write_text("".join(line for line in lines if "Атырауская" not in line), encoding="utf-8")


def test_a_first_night_is_kept_and_told(survey: Path, home: Home, web: WebReceiver) -> None:
    tell(home, web)
    outcome = run(home)
    (summary,) = summaries(home)
    # tests/small_survey.py: two files of thirty valid interviews
    rows = {"files": 2, "new_files": 2, "rows_read": 60, "rows_accepted": 60, "rows_quarantined": 0}
    assert summary["counts"] == rows
    assert (summary["open_rows"], summary["refusals"], summary["diff"]) == ([], [], None)
    (sent,) = web.sent
    told = sent.content
    assert told["line"] == summary["line"]
    assert told["line"] == (
        "kinscale small_survey: published small_survey-2009-r1, 60 rows read, 0 quarantined, 2 files, 2 of them new, "
        "the first release"
    )
    assert outcome.release is not None
    assert told["content_sha256"] == outcome.release.manifest["content_sha256"]
    assert (told["outcome"], told["counts"], told["errors"]) == ("published", rows, [])
    (night,) = nights.kept(home)
    assert night.name == told["run_id"] == outcome.run_id
    steps = (night / "progress.log").read_text(encoding="utf-8").splitlines()
    assert "listing 2 sources" in steps[0]
    assert "writing the release" in steps[-1]


def test_a_changed_night_shows_what_changed_and_no_interview(survey: Path, home: Home, web: WebReceiver) -> None:
    run(home)
    spoil(survey)
    tell(home, web)
    outcome = run(home)
    summary = summaries(home)[-1]
    # one row of thirty is refused by one rule
    assert [(f["file"], f["rows_accepted"], f["rows_quarantined"]) for f in summary["files"]] == [
        ("KG.csv", 30, 0),
        ("KZ.csv", 29, 1),
    ]
    assert summary["open_rows"] == [{"country": "KZ", "file": "KZ.csv", "rule": "region_unknown", "rows": 1, "days": 0}]
    assert outcome.release is not None
    revised = table(outcome.release.folder, "revisions")
    kinds = Counter(row["change"] for row in revised)
    found = {kind: number for kind, number in summary["diff"]["counts"].items() if number}
    limited = [row for row in revised if row["previous_ci_low"] and row["estimate"]]
    outside = [
        row
        for row in limited
        if not float(row["previous_ci_low"]) <= float(row["estimate"]) <= float(row["previous_ci_high"])
    ]
    assert found == kinds | ({"beyond_their_limits": len(outside)} if outside else {})
    assert web.sent[0].content["changed_cells"] == summary["diff"]["counts"]
    assert f"{len(revised):,} cells changed" in summary["line"]
    (folder,) = (path for path in nights.kept(home) if path.name == outcome.run_id)
    text = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir()) + web.sent[0].body.decode()
    for country in small_survey.REGIONS:
        for interview in small_survey.interviews(country):
            assert interview["questionnaire_id"] not in text
    assert "Нигде" not in text
    assert "small_survey-2009-r1" in (folder / "diff.html").read_text(encoding="utf-8")

    moved = quotable_totals(outcome.release.folder, revised)
    assert abs(summary["diff"]["headline"]["relative_change"]) == pytest.approx(max(moved))


def quotable_totals(release: Path, revised: list[dict[str, str]]) -> list[float]:
    """Return how far the totals of nations moved that a reader is not told to suppress."""
    cell = ("country", "region", "indicator", "exploitation", "location", "sex", "method")
    estimates = [row for row in table(release, "estimates") if row["release_id"] == release.name]
    weak = {tuple(row[name] for name in cell) for row in estimates if row["reliability"] == "suppress"}
    totals = [row for row in revised if row["indicator"] == "victims" and not row["region"]]
    quotable = [
        row for row in totals if tuple(row[name] for name in cell) not in weak and row["method"] == "pennington"
    ]
    assert 0 < len(quotable) < len(totals)
    return [abs(float(row["relative_change"])) for row in quotable if row["relative_change"]]


def table(release: Path, name: str) -> list[dict[str, str]]:
    with gzip.open(release / "tables" / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_a_hidden_cell_has_no_number_anywhere(survey: Path, home: Home, web: WebReceiver) -> None:
    path = survey / "survey.yaml"
    declared = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**declared, "disclosure": {"enabled": True}}, allow_unicode=True), encoding="utf-8")
    run(home)
    spoil(survey)
    tell(home, web)
    outcome = run(home)
    summary = summaries(home)[-1]
    assert outcome.is_new_release
    assert outcome.release is not None
    rows = table(outcome.release.folder, "estimates")
    key = ("country", "region", "indicator", "exploitation", "location", "sex", "period", "method")
    hidden = {tuple(row[name] for name in key) for row in rows if row["conf_status"] in "CD"}
    assert hidden  # five reporting families a country, and ten are asked for
    for cell in summary["diff"]["cells"]:
        if tuple(cell[name] or "" for name in key) in hidden:
            assert (cell["estimate"], cell["previous_estimate"]) == (None, None)
    headline = summary["diff"]["headline"]
    assert headline is None or tuple(headline[name] or "" for name in key) not in hidden


def test_a_night_without_news_writes_and_tells_nothing(survey: Path, home: Home, web: WebReceiver) -> None:
    tell(home, web)
    run(home)
    before = tree(home)
    assert not run(home).news
    assert tree(home) == before
    assert len(web.sent) == 1  # that of the first night


def test_who_asks_for_it_is_told_of_a_night_without_news(survey: Path, home: Home, web: WebReceiver) -> None:
    run(home)
    tell(home, web, "unchanged")
    run(home)
    (sent,) = web.sent
    assert sent.content["line"] == "kinscale small_survey: nothing new; small_survey-2009-r1 stays in force"
    assert sent.content["outcome"] == "unchanged"


def test_a_refused_gate_is_told_once_and_shows_no_number_of_the_candidate(
    survey: Path, home: Home, web: WebReceiver
) -> None:
    run(home)
    lose_a_region(survey)
    tell(home, web)
    outcome = run(home)
    assert outcome.exit_code == 3
    (sent,) = web.sent
    summary = summaries(home)[-1]
    assert sent.content["outcome"] == "refused"
    assert "refused by the gate" in sent.content["line"]
    assert "region_set_is_complete" in sent.content["line"]
    assert "small_survey-2009-r1 stays in force" in sent.content["line"]
    (candidate,) = home.candidates.iterdir()
    assert (summary["candidate"], summary["diff"]) == (candidate.name, None)
    assert run(home).exit_code == 3
    assert len(web.sent) == 1  # what was refused before stands; it is no news


def test_a_refused_file_is_told_as_failed(survey: Path, home: Home, web: WebReceiver) -> None:
    run(home)
    path = survey / "raw" / "KZ.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("relatives", "relatives_n", 1), encoding="utf-8")
    tell(home, web)
    assert run(home).exit_code == 1
    (sent,) = web.sent
    assert (sent.content["outcome"], sent.content["errors"]) == ("failed", ["missing_column"])
    assert "failed: missing_column KZ.csv; small_survey-2009-r1 stays in force" in sent.content["line"]


def test_who_is_told_of_failures_only_hears_of_a_release_that_lacks_a_file(
    survey: Path, home: Home, web: WebReceiver
) -> None:
    run(home)
    spoil(survey)
    (survey / "raw" / "KG.csv").write_bytes(b"")
    tell(home, web, "failed")
    assert run(home).is_new_release
    (sent,) = web.sent
    assert sent.content["endings"] == ["failed", "published"]
    assert "published small_survey-2009-r2 without everything (format_damaged KG.csv)" in sent.content["line"]


def test_a_receiver_that_is_not_there_changes_nothing(
    survey: Path, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    with receivers.web() as gone:
        tell(home, gone)
    outcome = run(home)
    assert (outcome.exit_code, outcome.is_new_release) == (0, True)
    assert "notice_failed  webhook 127.0.0.1, after 3 tries" in caplog.text
    (line,) = (home.nights / "notices.jsonl").read_text(encoding="utf-8").splitlines()
    said = json.loads(line)
    assert (said["sent"], said["tries"]) == (False, 3)


def test_settings_that_are_wrong_are_said_and_the_night_goes_on(
    survey: Path, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    home.root.mkdir()
    (home.root / "settings.yaml").write_text("notify: [{kind: pigeon}]", encoding="utf-8")
    assert run(home).is_new_release
    assert "Could not tell how the night ended" in caplog.text
    assert "settings.yaml: notify.0" in caplog.text


def test_a_summary_that_cannot_be_written_is_said_and_the_rest_goes_on(
    survey: Path, home: Home, web: WebReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    tell(home, web)
    home.nights.write_text("no folder", encoding="utf-8")
    assert run(home).is_new_release
    assert "Could not write what the night came to" in caplog.text
    assert web.sent[0].content["outcome"] == "published"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (WarehouseLocked("held"), "failed: warehouse_locked"),
        (
            SourceMissing("gone", file="https://u:sesame@example.org/a/KZ.csv?key=sesame"),
            "failed: source_missing KZ.csv",
        ),
        (ZeroDivisionError("sesame"), "failed: error:ZeroDivisionError"),
    ],
)
def test_a_night_that_breaks_off_is_told_and_breaks_off(
    home: Home, web: WebReceiver, error: Exception, told: str
) -> None:
    tell(home, web)

    def night(_: object) -> Outcome:
        raise error

    with pytest.raises(type(error)) as caught:
        accompany("s", home, night)
    assert caught.value is error
    (sent,) = web.sent
    assert sent.content["line"] == f"kinscale s: {told}; there is no release in force"
    assert "sesame" not in sent.body.decode()
    assert nights.kept(home) == []  # no run began


def test_a_night_that_was_killed_leaves_how_far_it_came(
    survey: Path, home: Home, web: WebReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tasks import aggregate

    tell(home, web)

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(aggregate, "aggregate", power_cut)
        with pytest.raises(KeyboardInterrupt):
            run(home)
    told = nights.progress(home, small_survey.ID).read_text(encoding="utf-8").splitlines()
    assert told[-1].endswith("reducing interviews to PSU totals")
    assert web.sent == []  # who interrupts a night knows of it
    run(home)
    assert not nights.progress(home, small_survey.ID).exists()


def test_the_command_tells_as_well(survey: Path, home: Home, web: WebReceiver) -> None:
    tell(home, web)
    web.answers = [500]
    done = CliRunner().invoke(app, ["run", "--direct", "--survey", small_survey.ID, "--home", str(home.root)])
    assert done.exit_code == 0, done.output
    assert [sent.content["outcome"] for sent in web.sent] == ["published", "published"]  # 500 first, then taken
    assert web.sent[0].headers["X-Kinscale-Delivery"] == web.sent[1].headers["X-Kinscale-Delivery"]
