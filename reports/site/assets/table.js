/* Tables that a reader sorts by a column, and filters. Without this script they stand complete, sorted by name.

   table.sortable    its th[data-sort="text" or "number"] become buttons; a td[data-value] holds the number, one without
                     it (hidden, not surveyed) comes last whichever way the column is sorted
   [data-filters=ID] search box, select and button that decide which rows of the table are shown: by tr[data-names] and
                     by tr[data-status], a list of words; printing shows every row */
"use strict";

(function () {
  const order = new Intl.Collator(document.documentElement.lang, { numeric: true });

  function sortable(table) {
    for (const header of table.querySelectorAll("th[data-sort]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      header.append(button);
      if (!header.hasAttribute("aria-sort")) header.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => sort(table, header));
    }
  }

  function sort(table, header) {
    const first = header.dataset.sort === "number" ? "descending" : "ascending";
    const other = { ascending: "descending", descending: "ascending" };
    const direction = other[header.getAttribute("aria-sort")] || first;
    for (const one of table.querySelectorAll("th[aria-sort]")) one.setAttribute("aria-sort", one === header ? direction : "none");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => ({ row, key: key(row.cells[header.cellIndex], header.dataset.sort) }));
    const turn = direction === "ascending" ? 1 : -1;
    rows.sort((a, b) => {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
      return turn * (typeof a.key === "number" ? a.key - b.key : order.compare(a.key, b.key));
    });
    body.append(...rows.map(({ row }) => row));
  }

  function key(cell, kind) {
    if (kind === "text") return cell.textContent.trim();
    return "value" in cell.dataset ? Number(cell.dataset.value) : null;
  }

  const plain = (text) => text.toLocaleLowerCase().replace(/ё/g, "е").normalize("NFD").replace(/[\u0300-\u036f]/g, "");

  function filtering(controls) {
    const table = document.getElementById(controls.dataset.filters);
    const [name, status, all] = ["input", "select", "button"].map((tag) => controls.querySelector(tag));
    const said = controls.querySelector("[role=status]");
    const show = () => {
      const words = plain(name.value).split(/\s+/);
      const rows = [...table.tBodies[0].rows];
      for (const row of rows) {
        const names = plain(row.dataset.names);
        const fits = words.every((word) => names.includes(word));
        row.hidden = !fits || (status.value !== "" && !row.dataset.status.split(" ").includes(status.value));
      }
      const shown = rows.filter((row) => !row.hidden).length;
      said.textContent = said.dataset.text.replace("{shown}", shown).replace("{all}", rows.length);
    };
    name.addEventListener("input", show);
    status.addEventListener("change", show);
    all.addEventListener("click", () => {
      name.value = status.value = "";
      show();
    });
    controls.hidden = false;
    show();
  }

  document.querySelectorAll("table.sortable").forEach(sortable);
  document.querySelectorAll("[data-filters]").forEach(filtering);
})();
