// Kind "slope": one line per series through periods or releases, with intervals; a line is broken where a number is hidden.
(function () {
  "use strict";
  const charts = window.kinscaleCharts;

  charts.kinds.slope = (chart, width, ink) => {
    const names = charts.unique(chart.rows, "series");
    const periods = charts.unique(chart.rows, "period");
    const shown = chart.rows.filter(charts.hasNumber);
    const top = Math.max(1e-9, ...shown.flatMap((row) => [row.value, row.high ?? row.value]));
    const low = Math.min(0, ...shown.flatMap((row) => [row.value, row.low ?? row.value]));
    const height = Math.max(260, Math.min(420, width * 0.55));
    const ticks = d3.ticks(low, top, 5);
    const left = 14 + Math.max(...ticks.map((tick) => charts.breadth(charts.tick(chart.form, ticks)(tick), 12)));
    const place = places(periods, names, left, width);
    const plot = Plot.plot({
      width, height, marginLeft: left, marginRight: 8, marginTop: 10, marginBottom: 30,
      style: { fontFamily: charts.font, fontSize: "12px", background: "none", color: ink.text },
      x: { type: "identity", axis: null }, y: { domain: [low, top], nice: true },
      marks: [
        Plot.gridY({ ticks, stroke: ink.line, strokeOpacity: 1 }),
        Plot.axisY({ ticks, tickFormat: charts.tick(chart.form, ticks), label: null, color: ink.soft, fontSize: 12, tickSize: 0 }),
        Plot.ruleY([0], { stroke: ink.edge }),
        ...names.flatMap((name, at) => marks(chart.rows.filter((row) => row.series === name), at, place, ink)),
      ],
    });
    const svg = d3.select(plot), y = plot.scale("y").apply;
    periods.forEach((period, at) => {
      const lines = charts.wrap(period, (width - left) / periods.length - 6, 12);
      charts.lines(svg, lines.slice(0, 2), { x: place.middle(at), y: height - 14, fill: ink.text, size: 12, anchor: "middle", step: 1.1 });
    });
    const points = chart.rows.map((row) => ({ row, x: place.of(row), y: charts.hasNumber(row) ? y(row.value) : y(top) }));
    for (const { row, x, y: at } of points.filter(({ row }) => charts.hasNumber(row))) {
      const own = names.indexOf(row.series);
      charts.mark(svg, x, at, { symbol: charts.symbols[own], colour: ink.series[own], status: row.status }, ink);
    }
    return { svg: plot, points, legend: legend(chart, names, ink), notes: hidden(chart) };
  };

  // Intervals of one period stand beside each other, as far as there is room.
  function places(periods, names, left, width) {
    const step = Math.min(14, (width - left) / periods.length / (names.length + 2));
    const middle = (at) => left + ((at + 0.5) * (width - left - 8)) / periods.length;
    return { middle, of: (row) => middle(periods.indexOf(row.period)) + (names.indexOf(row.series) - (names.length - 1) / 2) * step };
  }

  function marks(rows, at, place, ink) {
    const stroke = ink.series[at];
    const spread = (broken) => rows.filter((row) => charts.hasLimits(row) && (row.status === "suppress") === broken);
    return [
      Plot.line(rows, { x: place.of, y: (row) => (charts.hasNumber(row) ? row.value : NaN), stroke, strokeWidth: 1.5, strokeOpacity: 0.7 }),
      ...[false, true].map((broken) => Plot.ruleX(spread(broken), {
        x: place.of, y1: (row) => row.low, y2: (row) => row.high, stroke, strokeWidth: 2.5, strokeDasharray: broken ? "5 4" : undefined,
      })),
    ];
  }

  const hidden = (chart) =>
    chart.rows.filter((row) => !charts.hasNumber(row)).map((row) => `${row.series}, ${row.period}: ${charts.absent(row)}`);

  function legend(chart, names, ink) {
    const items = names.map((text, at) => ({ text, symbol: charts.symbols[at], colour: ink.series[at] }));
    if (chart.rows.some(charts.hasLimits)) items.push({ text: charts.confidence(chart), bar: ink.text });
    return [...items, ...charts.statusItems(chart.rows, ink)];
  }
})();
