/* What every page does beyond showing: the menu is closed on a narrow screen, where it would hide the page. */
"use strict";

(function () {
  const menu = document.querySelector(".menu");
  if (menu && window.matchMedia("(max-width: 40rem)").matches) menu.open = false;
})();
