/* What a page shows that a reader could not read, touch or follow. Each function returns texts for people, none if all is well. */
"use strict";

window.pageFaults = (function () {
  const short = (text) => text.trim().replace(/\s+/g, " ").slice(0, 60);
  const drawn = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });

  /* Texts below `least` pixels as they appear: a picture may be drawn smaller than its own units say. */
  function smallTexts(least) {
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode, holder = text.parentElement;
      if (!text.data.trim() || holder.closest("script, style, noscript, option, title") || !drawn(holder)) continue;
      const scale = holder instanceof SVGGraphicsElement ? holder.getScreenCTM() : null;
      const size = parseFloat(getComputedStyle(holder).fontSize) * (scale ? Math.hypot(scale.a, scale.b) : 1);
      if (size < least - 0.01) found.push(`${size.toFixed(1)} px: ${short(text.data)}`);
    }
    return found;
  }

  /* Controls narrower or lower than `least` pixels; links are judged by axe, which knows those inside a sentence. */
  function smallControls(least) {
    return [...document.querySelectorAll("button, select, input, textarea, summary, [role=button]")]
      .filter(drawn)
      .filter((one) => Math.min(one.getBoundingClientRect().width, one.getBoundingClientRect().height) < least - 0.01)
      .map((one) => `${one.tagName.toLowerCase()}: ${short(one.textContent || one.name || one.id)}`);
  }

  /* Addresses that the page leads to or loads. */
  function addresses() {
    const all = [...document.querySelectorAll("[href], [src]")].map((one) => one.href?.baseVal ?? one.href ?? one.src);
    return [...new Set(all)];
  }

  /* Whether the element in focus shows it, stands inside the window, and is not below something else. */
  function focus() {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const seen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const name = `${one.tagName.toLowerCase()} ${short(one.getAttribute("aria-label") || one.textContent || one.id)}`;
    return { name, ring, seen, inMain: Boolean(one.closest("main")), nowhere: one === document.body };
  }

  return { smallTexts, smallControls, addresses, focus };
})();
