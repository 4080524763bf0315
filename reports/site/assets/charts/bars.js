// Kind "bars": shares that add up to one, one bar a label; what is hidden is drawn hatched up to the whole.
(function () {
  "use strict";
  const charts = window.kinscaleCharts;

  charts.kinds.bars = (chart, width, ink) => {
    const names = charts.unique(chart.rows, "series");
    const layout = arrange(chart, width, names);
    const { left, right, segments, lines, height } = layout;
    const plot = Plot.plot({
      width, height, marginLeft: left, marginRight: right, marginTop: 4, marginBottom: 26,
      style: { fontFamily: charts.font, fontSize: "12px", background: "none", color: ink.text },
      x: { domain: [0, 1] }, y: { type: "identity", axis: null },
      marks: [
        Plot.axisX({ ticks: [0, 0.25, 0.5, 0.75, 1], tickFormat: charts.tick("share", [0, 0.01]), label: null, color: ink.soft, fontSize: 12 }),
        ...names.map((name, at) => Plot.rect(segments.filter(({ row }) => row.series === name && charts.hasNumber(row)), {
          x1: "from", x2: "to", y1: "top", y2: "bottom", fill: ink.series[at], stroke: ink.ground, strokeWidth: 1,
        })),
      ],
    });
    const svg = d3.select(plot), x = plot.scale("x").apply;
    for (const { row, from, to, top, bottom } of segments.filter((one) => one.rest)) {
      const outline = charts.box(x(from), top, x(to), bottom);
      charts.hatch(svg, outline, [[x(from), top], [x(to), bottom]], row.status, ink);
      svg.append("path").attr("d", outline).attr("fill", "none").attr("stroke", ink.edge);
    }
    for (const one of segments.filter(({ row }) => charts.hasNumber(row))) share(svg, one, x, names.indexOf(one.row.series), chart.form, ink);
    for (const line of lines) text(svg, line, layout, width, ink);
    const points = segments.map(({ row, from, to, top, bottom }) => ({ row, x: x((from + to) / 2), y: (top + bottom) / 2 }));
    return { svg: plot, points, legend: legend(chart, names, ink) };
  };

  function arrange(chart, width, names) {
    const narrow = width < 560;
    const labels = charts.unique(chart.rows, "label");
    const left = narrow ? 8 : Math.min(0.32 * width, 14 + Math.max(...labels.map((one) => charts.breadth(one))));
    const right = narrow ? 18 : 16 + Math.max(20, ...chart.rows.map((row) => charts.breadth(size(row), 12)));
    const lines = [], segments = [];
    let y = 6;
    for (const [group, members] of charts.groups(chart.rows)) {
      if (group !== null) (y += 18), lines.push({ heading: group, y }), (y += 8);
      for (const label of charts.unique(members, "label")) {
        const rows = names.flatMap((name) => members.filter((row) => row.label === label && row.series === name));
        const wrapped = charts.wrap(label, narrow ? width * 0.7 : left - 14);
        if (narrow) (y += 14), lines.push({ wrapped, y, rows }), (y += (wrapped.length - 1) * 17 + 5);
        const height = narrow ? 22 : Math.max(24, wrapped.length * 17);
        if (!narrow) lines.push({ wrapped, y: y + height / 2 + 4 - (wrapped.length - 1) * 8.5, rows });
        segments.push(...stack(rows, y + height / 2 - 11, y + height / 2 + 11));
        y += height + 8;
      }
    }
    return { narrow, left, right, lines, segments, height: y + 28 };
  }

  // Segments from left to right; those without a number share what is left of the whole.
  function stack(rows, top, bottom) {
    let from = 0;
    const shown = rows.filter(charts.hasNumber).map((row) => ({ row, top, bottom, from, to: (from += row.value) }));
    const absent = rows.filter((row) => !charts.hasNumber(row));
    const start = Math.min(from, 1);
    return [...shown, ...absent.map((row, at) => ({
      row, top, bottom, rest: true,
      from: start + ((1 - start) * at) / absent.length, to: start + ((1 - start) * (at + 1)) / absent.length,
    }))];
  }

  function share(svg, { row, from, to, top }, x, own, form, ink) {
    const written = charts.tick("share", [0, 0.01])(row.value);
    if (charts.breadth(written, 12, 600) + 8 > x(to) - x(from)) return;
    const sign = row.status === "publish" ? "" : " *";
    charts.lines(svg, [written + sign], { x: (x(from) + x(to)) / 2, y: top + 15, fill: ink.onSeries[own], size: 12, weight: 600, anchor: "middle" });
  }

  const size = (row) => (row.n === undefined || row.n === null ? "" : `n = ${charts.write(row.n, "whole")}`);

  function text(svg, { heading, wrapped, rows, y }, { narrow, left }, width, ink) {
    if (heading !== undefined) return charts.lines(svg, [heading], { x: 0, y, fill: ink.text, weight: 600 });
    charts.lines(svg, wrapped, narrow ? { x: 0, y, fill: ink.text } : { x: left - 10, y, fill: ink.text, anchor: "end" });
    const middle = narrow ? y : y + (wrapped.length - 1) * 8.5;
    return charts.lines(svg, [size(rows[0])], { x: width, y: middle, fill: ink.soft, size: 12, anchor: "end" });
  }

  function legend(chart, names, ink) {
    const items = names.map((one, at) => ({ text: one, fill: ink.series[at] }));
    for (const status of ["hidden", "no_limits", "not_surveyed", "absent"]) {
      if (chart.rows.some((row) => row.status === status)) items.push({ text: charts.words.statuses[status], hatch: status });
    }
    const imprecise = ["caution", "suppress"].filter((status) => chart.rows.some((row) => row.status === status));
    return [...items, ...imprecise.map((status) => ({ text: `* ${charts.words.statuses[status]}`, bare: true }))];
  }
})();
