/* DuckDB in this page, with the tables and views of the release. Nothing is asked of any server. */
"use strict";

window.explorerEngine = (function () {
  /* Runs in the worker before DuckDB's own script. It hands over the engine, which a page on disk cannot fetch, and
     shuts every way to the network, so that no statement can make the page ask for anything. */
  const PRELUDE = `(function () {
    let engine = null;
    addEventListener("message", function take(event) {
      if (!event.data || !event.data.engine) return;
      engine = event.data.engine;
      event.stopImmediatePropagation();
      removeEventListener("message", take);
    });
    const refuse = () => { throw new Error("this page asks no server: everything it knows is in the release"); };
    self.fetch = async () => engine ? new Response(engine, { headers: { "content-type": "application/wasm" } }) : refuse();
    self.XMLHttpRequest = class { constructor() { refuse(); } };
    self.WebSocket = class { constructor() { refuse(); } };
    self.importScripts = refuse;
  })();
`;
  const ENGINE = "data:application/wasm,"; // an address that is valid and leads nowhere: the prelude answers

  /* Start the engine and load the release. said: told each table's name before it is loaded. Returns a connection. */
  async function start(files, said) {
    const wasm = await inflated(files.wasm);
    const worker = new Worker(URL.createObjectURL(new Blob([PRELUDE, await inflated(files.worker)], { type: "text/javascript" })));
    const failed = new Promise((_, reject) => {
      worker.addEventListener("error", (event) => reject(new Error(event.message || "the worker did not start")));
    });
    worker.postMessage({ engine: wasm.buffer }, [wasm.buffer]);
    const database = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), worker);
    return Promise.race([failed, opened(database, files, said)]);
  }

  async function opened(database, files, said) {
    await database.instantiate(ENGINE);
    await database.open({ query: { castTimestampToDate: false } });
    const connection = await database.connect();
    await connection.query("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false");
    for (const [name, parquet] of Object.entries(files.tables)) {
      said(name);
      await connection.insertArrowFromIPCStream(await tableAsArrow(decoded(parquet)), { name, create: true });
    }
    await connection.query(files.views);
    await comment(connection);
    await connection.query("SET enable_external_access = false; SET lock_configuration = true");
    return connection;
  }

  /* Give tables and columns the comments that they have in the release's DuckDB file. */
  async function comment(connection) {
    const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
    const described = (await connection.query("SELECT table_name, column_name, unit, description FROM dictionary")).toArray();
    const there = new Set((await connection.query("SELECT table_name || '.' || column_name AS name FROM duckdb_columns()")).toArray().map((row) => row.name));
    const statements = described
      .filter((row) => there.has(`${row.table_name}.${row.column_name}`))
      .map((row) => `COMMENT ON COLUMN ${row.table_name}.${row.column_name} IS ${quoted(row.description + (row.unit ? ` [${row.unit}]` : ""))}`);
    await connection.query(["BEGIN", ...statements, "COMMIT"].join(";"));
  }

  function decoded(base64) {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
    return bytes;
  }

  async function inflated(base64) {
    const stream = new Blob([decoded(base64)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  return { start };
})();
