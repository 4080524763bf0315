"""The errors kinscale raises: what was seen, where, what was expected, what to do. None is handled here."""

# ruff: noqa: N818  (an error is named by what happened, not by the word "error")

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from schemas.place_of_error import Where
from schemas.shown_name import shown_once, shown_text


class KinscaleError(Exception):
    """An error a person can act on; the base of all of them.

    what: what was seen, a sentence. file, row, column: where (each optional).
    expected: what would have been right. next_step: what to do. facts: the same for programs.
    Fields cannot be changed after creation. Pickles with its fields, its notes and the text of its cause.
    """

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        what: str,
        *,
        file: str | None = None,
        row: int | None = None,
        column: str | None = None,
        expected: str | None = None,
        next_step: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep the fields, what deliveries put into them as it may be shown; nothing is printed."""
        super().__init__(shown_text(what))
        self.what = shown_text(what)
        self.where = Where(file and shown_once(file), row, column and shown_once(column))
        self.expected = expected and shown_text(expected)
        self.next_step = next_step and shown_text(next_step)
        self.facts: Mapping[str, Any] = dict(facts or {})

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse a second value for a field; Python itself may still set traceback, cause and notes."""
        if name in ("what", "where", "expected", "next_step", "facts") and name in self.__dict__:
            raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")
        super().__setattr__(name, value)

    def __str__(self) -> str:
        """Return the message in up to three lines: where and what, expected, next step."""
        place = str(self.where)
        lines = [f"{place}: {self.what}" if place else self.what]
        if self.expected:
            lines.append(f"Expected: {_sentence(self.expected)}")
        if self.next_step:
            lines.append(self.next_step)
        return "\n".join(lines)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the fields; the cause (often not picklable) travels as a note."""
        state = {"__notes__": [*getattr(self, "__notes__", ()), *self._cause_note()]}
        fields = {**self.where._asdict(), "expected": self.expected, "next_step": self.next_step}
        fields["facts"] = self.facts
        return _rebuild, (type(self), self.what, fields), state

    def as_record(self) -> dict[str, Any]:
        """Return the error for `--json` and the run log: code, fields, facts and the text of the cause."""
        return {
            "code": self.code,
            "retryable": self.retryable,
            "what": self.what,
            **self.where._asdict(),
            "expected": self.expected,
            "next_step": self.next_step,
            "facts": dict(self.facts),
            "notes": [*getattr(self, "__notes__", ()), *self._cause_note()],
        }

    def _cause_note(self) -> list[str]:
        cause = self.__cause__
        return [f"Caused by {type(cause).__name__}: {cause}"] if cause is not None else []


def _rebuild(kind: type[KinscaleError], what: str, fields: dict[str, Any]) -> KinscaleError:
    return kind(what, **fields)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


class SourceMissing(KinscaleError):
    """A declared file or folder is not there, or a glob matches nothing."""

    code = "source_missing"


class SourceRefused(KinscaleError):
    """A source is there, but we may not read it (permissions, credentials)."""

    code = "source_refused"


class SourceUnreachable(KinscaleError):
    """A source did not answer (network, time-out, a disk that failed): the one worth a second try."""

    code = "source_unreachable"
    retryable = True


class CredentialsMissing(KinscaleError):
    """A source names credentials of which nothing is set; facts: `name`, `variables`."""

    code = "credentials_missing"


class SourceChanged(KinscaleError):
    """A file became another one while it was copied, so that the copy would be of neither."""

    code = "source_changed"
    retryable = True


class SourceUnsettled(KinscaleError):
    """A file is still being delivered; it is left for the next run, which is no failure of this one."""

    code = "source_unsettled"
    exit_code = 0


class DeliveryError(KinscaleError):
    """A delivered file as a whole cannot be taken in; another try without a new file or declaration cannot help."""

    code = "delivery_error"


class FormatDamaged(DeliveryError):
    """The bytes are not a whole file of the declared format: empty, truncated, or something else."""

    code = "format_damaged"


class FileTooLarge(DeliveryError):
    """Reading the file would cost more than a limit allows; facts: `limit` (its name), `allowed`, `seen` if known."""

    code = "file_too_large"


class EncodingMismatch(DeliveryError):
    """The text is not in the declared encoding.

    facts: `declared`, `byte_offset` (from 0), `would_work` (encodings, likeliest first).
    """

    code = "encoding_mismatch"


class DelimiterMismatch(DeliveryError):
    """The cells are not separated by the declared delimiter."""

    code = "delimiter_mismatch"


class SheetMissing(DeliveryError):
    """The workbook has no sheet of the declared name."""

    code = "sheet_missing"


class HeaderMismatch(DeliveryError):
    """The header cannot name the columns: absent, duplicated or empty names."""

    code = "header_mismatch"


class UnknownColumn(DeliveryError):
    """The file has a column that the declaration neither maps nor ignores."""

    code = "unknown_column"


class MissingColumn(DeliveryError):
    """A column the declaration maps is not in the file."""

    code = "missing_column"


class DeliveryDrifted(DeliveryError):
    """What stands in a file's columns differs from its declaration, which says that no difference is taken in.

    facts: `drift`, the differences.
    """

    code = "delivery_drifted"


class WrongCountry(DeliveryError):
    """The file is about another country than its declaration says."""

    code = "wrong_country"


class FileVanished(DeliveryError):
    """A file whose rows count is no longer delivered, and nobody said that it was removed on purpose."""

    code = "file_vanished"


class TooManyBadRows(DeliveryError):
    """The share of invalid rows is above the declared limit, so the whole file is held back."""

    code = "too_many_bad_rows"


class DeliveryUnexpected(DeliveryError):
    """A new version of a file is not what the version before lets expect; facts: `checks`, `sha256`."""

    code = "delivery_unexpected"


class AcceptanceStale(DeliveryError):
    """An entry of accepted_deliveries.yaml names a file that was never delivered; facts: `entry` (from 1)."""

    code = "acceptance_stale"


class CorrectionStale(DeliveryError):
    """A correction does not fit the delivery any more: its cell says something else, or its row is gone.

    facts: `entry` (from 1).
    """

    code = "correction_stale"


class DeclarationError(DeliveryError):
    """A survey's declaration is wrong; no data was looked at."""

    code = "declaration_error"


