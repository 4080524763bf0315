/* One of several blocks at a time: select[data-chooses=X] shows the [data-choice=X] of its value. Without this script all show. */
"use strict";

(function () {
  for (const select of document.querySelectorAll("select[data-chooses]")) {
    const blocks = document.querySelectorAll(`[data-choice="${select.dataset.chooses}"]`);
    const show = () => blocks.forEach((block) => (block.hidden = block.dataset.value !== select.value));
    select.addEventListener("change", show);
    select.closest(".controls").hidden = false;
    show();
  }
})();
