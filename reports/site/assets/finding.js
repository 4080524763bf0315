/* A form[data-finds=ID] shows those rows of the tables below ID that hold its words, or whose fold's title does, and, where
   it has a choice, that tr[data-key]. A fold without such a row is hidden; one with some is open while something is asked for, and afterwards as it was. A fold that the
   address names is opened. */
"use strict";

(function () {
  const plain = (text) => text.toLocaleLowerCase().replace(/ё/g, "е");

  function title(row) {
    let words = "";
    for (let fold = row.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      words += fold.querySelector("summary").textContent + " ";
    }
    return words;
  }

  function finding(form) {
    const below = document.getElementById(form.dataset.finds);
    const [words, choice, told] = ["input", "select", "output"].map((tag) => form.querySelector(tag));
    const rows = Array.from(below.querySelectorAll("tbody tr"), (row) => ({ row, text: plain(title(row) + row.textContent) }));
    const folds = Array.from(below.querySelectorAll("details"), (fold) => ({ fold, open: fold.open }));

    function show() {
      const asked = plain(words.value).split(/\s+/).filter(Boolean);
      const key = choice ? choice.value : "";
      for (const { row, text } of rows) {
        row.hidden = !(asked.every((word) => text.includes(word)) && (!key || row.dataset.key === key));
      }
      for (const { fold, open } of folds) {
        fold.hidden = !fold.querySelector("tbody tr:not([hidden])");
        fold.open = asked.length + key.length > 0 ? !fold.hidden : open;
      }
      const shown = rows.filter(({ row }) => !row.hidden).length;
      told.textContent = told.dataset.template.replace("{shown}", shown).replace("{all}", rows.length);
    }

    form.hidden = false;
    form.addEventListener("input", show);
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  function opened() {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (named && named.tagName === "DETAILS") named.open = true;
  }

  document.querySelectorAll("form[data-finds]").forEach(finding);
  window.addEventListener("hashchange", opened);
  opened();
})();
