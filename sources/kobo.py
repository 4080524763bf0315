"""Forms on a server of KoboToolbox, through version 2 of its API: `kobo://host/<asset>/*.jsonl`.

Source: the API documentation of KoboToolbox, "Using the API data endpoint" and the pages of `/api/v2/docs/`.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote

from sources.form_client import elements, parsed
from sources.form_days import LARGEST_PAGE, FormDays, Mark, encrypted

MARKS_OF_PAGE = 1000
"""Submissions without their answers that are asked for at once; the server gives no more."""
_PREFIX = "validation_status_"
_ENCRYPTED = "base64EncryptedKey"
"""A field of a submission that only the holder of the form's private key can read."""
_SILENT = ("note", "audit")
"""Rows of a form that no answer belongs to."""


class Kobo(FormDays):
    """Submissions of forms of KoboToolbox. token: of the account's API key; or user, password.

    The server leaves questions out that were not answered. Each submission gets them back as null, by the version of
    the form it was filled in with: a day on which nobody answered one has its column all the same.
    """

    protocol = "kobo"
    depth = 2
    shape = "host/<asset>"
    states = ("none", "on_hold", "approved", "not_approved")
    refused = "not_approved"
    records = "results"

    @cached_property
    def _questions(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Questions by asset and version of the form, as far as they were asked for."""
        return {}

    def headers(self) -> dict[str, str]:
        """Return the header of a token, else that of user and password."""
        if self._token is not None:
            return {"Authorization": f"Token {self._token}"}
        if self._user is None:
            return {}
        pair = f"{self._user}:{self._password or ''}"
        return {"Authorization": f"Basic {b64encode(pair.encode()).decode('ascii')}"}

    def _get(self, form: Sequence[str], place: str, params: Mapping[str, str]) -> str:
        asset = quote(unquote(form[1]), safe="")
        return self.client.get(f"/api/v2/assets/{asset}/{place}", {"format": "json", **params})

    def marks(self, form: Sequence[str], day: str | None) -> Iterator[Mark]:
        """Yield what is known of submissions. An edited one has another `_uuid`, as OpenRosa wants it."""
        fields = ["_id", "_uuid", "_submission_time", "_validation_status", "__version__"]
        query: dict[str, Any] = {"_submission_time": {"$gte": f"{day}T00:00:00", "$lt": f"{_next(day)}T00:00:00"}}
        query = query if day else {}
        while True:
            # by ids, not by places in a list: a submission that is deleted meanwhile moves no other out of sight
            params = {"query": _json(query), "fields": _json(fields), "sort": _json({"_id": 1})}
            answer = parsed(self._get(form, "data/", {**params, "limit": str(MARKS_OF_PAGE)}))
            for record in answer["results"]:
                status = record.get("_validation_status") or {}
                review = str(status.get("uid") or "none").removeprefix(_PREFIX)
                seal = "\0".join(
                    str(part) for part in (record["_uuid"], review, status.get("timestamp"), record.get("__version__"))
                )
                yield Mark(str(record["_id"]), record["_submission_time"], review, seal)
            if not answer["results"] or not answer["next"]:
                return
            last = answer["results"][-1]["_id"]
            if query.get("_id") == {"$gt": last}:
                raise OSError("the server gives the same page again and again")
            query["_id"] = {"$gt": last}

    def key(self, mark: Mark) -> int:
        """Return the number that the server gave the submission when it came."""
        return int(mark.id)

    def page(self, form: Sequence[str], chunk: Sequence[Mark]) -> Iterator[tuple[str, str]]:
        """Yield the submissions between two numbers, of their day only. Raises SourceRefused when one is encrypted."""
        numbers = {"$gte": self.key(chunk[0]), "$lte": self.key(chunk[-1])}
        times = {"$gte": min(mark.time for mark in chunk), "$lte": max(mark.time for mark in chunk)}
        query = _json({"_id": numbers, "_submission_time": times})
        text = self._get(form, "data/", {"query": query, "sort": _json({"_id": 1}), "limit": str(LARGEST_PAGE)})
        for record, line in elements(text, self.records):
            if _ENCRYPTED in record:
                raise encrypted(1, 1, f"submission {record['_id']}")
            missing = [name for name in self._asked(form, str(record.get("__version__") or "")) if name not in record]
            nulls = "".join(f",{json.dumps(name)}:null" for name in missing)
            yield str(record["_id"]), line.removesuffix("}").rstrip() + nulls + "}"

    def _asked(self, form: Sequence[str], version: str) -> tuple[str, ...]:
        """Return the questions of a version of the form, outside repeats, as submissions name them."""
        key = (form[1], version)
        if key not in self._questions:
            try:
                text = self._get(form, f"versions/{quote(version, safe='')}/" if version else "", {})
            except FileNotFoundError:  # a version from before the form was moved to this server
                text = self._get(form, "", {})
            self._questions[key] = tuple(_questions(parsed(text)["content"]["survey"]))
        return self._questions[key]


class PlainKobo(Kobo):
    """The same without encryption, on this machine only."""

    protocol = "kobo+http"
    scheme = "http"


def _questions(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the names of questions with their groups, from the rows of an XLSForm; those inside repeats are not."""
    groups: list[str] = []
    repeats = 0
    for row in rows:
        kind, name = str(row.get("type", "")), str(row.get("name") or row.get("$autoname") or "")
        if kind.startswith("begin_"):
            groups.append(name)
            repeats += kind == "begin_repeat"
        elif kind.startswith("end_"):
            groups = groups[:-1]
            repeats -= kind == "end_repeat"
        elif name and not repeats and kind not in _SILENT:
            yield str(row.get("$xpath") or "/".join([*groups, name]))


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _next(day: str | None) -> str:
    return str(date.fromisoformat(day) + timedelta(days=1)) if day else ""
