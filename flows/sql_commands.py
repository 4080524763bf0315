"""The commands of analysts: sql, and where the release is that they ask."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from flows.options import HomeOption, JsonOption
from schemas.errors import KinscaleError
from warehouse.home import Home

if TYPE_CHECKING:
    from warehouse.query import Answer, Session

ReleaseOption = Annotated[
    str | None, typer.Option("--release", metavar="ID", help="Release: its name, its number as rN; default latest.")
]
UNEXPLAINED = (
    "{n:,} numbers are missing, and no column says why. Ask for conf_status as well: C and D are hidden, N is not for "
    "publication; such a number is not 0."
)


def register(app: typer.Typer) -> None:
    """Add the commands to a command line."""
    examples: dict[Callable[..., None], str] = {
        sql: './kinscale sql "SELECT country, estimate, ci_low, ci_high FROM national_estimates LIMIT 5"'
        "    ./kinscale sql    ./kinscale sql --csv --to out.csv < query.sql",
        where: "duckdb $(./kinscale where)/results.duckdb",
    }
    for command, example in examples.items():
        app.command(epilog=f"Example: {example}")(command)


def sql(
    query: Annotated[
        str | None, typer.Argument(help="Statements; without them a prompt on a terminal, else standard input is read.")
    ] = None,
    home: HomeOption = None,
    release: ReleaseOption = None,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_parquet: Annotated[bool, typer.Option("--parquet", help="Write Parquet; needs --to.")] = False,
    to: Annotated[Path | None, typer.Option("--to", help="Write to this file, replaced when it is there.")] = None,
) -> None:
    """Query a release, read-only. Without a query on a terminal: a prompt with completion and history."""
    kind = _kind(as_json, as_csv, as_parquet, to)
    prompted = query is None and sys.stdin.isatty() and sys.stdout.isatty()
    if prompted and kind:
        raise typer.BadParameter("give a query as well", param_hint=f"--{kind}")
    text = "" if prompted else query if query is not None else sys.stdin.read()
    if not prompted and not text.strip():
        raise typer.BadParameter("give a query, or statements on standard input", param_hint="QUERY")
    place = Home.find(home)
    folder = _folder(place, release)
    if to and to.resolve().is_relative_to(place.releases):
        raise typer.BadParameter("releases are never written to; name a file elsewhere", param_hint="--to")
    if prompted:
        from flows import sql_prompt

        return sql_prompt.talk(folder)
    from warehouse import query as queries

    with queries.session(folder / "results.duckdb") as session:
        unexplained = _write(session, text, kind, to) if kind else draw(session, text)
    if unexplained:
        print(UNEXPLAINED.format(n=unexplained), file=sys.stderr)
    return None


def _kind(as_json: bool, as_csv: bool, as_parquet: bool, to: Path | None) -> str | None:
    """Name the format that was asked for; None is the drawing."""
    given = [name for name, wanted in (("json", as_json), ("csv", as_csv), ("parquet", as_parquet)) if wanted]
    if len(given) > 1:
        raise typer.BadParameter("give one format", param_hint=", ".join(f"--{name}" for name in given))
    if given == ["parquet"] and to is None:
        raise typer.BadParameter("Parquet needs a file: --to FILE", param_hint="--parquet")
    if to and not given:
        raise typer.BadParameter("say in which format: --csv, --json or --parquet", param_hint="--to")
    return given[0] if given else None


def draw(session: Session, text: str) -> int:
    """Print the answer of each statement as a table; return how many numbers are missing without a word why."""
    from warehouse.query import own_words

    unexplained = 0
    with own_words():
        for answer in session.answers(text):
            print(answer.drawn(_width()), end="")
            unexplained += answer.unexplained
    return unexplained


def _write(session: Session, text: str, kind: str, to: Path | None) -> int:
    """Write the last statement's answer; return how many numbers are missing without a word why."""
    from warehouse.query import own_words

    with own_words():
        answer = session.last_answer(text)
        if to is None:
            _as_text(answer, kind, sys.stdout)
        else:
            with _whole(to) as file:
                if kind == "parquet":
                    answer.write_parquet(file)
                else:
                    with file.open("w", encoding="utf-8", newline="") as out:
                        _as_text(answer, kind, out)
    return answer.unexplained


def _as_text(answer: Answer, kind: str, out: TextIO) -> None:
    if kind == "csv":
        answer.write_csv(out)
    else:
        answer.write_json(out)


@contextlib.contextmanager
def _whole(file: Path) -> Iterator[Path]:
    """Give a place beside a file to write to, which takes the file's name when everything is written."""
    if not file.resolve().parent.is_dir():
        raise KinscaleError("there is no such folder.", file=str(file.parent), next_step="Make it, or name another.")
    beside = file.with_name(f".{file.name}-next")
    try:
        yield beside
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def where(home: HomeOption = None, release: ReleaseOption = None, as_json: JsonOption = False) -> None:
    """Print the path of the latest release, or of another one."""
    from flows.release_commands import print_json

    folder = _folder(Home.find(home), release)
    if not as_json:
        print(folder)
        return
    told = {"folder": folder, "database": folder / "results.duckdb", "tables": folder / "tables"}
    print_json({"release_id": folder.name, **told, "report": folder / "report" / "index.html"})


def _folder(home: Home, name: str | None) -> Path:
    """Find a release's folder. Raises KinscaleError when there is none; one that was withdrawn is told as such."""
    if name is not None and name != "latest":
        from warehouse import release_names

        found = release_names.find(home, name)
        if found.tombstone:
            use = f"; use {found.tombstone['replacement']}" if found.tombstone.get("replacement") else ""
            print(f"{found.release_id} is withdrawn: {found.tombstone['reason']}{use}", file=sys.stderr)
        return found.folder.resolve()
    if not home.latest.exists():
        if any(home.releases.glob("*.withdrawn.json")):
            raise KinscaleError(
                "no release is in force: what there was is withdrawn.",
                file=str(home.releases),
                next_step="What there was: ./kinscale releases",
            )
        raise KinscaleError("there is no release yet.", file=str(home.releases), next_step="Make one: ./kinscale run")
    return home.latest.resolve()


def _width() -> int:
    import shutil

    return shutil.get_terminal_size((200, 24)).columns
