/* The page that runs SQL: its box, its examples, the table of a result, and the result as CSV. */
"use strict";

(function () {
  const KEPT = 100000; // rows that are read of a result; more would fill the memory of a phone
  const SHOWN = 500; // rows that are drawn
  const page = document.getElementById("explorer");
  const part = (name) => document.getElementById(`explorer-${name}`);
  const words = JSON.parse(part("words").textContent);
  const whole = new Intl.NumberFormat(document.documentElement.lang);
  const moment = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  let connection = null;
  let running = null; // what runs: {stopped}
  let result = null; // what the last query gave: {fields, rows}

  const say = (text) => { part("status").textContent = text; };
  const filled = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

  function load(name) {
    return new Promise((loaded, failed) => {
      const script = document.createElement("script");
      script.src = page.dataset.files + name;
      script.async = false; // run in the order of the list
      script.onload = loaded;
      script.onerror = () => failed(new Error(`${name} is missing beside this page`));
      document.head.append(script);
    });
  }

  async function begin() {
    say(words.loading);
    try {
      await Promise.all(JSON.parse(page.dataset.scripts).map(load));
      const files = window.explorerFiles;
      connection = await explorerEngine.start(files, (name) => say(filled(words.table, { name })));
      delete window.explorerFiles;
      await nameViews();
      part("run").disabled = false;
      say(words.ready);
      page.dataset.state = "ready";
    } catch (error) {
      complain(words.broken, error);
      page.dataset.state = "broken";
    }
  }

  /* List views and macros beside the tables: what each is called and what it gives. */
  async function nameViews() {
    const found = await connection.query(
      "SELECT view_name AS name, comment FROM duckdb_views() WHERE NOT internal UNION ALL " +
      "SELECT DISTINCT concat(function_name, '(', array_to_string(parameters, ', '), ')'), comment FROM duckdb_functions() " +
      "WHERE NOT internal AND function_type LIKE '%macro' ORDER BY name");
    part("views").replaceChildren(...found.toArray().flatMap((row) => {
      const name = document.createElement("dt");
      name.append(Object.assign(document.createElement("code"), { textContent: row.name }));
      const comment = Object.assign(document.createElement("dd"), { textContent: row.comment ?? "", lang: "en" });
      return [name, comment];
    }));
  }

  async function run() {
    const sql = part("sql").value.trim();
    if (!connection || running || !sql) return;
    const mine = running = { stopped: false };
    const began = performance.now();
    busy(true);
    complain("");
    say(words.running);
    try {
      result = await answer(sql, mine);
      show((performance.now() - began) / 1000, mine.stopped);
    } catch (error) {
      result = null;
      part("result").replaceChildren();
      if (mine.stopped) say(words.stopped);
      else complain(words.failed, error);
    }
    running = null;
    busy(false);
  }

  /* Run a query and read its rows, as many as are kept. */
  async function answer(sql, mine) {
    const reader = await connection.send(sql, true);
    await reader.open();
    const fields = reader.schema.fields;
    const rows = [];
    for await (const batch of reader) {
      const columns = fields.map((field, at) => batch.getChildAt(at));
      for (let row = 0; row < batch.numRows && rows.length <= KEPT; row += 1) {
        rows.push(fields.map((field, at) => written(columns[at].get(row), field.type)));
      }
      if (mine.stopped || rows.length > KEPT) break;
    }
    const more = rows.length > KEPT;
    if (more) {
      await connection.cancelSent();
      rows.length = KEPT;
    }
    return { fields, rows, more };
  }

  async function stop() {
    if (!running) return;
    running.stopped = true;
    await connection.cancelSent();
  }

  function busy(on) {
    page.dataset.state = on ? "running" : "ready";
    part("run").disabled = on;
    part("stop").hidden = !on;
    part("download").hidden = on || !result || !result.fields.length;
  }

  function complain(heading, error) {
    const box = part("error");
    box.replaceChildren();
    if (!heading) return;
    say("");
    box.append(
      Object.assign(document.createElement("p"), { textContent: heading }),
      Object.assign(document.createElement("pre"), { textContent: told(error), lang: "en" }));
  }

  /* Say what went wrong. DuckDB tells some errors as JSON. */
  function told(error) {
    const text = String(error.message || error);
    if (!text.startsWith("{")) return text;
    const { exception_type, exception_message } = JSON.parse(text);
    return `${exception_type} Error: ${exception_message}`;
  }

  /* Write one value as text; null where there is none. */
  function written(value, type) {
    if (value === null || value === undefined) return null;
    if (Arrow.DataType.isTimestamp(type)) return new Date(Number(value)).toISOString().replace("T", " ").replace(/(\.000)?Z$/, "");
    if (Arrow.DataType.isDate(type)) return new Date(Number(value)).toISOString().slice(0, 10);
    if (Arrow.DataType.isDecimal(type)) return decimal(value, type.scale);
    if (typeof value === "object") return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? String(inner) : inner));
    return String(value);
  }

  /* Write a decimal that Arrow gives as 32-bit words, the lowest first. */
  function decimal(words32, scale) {
    const bits = BigInt(words32.length * 32);
    const raw = [...words32].reduceRight((sum, word) => (sum << 32n) + BigInt(word >>> 0), 0n);
    const signed = BigInt.asIntN(Number(bits), raw);
    const digits = String(signed < 0n ? -signed : signed).padStart(scale + 1, "0");
    const text = scale ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits;
    return signed < 0n ? `-${text}` : text;
  }

  const isNumber = (type) => Arrow.DataType.isInt(type) || Arrow.DataType.isFloat(type) || Arrow.DataType.isDecimal(type);

  function show(seconds, stopped) {
    const { fields, rows, more } = result;
    const said = [filled(words.rows, { rows: whole.format(rows.length), seconds: moment.format(seconds) })];
    if (rows.length > SHOWN) said.push(filled(words.shown, { shown: whole.format(SHOWN) }));
    if (more) said.push(filled(words.cut, { kept: whole.format(KEPT) }));
    if (stopped) said.push(words.stopped);
    say(said.join(" "));
    part("result").replaceChildren(...(fields.length ? [drawn(fields, rows.slice(0, SHOWN))] : []));
  }

  function drawn(fields, rows) {
    const made = (tag, properties) => Object.assign(document.createElement(tag), properties);
    const sides = fields.map((field) => (isNumber(field.type) ? "" : "text"));
    const table = made("table");
    table.append(made("caption", { id: "explorer-caption", textContent: words.caption }));
    const head = table.createTHead().insertRow();
    fields.forEach((field, at) => head.append(made("th", { scope: "col", className: sides[at], textContent: field.name })));
    const body = table.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      row.forEach((value, at) => {
        line.append(made("td", value === null
          ? { className: `${sides[at]} null`.trim(), textContent: "NULL" }
          : { className: sides[at], textContent: value }));
      });
    }
    const box = made("div", { className: "wide", tabIndex: 0 });
    box.setAttribute("role", "region");
    box.setAttribute("aria-labelledby", "explorer-caption");
    box.append(table);
    return box;
  }

  /* As schemas/spreadsheet_text.py: what a spreadsheet may take for a formula stays text. */
  const FORMULA = /^'*[\s"]*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;
  const NUMBER = /^[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?\s?%?$/;

  function csv() {
    const cell = (value) => {
      if (value === null) return "";
      const text = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
      return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    const lines = [result.fields.map((field) => field.name), ...result.rows];
    return lines.map((line) => `${line.map(cell).join(",")}\n`).join("");
  }

  function download() {
    if (!result) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
    link.download = `${page.dataset.release}-query.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  part("form").addEventListener("submit", (event) => { event.preventDefault(); run(); });
  part("sql").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
  });
  part("stop").addEventListener("click", stop);
  part("download").addEventListener("click", download);
  page.addEventListener("click", (event) => {
    const sql = event.target.dataset && event.target.dataset.sql;
    if (!sql) return;
    part("sql").value = sql;
    part("form").scrollIntoView({ block: "nearest" });
    run();
  });
  begin();
})();
