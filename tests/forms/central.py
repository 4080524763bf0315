"""One form of ODK Central as its API documentation describes sessions and OData. Only what is documented is answered.

Sources: "Authentication", "OData Endpoints" (data document, `$filter`, `$select`, `$expand`, `$skiptoken`).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlencode

from tests.forms.server import Answer, Request

USER, PASSWORD, SESSION = "reader@example.org", "correct horse 47", "tok-5f2bW9!central"
_CONDITION = re.compile(r"__system/submissionDate (ge|gt|le|lt) (\S+)")
NAMES: tuple[str, ...] = ("submissionDate", "updatedAt", "submitterId", "submitterName", "attachmentsPresent")
NAMES += ("attachmentsExpected", "status", "reviewState", "deviceId", "edits", "formVersion", "deletedAt")
"""Fields of `__system`."""


@dataclass
class Submission:
    """One submission. answers: as OData writes them, groups as objects, repeats as lists."""

    id: str
    time: str
    answers: dict[str, Any]
    form_version: str = "1"
    review: str | None = None
    updated: str | None = None
    edits: int = 0
    deleted: str | None = None
    status: str | None = None

    @property
    def system(self) -> dict[str, Any]:
        """Return what stands under `__system`."""
        values = (self.time, self.updated, "12", "Tablet 4", 0, 0, self.status, self.review, "collect:aX3", self.edits)
        return dict(zip(NAMES, (*values, self.form_version, self.deleted), strict=True))

    def root(self, expand: bool) -> dict[str, Any]:
        """Return the row of the table Submissions; repeats are links unless they are expanded."""
        out: dict[str, Any] = {"__id": self.id, "__system": self.system}
        for name, value in self.answers.items() if self.status is None else ():
            if isinstance(value, list):
                out[f"{name}@odata.navigationLink"] = f"Submissions('{quote(self.id, safe='')}')/{name}"
                if not expand:
                    continue
            out[name] = value
        return out


@dataclass
class Central:
    """The server's one form."""

    project: str = "1"
    form: str = "family"
    submissions: list[Submission] = field(default_factory=list)
    sessions: int = 0
    """How many were begun."""
    valid: bool = True
    """Whether the token of the session holds."""

    def add(self, *submissions: Submission) -> None:
        """Take submissions in."""
        self.submissions += submissions

    def of(self, identity: str) -> Submission:
        """Return one submission."""
        return next(submission for submission in self.submissions if submission.id == identity)

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        if request.path == "/v1/sessions":
            return self._session(request)
        if request.headers.get("Authorization") != f"Bearer {SESSION}" or not self.valid:
            return _problem(401.2, "Could not authenticate with the provided credentials.", 401)
        if unquote(request.path) != f"/v1/projects/{self.project}/forms/{self.form}.svc/Submissions":
            return _problem(404.1, "Could not find the resource you were looking for.", 404)
        return self._table(request)

    def _session(self, request: Request) -> Answer:
        if json.loads(request.body) != {"email": USER, "password": PASSWORD}:
            return _problem(401.2, "Could not authenticate with the provided credentials.", 401)
        self.sessions += 1
        self.valid = True
        return Answer(
            {"createdAt": "2009-07-14T00:00:00.000Z", "expiresAt": "2009-07-15T00:00:00.000Z", "token": SESSION}
        )

    def _table(self, request: Request) -> Answer:
        query = request.query
        if "$select" in query and "$expand" in query:
            return _problem(501.1, "$select and $expand cannot be used together", 501)
        chosen = [s for s in self.submissions if s.deleted is None and _fits(s, query.get("$filter", ""))]
        chosen.sort(key=lambda submission: (submission.time, submission.id), reverse=True)  # the newest first
        left = _after(chosen, query.get("$skiptoken"))
        page = left[: int(query["$top"])] if "$top" in query else left
        rows = [submission.root(query.get("$expand") == "*") for submission in page]
        if "$select" in query:
            rows = [{name: row[name] for name in query["$select"].split(",")} for row in rows]
        content: dict[str, Any] = {"value": rows, "@odata.context": "https://central.example.org/$metadata#Submissions"}
        if len(page) < len(left):
            content["@odata.nextLink"] = _link(request.path, query, page[-1].id)
        if query.get("$count") == "true":
            content["@odata.count"] = len(chosen)
        return Answer(content)


def _fits(submission: Submission, condition: str) -> bool:
    parts = [part for part in condition.split(" and ") if part]
    found = [_CONDITION.fullmatch(part) for part in parts]
    assert all(found), f"a filter the documentation does not know: {condition}"
    tests = {"ge": str.__ge__, "gt": str.__gt__, "le": str.__le__, "lt": str.__lt__}
    return all(tests[match[1]](submission.time, match[2]) for match in found if match)


def _after(chosen: list[Submission], token: str | None) -> list[Submission]:
    if token is None:
        return chosen
    last = json.loads(base64.b64decode(token.removeprefix("01")))["instanceId"]
    return chosen[[submission.id for submission in chosen].index(last) + 1 :]


def _link(path: str, query: Mapping[str, str], last: str) -> str:
    """Return the next page's address, under the name the server has in its own settings."""
    token = "01" + base64.b64encode(json.dumps({"instanceId": last}).encode()).decode()
    return f"https://central.example.org{path}?" + urlencode({**query, "$skiptoken": token})


def _problem(code: float, message: str, status: int) -> Answer:
    return Answer({"message": message, "code": code}, status)
