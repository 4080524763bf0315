"""The error texts follow the example in the style guide: where and what, expected, what to do."""

import pickle

import pytest

from schemas import errors
from schemas.errors import (
    EncodingMismatch,
    EngineUnreachable,
    GateRefused,
    KinscaleError,
    ListeningUnsafe,
    PeriodFrozen,
    SelectionUnknown,
    SourceChanged,
    SourceUnreachable,
    SourceUnsettled,
    WarehouseLocked,
)

ALL = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, KinscaleError)]


def sample() -> EncodingMismatch:
    return EncodingMismatch(
        '"12,5" is not a whole number.',
        file="KG.csv",
        row=1214,
        column="кол-во родственников",
        expected="persons, 1 or more, or empty",
        next_step="Fix the source.",
        facts={"byte_offset": 3},
    )


def test_text_says_where_what_expected_and_next() -> None:
    assert str(sample()) == (
        'KG.csv, row 1,214, column "кол-во родственников": "12,5" is not a whole number.\n'
        "Expected: persons, 1 or more, or empty.\n"
        "Fix the source."
    )


def test_what_is_not_known_is_left_out() -> None:
    assert str(KinscaleError("it broke.")) == "it broke."
    assert str(KinscaleError("it broke.", row=0, file="x")) == "x, row 0: it broke."


@pytest.mark.parametrize("kind", ALL)
def test_every_kind_survives_pickling(kind: type[KinscaleError]) -> None:
    error = kind("it broke.", file="x", row=2, column="y", expected="z", next_step="w", facts={"n": 1})
    error.add_note("seen twice")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)
    assert (again.where, again.facts, again.__notes__) == (error.where, error.facts, ["seen twice"])


def test_the_cause_travels_as_a_note() -> None:
    class NotPicklableError(Exception):
        pass

    try:
        raise sample() from NotPicklableError("deep")
    except KinscaleError as error:
        again = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(error))))
        assert again.__notes__ == ["Caused by NotPicklableError: deep"]
        assert error.as_record()["notes"] == ["Caused by NotPicklableError: deep"]


def test_fields_cannot_be_changed() -> None:
    error = sample()
    with pytest.raises(AttributeError, match="what cannot be changed"):
        error.what = "something else"


def test_codes_are_stable_and_their_own() -> None:
    codes = [kind.code for kind in ALL]
    assert len(set(codes)) == len(codes)
    assert all(code.isascii() and code == code.lower() and " " not in code for code in codes)


def test_only_passing_troubles_are_worth_a_second_try() -> None:
    assert {kind for kind in ALL if kind.retryable} == {
        SourceUnreachable,
        SourceChanged,
        WarehouseLocked,
        EngineUnreachable,
    }
    others = {SourceUnsettled: 0, GateRefused: 3, PeriodFrozen: 3, SelectionUnknown: 2, ListeningUnsafe: 2}
    assert {kind: kind.exit_code for kind in ALL if kind.exit_code != 1} == others
