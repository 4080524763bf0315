"""One asset of KoboToolbox as version 2 of its API documents it. Only what is documented is answered.

Sources: "Using the API data endpoint"; the pages of `/api/v2/docs/` on data and versions.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.forms.server import Answer, Request

USER, PASSWORD, TOKEN = "reader", "correct horse 48", "d8a7c1e0kobo!token"
MOST = 1000
"""Results of a page; the server gives no more since 2026."""
DEFAULT = 100


@dataclass
class Submission:
    """One submission. answers: names with their groups; a question without an answer is not in it."""

    id: int
    time: str
    answers: dict[str, Any]
    version: str = "vOne"
    uuid: str = ""
    status: str = ""

    @property
    def record(self) -> dict[str, Any]:
        """Return it as the data endpoint does."""
        uuid = self.uuid or f"uuid-{self.id}"
        told = {"timestamp": 1247500000, "uid": f"validation_status_{self.status}", "by_whom": "lead", "label": "?"}
        return {
            "_id": self.id,
            "formhub/uuid": "0123456789abcdef",
            **self.answers,
            "__version__": self.version,
            "meta/instanceID": f"uuid:{uuid}",
            "_xform_id_string": "aAsset",
            "_uuid": uuid,
            "_attachments": [],
            "_status": "submitted_via_web",
            "_geolocation": [None, None],
            "_submission_time": self.time,
            "_tags": [],
            "_notes": [],
            "_validation_status": told if self.status else {},
            "_submitted_by": None,
        }


@dataclass
class KoboApi:
    """The server's one asset. forms: rows of the XLSForm by version."""

    asset: str = "aAsset"
    submissions: list[Submission] = field(default_factory=list)
    forms: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def add(self, *submissions: Submission) -> None:
        """Take submissions in."""
        self.submissions += submissions

    def of(self, identity: int) -> Submission:
        """Return one submission."""
        return next(submission for submission in self.submissions if submission.id == identity)

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("Authorization") not in (f"Token {TOKEN}", f"Basic {pair}"):
            return Answer({"detail": "Invalid token."}, 401)
        root = f"/api/v2/assets/{self.asset}/"
        if request.path == f"{root}data/":
            return self._data(request.query)
        version = request.path.removeprefix(f"{root}versions/").removesuffix("/")
        if request.path.startswith(f"{root}versions/") and version in self.forms:
            return Answer({"uid": version, "content": {"survey": self.forms[version], "choices": []}})
        if request.path == root:
            newest = [*self.forms][-1]
            content = {"survey": self.forms[newest], "choices": []}
            return Answer({"uid": self.asset, "deployed_version_id": newest, "content": content})
        return Answer({"detail": "Not found."}, 404)

    def _data(self, query: Mapping[str, str]) -> Answer:
        wanted = json.loads(query.get("query", "{}"))
        chosen = [s.record for s in self.submissions if _fits(s.record, wanted)]
        for name, direction in json.loads(query.get("sort", "{}")).items():
            chosen.sort(key=lambda record: record[name], reverse=direction == -1)
        start, limit = int(query.get("start", 0)), min(MOST, int(query.get("limit", DEFAULT)))
        page = chosen[start : start + limit]
        if "fields" in query:
            fields = {*json.loads(query["fields"]), "_id"}
            page = [{name: value for name, value in record.items() if name in fields} for record in page]
        more = f"https://kobo.example.org/?start={start + limit}" if start + limit < len(chosen) else None
        return Answer({"count": len(chosen), "next": more, "previous": None, "results": page})


def _fits(record: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Tell whether a record fits a query in the form of MongoDB's, as far as it compares."""
    tests = {"$gt": "__gt__", "$gte": "__ge__", "$lt": "__lt__", "$lte": "__le__", "$eq": "__eq__"}
    return all(
        getattr(record[name], tests[sign])(value)
        for name, rule in wanted.items()
        for sign, value in (rule if isinstance(rule, dict) else {"$eq": rule}).items()
    )
