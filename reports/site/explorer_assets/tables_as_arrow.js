/* A Parquet file of the release as an Arrow stream, which DuckDB takes over with the file's own types.
   Needed because DuckDB-WASM keeps its own Parquet reader on a server of its makers, and this page asks no server. */
"use strict";

window.tableAsArrow = (function () {
  const MAKERS = {
    BYTE_ARRAY: texts,
    DOUBLE: (values) => numbers(values, new Arrow.Float64(), Float64Array, 0),
    INT64: (values, element) =>
      element.converted_type === "TIMESTAMP_MICROS"
        ? numbers(values, new Arrow.TimestampMicrosecond(), BigInt64Array, 0n)
        : numbers(values, new Arrow.Int64(), BigInt64Array, 0n),
  };

  /* Return the bytes of an Arrow stream with the rows of a Parquet file, given as bytes. */
  async function tableAsArrow(parquet) {
    const metadata = hyparquet.parquetMetadata(parquet.buffer);
    const columns = metadata.schema.slice(1); // the first element is the row itself
    const read = Object.fromEntries(columns.map((element) => [element.name, []]));
    await hyparquet.parquetRead({
      file: parquet.buffer,
      metadata,
      compressors: { ZSTD: (input) => hyparquet.decompress(input) },
      parsers: { timestampFromMicroseconds: (micros) => micros },
      onChunk: (chunk) => read[chunk.columnName].push(chunk.columnData),
    });
    const vectors = {};
    for (const element of columns) {
      const maker = MAKERS[element.type];
      if (!maker) throw new Error(`column ${element.name} has the type ${element.type}, which this page does not read`);
      vectors[element.name] = Arrow.makeVector(maker([].concat(...read[element.name].map((part) => Array.from(part))), element));
    }
    return Arrow.tableToIPC(new Arrow.Table(vectors), "stream");
  }

  function numbers(values, type, Values, zero) {
    const data = Values.from(values, (value) => value ?? zero);
    return Arrow.makeData({ type, length: values.length, data, ...present(values) });
  }

  /* Lay texts end to end. A column repeats few texts, so each is encoded once. */
  function texts(values) {
    const encoder = new TextEncoder();
    const known = new Map();
    const offsets = new Int32Array(values.length + 1);
    const parts = values.map((value, row) => {
      if (!known.has(value)) known.set(value, encoder.encode(value ?? ""));
      const bytes = known.get(value);
      offsets[row + 1] = offsets[row] + bytes.length;
      return bytes;
    });
    const data = new Uint8Array(offsets[values.length]);
    parts.forEach((bytes, row) => data.set(bytes, offsets[row]));
    return Arrow.makeData({ type: new Arrow.Utf8(), length: values.length, valueOffsets: offsets, data, ...present(values) });
  }

  /* Say which values are there: one bit each. */
  function present(values) {
    const nullBitmap = new Uint8Array(Math.ceil(values.length / 8));
    let nullCount = 0;
    values.forEach((value, row) => {
      if (value === null || value === undefined) nullCount += 1;
      else nullBitmap[row >> 3] |= 1 << (row & 7);
    });
    return { nullBitmap, nullCount };
  }

  return tableAsArrow;
})();
