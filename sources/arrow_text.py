"""Arrow arrays as exact text: every stored value as a person would read it, structures as "group/field"."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from sources import json_text, text

if TYPE_CHECKING:
    import pyarrow as pa


def places(schema: pa.Schema, apart: frozenset[str] = frozenset()) -> list[str]:
    """Return the names of a schema's columns, those inside structures as "group/field". apart: names left out."""
    return [name for field in schema for name in _names(field.name, field.type, 1) if name not in apart]


def _names(name: str, kind: pa.DataType, depth: int) -> Iterator[str]:
    import pyarrow as pa

    if depth > json_text.DEEPEST:
        raise ValueError(f"it is nested deeper than {json_text.DEEPEST} levels")
    if not pa.types.is_struct(kind):
        yield name
        return
    for field in kind:
        yield from _names(f"{name}{json_text.BETWEEN}{field.name}", field.type, depth + 1)


def leaves(name: str, array: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    """Yield (name, array) of a column, of a structure those of its fields; a missing structure has none of them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_struct(array.type):
        yield name, array
        return
    for field in array.type:
        yield from leaves(f"{name}{json_text.BETWEEN}{field.name}", pc.struct_field(array, field.name))


def column(array: pa.Array) -> Any:
    """Return an array as text, missing where nothing is stored. Raises ValueError for bytes that are no UTF-8."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = pc.cast(array, kind.value_type), kind.value_type
    if pa.types.is_null(kind):
        return pd.array([None] * len(array), dtype="str")
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind):
        return pd.array(pc.cast(array, pa.large_string()).to_numpy(zero_copy_only=False), dtype="str")
    wording = wording_of(kind)
    if pa.types.is_nested(kind):
        return pd.array([None if value is None else wording(value) for value in array.to_pylist()], dtype="str")
    coded = array.dictionary_encode()
    texts = pa.array([wording(value) for value in _stored(coded.dictionary)], pa.large_string())
    return pd.array(texts.take(coded.indices).to_numpy(zero_copy_only=False), dtype="str")


def _stored(values: pa.Array) -> list[Any]:
    """Return stored values; times finer than Python's as whole numbers of nanoseconds."""
    import pyarrow as pa

    fine = getattr(values.type, "unit", None) == "ns"
    return values.cast(pa.int64()).to_pylist() if fine else values.to_pylist()


def wording_of(kind: pa.DataType) -> Callable[[Any], str]:
    """Return what writes a value of a type as text."""
    import numpy as np
    import pyarrow as pa

    if pa.types.is_float32(kind) or pa.types.is_float16(kind):
        small = np.float32 if pa.types.is_float32(kind) else np.float16
        return lambda value: text.of_number(float(str(small(value))))
    if getattr(kind, "unit", None) == "ns":
        if pa.types.is_timestamp(kind):
            return partial(_nanoseconds_since, zone=kind.tz)
        return _time_in_nanoseconds if pa.types.is_time(kind) else lambda value: text.of_span(value, 10**9)
    lists = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    if lists and not pa.types.is_nested(kind.value_type):
        item = wording_of(kind.value_type)
        return lambda values: json_text.joined([None if value is None else item(_whole(value)) for value in values])
    if pa.types.is_nested(kind):
        return lambda value: json.dumps(value, ensure_ascii=False, default=_of)
    return _of


def _whole(value: Any) -> Any:
    """Return the nanoseconds of a time that Arrow hands over as a pandas object."""
    return value.value if type(value).__module__.startswith("pandas") else value


def _of(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return value.isoformat()
    return text.of(value)


def _nanoseconds_since(value: int, zone: str | None) -> str:
    """Write nanoseconds since 1970 (UTC) as text; those beyond microseconds as nine digits."""
    import zoneinfo

    seconds, rest = divmod(value, 10**9)
    moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=seconds)
    moment = moment.replace(tzinfo=None) if zone is None else moment.astimezone(zoneinfo.ZoneInfo(zone))
    if rest % 1000:
        whole = moment.replace(tzinfo=None).isoformat()
        offset = moment.isoformat().removeprefix(whole)
        return f"{whole}.{rest:09d}{offset}"
    return _of(moment.replace(microsecond=rest // 1000))


def _time_in_nanoseconds(value: int) -> str:
    seconds, rest = divmod(value, 10**9)
    clock = (datetime.datetime.min + datetime.timedelta(seconds=seconds)).time()
    return f"{clock.isoformat()}.{rest:09d}" if rest % 1000 else clock.replace(microsecond=rest // 1000).isoformat()