class WarehouseLocked(KinscaleError):
    """Another process is writing the build warehouse."""

    code = "warehouse_locked"
    retryable = True


class WarehouseDamaged(KinscaleError):
    """The build warehouse cannot be read any more; it can be made again from the raw store."""

    code = "warehouse_damaged"


class EngineMissing(KinscaleError):
    """The engine that the settings name for a survey is not installed, or cannot be begun on this machine."""

    code = "engine_missing"


class EngineUnreachable(KinscaleError):
    """The server of the engine that the settings name did not answer."""

    code = "engine_unreachable"
    retryable = True


class EngineFailed(KinscaleError):
    """The engine gave up a query: a part is not there, a number does not fit, a worker was lost too often."""

    code = "engine_failed"


class DiskFull(KinscaleError):
    """No space is left where something had to be written; what was begun is undone or made good by the next run.

    facts: `free`, `total` and, when there was a release before, `needed` (bytes).
    """

    code = "disk_full"


class MemorySpent(KinscaleError):
    """DuckDB may not take the memory that a query needs; nothing is published, and what has landed stays."""

    code = "memory_spent"


class DataFolderReadOnly(KinscaleError):
    """The data folder may not be written: mounted read-only, or of another account."""

    code = "data_folder_read_only"


class GateRefused(KinscaleError):
    """A gate did not pass: the candidate stays a candidate."""

    code = "gate_refused"
    exit_code = 3


class ReleaseDamaged(KinscaleError):
    """A release folder does not match its manifest."""

    code = "release_damaged"


class EnvironmentUnsafe(KinscaleError):
    """The process is set up so that its results could not be trusted (validation off, wrong versions)."""

    code = "environment_unsafe"


class RunnerUnavailable(KinscaleError):
    """Files are to be read on a Dask cluster, and it is not there, or its workers cannot do it."""

    code = "runner_unavailable"


class WorkerLost(KinscaleError):
    """Workers of a cluster ended, one after another, while they read a file; it is tried again the next time."""

    code = "worker_lost"


class EngineChanged(KinscaleError):
    """A survey's interviews lie elsewhere than the settings say; a rebuild moves them."""

    code = "engine_changed"


class PseudonymKeyUnusable(KinscaleError):
    """A source wants pseudonyms and there is no key, or one that others could read; the file waits for it."""

    code = "pseudonym_key_unusable"


class PseudonymKeyChanged(KinscaleError):
    """The key is not the one that the survey's pseudonyms were made with; old and new ones would not link.

    facts: `known`, `given` (fingerprints).
    """

    code = "pseudonym_key_changed"


class SettingsError(KinscaleError):
    """The settings file is wrong; facts: `key`, the key that is meant."""

    code = "settings_error"


class ListsInvalid(KinscaleError):
    """A table of victim lists holds something that is no mark, no count, or nobody."""

    code = "lists_invalid"


class ListeningUnsafe(KinscaleError):
    """The Prefect server would listen where others can reach it, without asking for a password."""

    code = "listening_unsafe"
    exit_code = 2


class AddressTaken(KinscaleError):
    """The Prefect server cannot listen: the port is taken, or this data folder is served already."""

    code = "address_taken"


class ServerFailed(KinscaleError):
    """The Prefect server or its worker did not start, stopped again and again, or refused a request."""

    code = "server_failed"


class SelectionUnknown(KinscaleError):
    """A survey, country, period, load, method or code version that was asked for does not exist."""

    code = "selection_unknown"
    exit_code = 2


class PeriodFrozen(KinscaleError):
    """Numbers of the period are final, and nobody said why they may change."""

    code = "period_frozen"
    exit_code = 3


class BackfillStale(KinscaleError):
    """What a backfill was built on is no longer what stands, so its candidate cannot be published."""

    code = "backfill_stale"
