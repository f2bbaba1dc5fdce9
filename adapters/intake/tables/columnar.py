"""Parquet and Feather files as CSV text, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from adapters.formatting.figures import number as figure
from adapters.intake.tables.cells import plain_number
from adapters.intake.tables.kinds import TableKind, damaged
from domain.errors import FileRefused

BATCH_CELLS = 300_000
MAX_BATCH_ROWS = 16_384


def csv_chunks(file: BinaryIO, kind: TableKind, max_columns: int) -> Iterator[bytes]:
    """Raises FileRefused for a damaged file, and for columns that are no plain values, by name."""
    import pyarrow as pa

    try:
        schema, batches = (_parquet if kind is TableKind.PARQUET else _feather)(file)
        if len(schema) > max_columns:
            raise FileRefused(
                f"The file has {figure(len(schema))} columns; at most {figure(max_columns)} can be read.",
                advice="Keep the columns that describe the customers.",
            )
        texts = [_text_of(name, own) for name, own in zip(schema.names, schema.types, strict=True)]
        yield _csv([_strings(pa.array([name])) for name in schema.names])
        for batch in batches():
            columns = zip(schema.names, texts, batch.columns, strict=True)
            yield _csv([_as_text(name, text, column) for name, text, column in columns])
    except (pa.ArrowException, OSError, ValueError, OverflowError, KeyError) as error:
        if isinstance(error, FileRefused | MemoryError):
            raise
        raise damaged(f"{kind.words} file") from error


def _parquet(file: BinaryIO) -> tuple[Any, Callable[[], Iterator[Any]]]:
    import pyarrow.parquet as pq

    opened = pq.ParquetFile(
        file,
        thrift_string_size_limit=16 * 1024**2,
        thrift_container_size_limit=1_000_000,
        page_checksum_verification=True,  # where the file has checksums
    )
    schema = opened.schema_arrow
    rows = max(1, min(MAX_BATCH_ROWS, BATCH_CELLS // max(1, len(schema))))
    return schema, lambda: opened.iter_batches(batch_size=rows, use_threads=False)


def _feather(file: BinaryIO) -> tuple[Any, Callable[[], Iterator[Any]]]:
    import pyarrow as pa

    opened = pa.ipc.open_file(file)

    def batches() -> Iterator[Any]:
        for number in range(opened.num_record_batches):
            batch = opened.get_batch(number)
            for start in range(0, batch.num_rows, MAX_BATCH_ROWS):
                yield batch.slice(start, MAX_BATCH_ROWS)

    return opened.schema, batches


def _csv(columns: Sequence[Any]) -> bytes:
    """Lines of text columns of equal lengths."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not columns or not len(columns[0]):
        return b""
    lines = pc.binary_join_element_wise(*map(_cells, columns), ",")
    whole = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines), "\n")
    text: bytes = whole[0].as_buffer().to_pybytes()
    return text + b"\n"


def _cells(column: Any) -> Any:
    """Blank where nothing is known, and in quotes where a text has a comma or a quotation mark."""
    import pyarrow.compute as pc

    column = pc.fill_null(column, "")
    special = pc.match_substring_regex(column, r'[",]')
    if not pc.any(special).as_py():
        return column
    doubled = pc.replace_substring(column, '"', '""')
    return pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), column)


def _as_text(name: str, text: Callable[[Any], Any], column: Any) -> Any:
    """Raises FileRefused for values that cannot be written, such as bytes of a picture or times of an unknown zone."""
    import pyarrow as pa

    try:
        return text(column)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise FileRefused(
            f"The column “{name[:60]}” holds values of the type {column.type} that are no text, number or day.",
            advice="Leave it out, or store its values as texts or numbers.",
        ) from error


def _text_of(name: str, kind: Any) -> Callable[[Any], Any]:
    """How a column becomes text. Raises FileRefused for a type that no cell can hold."""
    import pyarrow.types as types

    if types.is_dictionary(kind):
        inner = _text_of(name, kind.value_type)
        return lambda column: inner(column.dictionary_decode())
    if types.is_nested(kind):
        raise FileRefused(
            f"The column “{name[:60]}” holds lists or records, not plain values.",
            advice="Leave it out, or make a column of each of its values.",
        )
    for names, text in _TEXTS:
        if any(getattr(types, f"is_{own}")(kind) for own in names):
            return text
    raise FileRefused(
        f"The column “{name[:60]}” holds values of the type {kind}, which cannot be read.",
        advice="Leave it out, or store its values as texts or numbers.",
    )


def _strings(column: Any) -> Any:
    """As texts, in one line each."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = column.cast(pa.string())
    return pc.replace_substring_regex(text, r"\s*[\r\n]+\s*", " ")


def _plain(column: Any) -> Any:
    import pyarrow as pa

    return column.cast(pa.string())


def _numbers(column: Any) -> Any:
    """Shortest decimal numbers. A point is never followed by exactly three digits only; not-a-number is blank."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    text = pc.if_else(pc.is_finite(column), column.cast(pa.string()), pa.scalar(None, pa.string()))
    text = _without_exponents(pc.replace_substring_regex(text, r"\.0$", ""))
    return pc.replace_substring_regex(text, r"^(-?\d{1,3}\.\d{3})$", r"\10")


def _without_exponents(text: Any) -> Any:
    """Large and small numbers in full, as everywhere."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pc.any(pc.match_substring(text, "e")).as_py():
        return text
    return pa.array(
        [plain_number(float(own)) if own is not None and "e" in own else own for own in text.to_pylist()], pa.string()
    )


def _decimals(column: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.replace_substring_regex(column.cast(pa.string()), r"^(-?\d{1,3}\.\d{3})$", r"\10")


def _moments(column: Any) -> Any:
    """Local days, with the time of those that are not at midnight."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        column = pc.local_timestamp(column)
    seconds = column.cast(pa.timestamp("s"), safe=False)
    days = seconds.cast(pa.date32(), safe=False)
    midnight = pc.equal(days.cast(pa.timestamp("s")), seconds)
    return pc.if_else(midnight, days.cast(pa.string()), seconds.cast(pa.string()))


def _hours(column: Any) -> Any:
    import pyarrow.compute as pc

    return pc.replace_substring_regex(_plain(column), r"\.0+$", "")


def _booleans(column: Any) -> Any:
    import pyarrow.compute as pc

    return pc.if_else(column, "TRUE", "FALSE")


def _nothing(column: Any) -> Any:
    import pyarrow as pa

    return pa.nulls(len(column), pa.string())


_TEXTS: tuple[tuple[tuple[str, ...], Callable[[Any], Any]], ...] = (
    (("boolean",), _booleans),
    (("floating",), _numbers),
    (("integer",), _plain),
    (("decimal",), _decimals),
    (
        (
            "timestamp",
            "date",
        ),
        _moments,
    ),
    (("time",), _hours),
    (("null",), _nothing),
    (
        (
            "string",
            "large_string",
            "string_view",
        ),
        _strings,
    ),
    (
        (
            "binary",
            "large_binary",
            "fixed_size_binary",
            "binary_view",
        ),
        _strings,
    ),
)
"""The kinds of types, by the names of pyarrow’s tests for them, and how each becomes text."""
