// Reading a chart value by value: the nearest one under the pointer, or one after the other by the arrow keys.
(function () {
  "use strict";
  const charts = window.kinscaleCharts;

  charts.describe = (chart, row) => {
    const parts = [row.group, row.series !== row.label ? row.label : null, row.series, row.period].filter(Boolean);
    const lines = [parts.join(" · ")];
    if (charts.hasNumber(row)) {
      lines.push(`${charts.write(row.value, chart.form)}${chart.form === "share" ? "" : ` ${chart.unit}`}`);
      if (charts.hasLimits(row)) lines.push(`${charts.confidence(chart)}: ${charts.limits(row, chart.form)}`);
    }
    if (row.status !== "publish") lines.push(charts.words.statuses[row.status]);
    if (row.n !== undefined && row.n !== null) lines.push(charts.words.interviews.replace("{count}", charts.write(row.n, "whole")));
    if (row.note) lines.push(row.note);
    return lines;
  };

  // state.drawn is what was drawn last: {svg, points, shift}
  charts.reading = (area, chart, state) => {
    const tooltip = document.createElement("div");
    tooltip.className = "tooltip";
    tooltip.setAttribute("role", "status");
    tooltip.hidden = true;
    area.append(tooltip);
    let at = -1;

    const hide = () => {
      tooltip.hidden = true;
      if (state.ring) state.ring.remove();
    };
    const show = (place) => {
      const { svg, points, shift } = state.drawn;
      const point = points[place];
      at = place;
      tooltip.replaceChildren(...charts.describe(chart, point.row).map((line) => {
        const paragraph = document.createElement("p");
        paragraph.textContent = line;
        return paragraph;
      }));
      tooltip.hidden = false;
      if (state.ring) state.ring.remove();
      state.ring = d3.select(svg).append("circle").attr("cx", point.x).attr("cy", point.y + shift).attr("r", 11)
        .attr("fill", "none").attr("stroke", charts.screen.text).attr("stroke-width", 2).attr("pointer-events", "none");
      const left = Math.min(point.x + 14, area.clientWidth - tooltip.offsetWidth);
      tooltip.style.left = `${Math.max(0, left)}px`;
      tooltip.style.top = `${point.y + shift + 16}px`;
    };

    area.addEventListener("pointermove", (event) => {
      const place = nearest(state.drawn, d3.pointer(event, state.drawn.svg), event.target);
      if (place < 0) hide();
      else if (place !== at || tooltip.hidden) show(place);
    });
    area.addEventListener("pointerleave", hide);
    area.addEventListener("blur", hide);
    area.addEventListener("keydown", (event) => {
      const last = state.drawn.points.length - 1;
      const from = tooltip.hidden && at < 0 ? -1 : at;
      const next = {
        ArrowRight: from + 1, ArrowDown: from + 1, ArrowLeft: from - 1, ArrowUp: from - 1, Home: 0, End: last,
      }[event.key];
      if (event.key === "Escape") hide();
      if (next === undefined || last < 0) return;
      event.preventDefault();
      show(Math.max(0, Math.min(last, next)));
    });
    return hide;
  };

  function nearest({ points, shift, flat }, [x, y], target) {
    const shape = points.findIndex((point) => point.element && point.element === target);
    if (shape >= 0 || (points.length && points[0].element)) return shape;
    // along a row anywhere will do; across rows only what is near
    const far = points.map((point) => (flat ? 0.02 : 1) * Math.abs(point.x - x) + Math.abs(point.y + shift - y));
    const place = far.indexOf(Math.min(...far));
    return place >= 0 && far[place] < 40 ? place : -1;
  }
})();
