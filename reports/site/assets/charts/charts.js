// Draws every chart of the page at the width it has, when it comes near the window, and again when that width changes.
(function () {
  "use strict";
  const charts = window.kinscaleCharts;
  const { words } = charts;
  const PAGE = 680; // pixels: the width of printed paper

  // One picture: legend, drawing and what could not be drawn. Returns {svg, points, shift, height, flat}.
  charts.draw = (chart, width, ink) => {
    const drawn = charts.kinds[chart.kind](chart, width, ink);
    const svg = charts.svg(width, 0).attr("role", "img").attr("aria-label", spoken(chart));
    const shift = charts.legend(svg, drawn.legend, width, ink, 0) + 4;
    const inner = +drawn.svg.getAttribute("height");
    svg.append(() => d3.select(drawn.svg).attr("y", shift).attr("overflow", "visible").attr("aria-hidden", "true").node());
    const notes = (drawn.notes || []).flatMap((note) => charts.wrap(note, width, 12));
    charts.lines(svg, notes, { y: shift + inner + 14, fill: ink.soft, size: 12, style: "italic" });
    const height = Math.ceil(shift + inner + notes.length * 15.6 + (notes.length ? 8 : 0));
    svg.attr("height", height).attr("viewBox", `0 0 ${width} ${height}`);
    return { svg: svg.node(), points: drawn.points, shift, height, flat: drawn.flat };
  };

  const spoken = (chart) =>
    [chart.title, chart.unit, chart.n === null ? "" : words.interviews.replace("{count}", charts.write(chart.n, "whole"))]
      .filter(Boolean).join(", ");

  function start(figure) {
    const chart = JSON.parse(figure.querySelector(".chart-data").textContent);
    const numbers = JSON.parse(figure.querySelector(".chart-csv").textContent);
    const area = figure.querySelector(".drawing");
    const state = { drawn: { points: [] }, width: 0 };
    const hide = charts.reading(area, chart, state);
    const draw = (width, anew = false) => {
      if (!width || (width === state.width && !anew)) return;
      hide();
      const drawn = charts.draw(chart, width, charts.screen);
      if (state.drawn.svg) state.drawn.svg.remove();
      area.prepend(drawn.svg);
      Object.assign(state, { drawn, width });
    };
    area.addEventListener("focus", () => draw(area.clientWidth)); // before the keys are read
    const save = figure.querySelector(".save");
    save.hidden = false;
    for (const button of save.querySelectorAll("button")) {
      button.addEventListener("click", () => charts.save[button.dataset.form](chart, numbers));
    }
    return { area, state, draw };
  }

  const figures = [...document.querySelectorAll("figure.chart")].map(start);
  const here = new Map(figures.map((one) => [one.area, one]));
  const resized = new ResizeObserver((entries) => entries.forEach(({ target }) => here.get(target).draw(target.clientWidth)));
  const near = new IntersectionObserver((entries) => entries.filter((one) => one.isIntersecting).forEach(({ target }) => {
    near.unobserve(target);
    resized.observe(target);
  }), { rootMargin: "400px" });
  figures.forEach(({ area }) => near.observe(area));
  const print = (printing) => {
    charts.printing = printing;
    for (const { area, draw } of figures) draw(printing ? PAGE : area.clientWidth, true);
  };
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  charts.whenRecoloured(() => figures.forEach(({ area, state, draw }) => state.width && draw(area.clientWidth, true)));
})();
