// Kinds "forest" and "dots": estimates with their intervals, one row a place; in "dots" several series share a row.
(function () {
  "use strict";
  const charts = window.kinscaleCharts;
  const { kinds } = charts;

  kinds.forest = kinds.dots = (chart, width, ink) => {
    const names = charts.unique(chart.rows, "series");
    const layout = arrange(chart, width, names);
    const { left, right, lines, height, narrow } = layout;
    const plot = Plot.plot({
      width, height, marginLeft: left, marginRight: right, marginTop: 4, marginBottom: 26,
      style: { fontFamily: charts.font, fontSize: "12px", background: "none", color: ink.text },
      x: { domain: extent(chart), nice: true }, y: { type: "identity", axis: null },
      marks: marks(chart, layout, width, names, ink),
    });
    const svg = d3.select(plot);
    const x = plot.scale("x").apply;
    for (const line of lines) label(svg, line, layout, chart, width, ink);
    const points = layout.placed.map(({ row, y }) => ({ row, y, x: charts.hasNumber(row) ? x(row.value) : left + 20 }));
    for (const { row, x: at, y } of points) {
      if (!charts.hasNumber(row)) {
        charts.lines(svg, [absent(row, names)], { x: left + 4, y: y + 4, fill: ink.soft, size: 12, style: "italic", halo: ink.ground });
        continue;
      }
      const own = Math.max(0, names.indexOf(row.series));
      charts.mark(svg, at, y, { symbol: charts.symbols[own], colour: ink.series[own], status: row.status }, ink);
    }
    return { svg: plot, points, legend: legend(chart, names, ink), flat: true, narrow };
  };

  // Where everything stands, in pixels from the top: headings, labels and, below or beside them, the intervals.
  function arrange(chart, width, names) {
    const narrow = width < 560;
    const labels = charts.unique(chart.rows, "label");
    const left = narrow ? 8 : Math.min(0.32 * width, 14 + Math.max(...labels.map((text) => charts.breadth(text))));
    const written = names.length < 2 && width >= 700;
    const texts = chart.rows.filter(charts.hasNumber).map((row) => charts.breadth(writings(row, chart.form)[0], 12));
    const right = written ? 16 + Math.max(0, ...texts) : 14;
    const step = names.length > 1 ? 16 : 0;
    const lines = [], placed = [];
    let y = 8;
    for (const [group, members] of charts.groups(chart.rows)) {
      if (group !== null) (y += 20), lines.push({ heading: group, y }), (y += 8);
      for (const text of charts.unique(members, "label")) {
        const rows = members.filter((row) => row.label === text);
        const wrapped = charts.wrap(text, narrow ? width - 8 : left - 14);
        const height = Math.max(step * (rows.length - 1) + 26, narrow ? 0 : wrapped.length * 16 + 8);
        if (narrow) (y += 16), lines.push({ wrapped, y, rows }), (y += (wrapped.length - 1) * 17);
        else lines.push({ wrapped, y: y + height / 2 + 4 - (wrapped.length - 1) * 8.5, rows });
        rows.forEach((row, at) => placed.push({ row, y: y + height / 2 + (at - (rows.length - 1) / 2) * step }));
        y += height;
      }
    }
    return { left, right, lines, placed, narrow, written, height: y + 30 };
  }

  function extent(chart) {
    const ends = chart.rows.flatMap((row) => [row.value, row.low, row.high]).filter((one) => one !== null && one !== undefined);
    if (chart.reference) ends.push(chart.reference.value);
    return [Math.min(0, ...ends), Math.max(0, ...ends) || 1];
  }

  function marks(chart, { placed, height, left, right }, width, names, ink) {
    const ticks = d3.ticks(...extent(chart), Math.max(2, Math.min(8, (width - left - right) / 90)));
    const spread = placed.filter(({ row }) => charts.hasLimits(row));
    // a rule takes one colour, so that each series has its own
    const bars = names.length > 1 ? names : [undefined];
    return [
      Plot.gridX({ ticks, stroke: ink.line, strokeOpacity: 1 }),
      Plot.axisX({ ticks, tickFormat: charts.tick(chart.form, ticks), label: null, color: ink.soft, fontSize: 12, tickSize: 0 }),
      Plot.ruleX([0], { stroke: ink.edge }),
      chart.reference && Plot.ruleX([chart.reference.value], { stroke: ink.text, strokeDasharray: "4 3" }),
      ...bars.flatMap((name) => [false, true].map((broken) => Plot.ruleY(
        spread.filter(({ row }) => (name === undefined || row.series === name) && (row.status === "suppress") === broken),
        {
          y: "y", x1: ({ row }) => row.low, x2: ({ row }) => row.high,
          stroke: ink.series[Math.max(0, names.indexOf(name))], strokeWidth: 2.5, strokeDasharray: broken ? "5 4" : undefined,
        },
      ))),
    ];
  }

  const absent = (row, names) => (names.length > 1 ? `${row.series}: ${charts.absent(row)}` : charts.absent(row));
  // What may stand beside a mark, the longest first. A number that is not to be quoted is not written out to be copied.
  function writings(row, form) {
    if (row.status === "suppress") return [charts.words.statuses.suppress];
    const value = charts.write(row.value, form);
    return charts.hasLimits(row) ? [`${value} (${charts.limits(row, form)})`, value] : [value];
  }

  function label(svg, { heading, wrapped, rows, y }, { left, right, narrow, written }, chart, width, ink) {
    if (heading !== undefined) {
      charts.lines(svg, [heading], { x: 0, y, fill: ink.text, weight: 600, halo: ink.ground });
      return;
    }
    charts.lines(svg, wrapped, narrow ? { x: 0, y, fill: ink.text, halo: ink.ground } : { x: left - 10, y, fill: ink.text, anchor: "end" });
    const [row] = rows;
    if (rows.length > 1 || !charts.hasNumber(row) || !(written || narrow)) return;
    const room = narrow ? width - charts.breadth(wrapped[0]) - 12 : right;
    const text = writings(row, chart.form).find((one) => charts.breadth(one, 12) <= room);
    const middle = narrow ? y : y + (wrapped.length - 1) * 8.5;
    if (text) charts.lines(svg, [text], { x: width, y: middle, fill: ink.soft, size: 12, anchor: "end", halo: ink.ground });
  }

  function legend(chart, names, ink) {
    const items = names.length > 1
      ? names.map((text, at) => ({ text, symbol: charts.symbols[at], colour: ink.series[at] }))
      : chart.interval ? [] : [{ text: charts.words.point, symbol: "circle", colour: ink.series[0] }];
    if (chart.rows.some(charts.hasLimits)) items.push({ text: charts.confidence(chart), bar: names.length > 1 ? ink.text : ink.series[0] });
    if (chart.reference) items.push({ text: chart.reference.label, dash: true });
    return [...items, ...charts.statusItems(chart.rows, ink)];
  }
})();
