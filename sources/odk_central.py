"""Forms on a server of ODK Central, through its OData service: `odk://host/<project>/<form>/*.jsonl`.

Source: the API documentation of ODK Central, "Authentication" and "OData Endpoints".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from urllib.parse import parse_qs, quote, unquote, urlsplit

from sources.form_client import elements, parsed
from sources.form_days import FormDays, Mark

MARKS_OF_PAGE = 5000
"""Submissions without their answers that are asked for at once."""
_RECEIVED = "received"
"""Our name for the review state of a submission that nobody has looked at; the server has none."""


class OdkCentral(FormDays):
    """Submissions of forms of ODK Central.

    user, password: of a web user, which make a session; token: of a session. App users may not read submissions.
    """

    protocol = "odk"
    depth = 3
    shape = "host/<project>/<form>"
    states = (_RECEIVED, "edited", "hasIssues", "approved", "rejected")
    refused = "rejected"
    records = "value"
    _session: str | None = None

    def headers(self) -> dict[str, str]:
        """Return the token that was given, or that of a session, which is begun when it is first needed."""
        if self._token is None and self._user is not None and self._session is None:
            content = {"email": self._user, "password": self._password or ""}
            self._session = str(self.client.post("/v1/sessions", content)["token"])
        token = self._token or self._session
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _get(self, form: Sequence[str], params: dict[str, str]) -> str:
        path = f"/v1/projects/{_part(form[1])}/forms/{_part(form[2])}.svc/Submissions"
        try:
            return self.client.get(path, params)
        except PermissionError:
            if self._session is None:
                raise
            self._session = None  # it may have ended; a new one is begun, once
            return self.client.get(path, params)

    def marks(self, form: Sequence[str], day: str | None) -> Iterator[Mark]:
        """Yield what OData calls the system's fields of submissions; deleted ones are not among them."""
        params = {"$select": "__id,__system", "$top": str(MARKS_OF_PAGE)}
        if day:
            params["$filter"] = _between(f"{day}T00:00:00.000Z", f"{_next(day)}T00:00:00.000Z")
        while True:
            answer = parsed(self._get(form, params))
            for record in answer["value"]:
                system = record["__system"]
                review = system["reviewState"] or _RECEIVED
                seal = "\0".join(str(system.get(name)) for name in ("updatedAt", "edits", "reviewState", "formVersion"))
                encrypted = system.get("status") is not None
                yield Mark(str(record["__id"]), system["submissionDate"], review, seal, encrypted)
            link = answer.get("@odata.nextLink")
            if not link:
                return
            # only what it says of the page: the server may think that it is called something else
            told = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
            following = {**params, **{name: told[name] for name in ("$skiptoken", "$skip", "$top") if name in told}}
            if following == params:
                raise OSError("the server gives the same page again and again")
            params = following

    def key(self, mark: Mark) -> str:
        """Return the time: OData filters know no ids."""
        return mark.time

    def page(self, form: Sequence[str], chunk: Sequence[Mark]) -> Iterator[tuple[str, str]]:
        """Yield the submissions of a stretch of time with all their repeats."""
        text = self._get(form, {"$expand": "*", "$filter": _between(chunk[0].time, _after(chunk[-1].time))})
        for record, line in elements(text, self.records):
            yield str(record["__id"]), line


class PlainOdkCentral(OdkCentral):
    """The same without encryption, on this machine only."""

    protocol = "odk+http"
    scheme = "http"


def _part(name: str) -> str:
    return quote(unquote(name), safe="")


def _between(first: str, end: str) -> str:
    return f"__system/submissionDate ge {first} and __system/submissionDate lt {end}"


def _next(day: str) -> str:
    return str(date.fromisoformat(day) + timedelta(days=1))


def _after(time: str) -> str:
    """Return a time one millisecond later: the server shows milliseconds, and may keep microseconds."""
    later = datetime.fromisoformat(time) + timedelta(milliseconds=1)
    return later.isoformat(timespec="milliseconds").replace("+00:00", "Z")
