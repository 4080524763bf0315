// What every kind of chart draws with: colours, how numbers are written, lines of text, legends and hatches.
(function () {
  "use strict";
  const words = JSON.parse(document.getElementById("chart-words").textContent);
  const charts = (window.kinscaleCharts = { kinds: {}, words });

  // On a page colours are the style sheet's, so that light, dark and print change them without drawing again.
  const series = [1, 2, 3, 4, 5, 6, 7];
  charts.screen = {
    text: "var(--ink)", soft: "var(--soft)", line: "var(--line)", edge: "var(--edge)", ground: "var(--paper)",
    series: series.map((at) => `var(--chart-${at})`), onSeries: series.map((at) => `var(--chart-on-${at})`),
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  Object.defineProperty(charts.screen, "dark", { get: () => dark.matches && !charts.printing });
  charts.whenRecoloured = (then) => dark.addEventListener("change", then);
  // A saved picture is light, whatever the page is.
  charts.paper = {
    text: "#1d2733", soft: "#55606e", line: "#ccd3dc", edge: "#767f8b", ground: "#ffffff",
    series: ["#0072b2", "#d55e00", "#008a64", "#a8497f", "#3d3d3d", "#8a6a00", "#2b83b8"],
    onSeries: ["#fff", "#000", "#000", "#fff", "#fff", "#fff", "#000"],
  };
  charts.symbols = ["circle", "square", "triangle", "diamond", "star", "wye", "times"];
  charts.font = 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif';
  charts.size = 13;

  // Separators and the sign of per cent are read off numbers that the page's language wrote.
  const locale = d3.formatLocale({
    decimal: words.tenth.replace(/[0-9]/g, "") || ".",
    thousands: words.thousand.replace(/[0-9]/g, ""), grouping: [3],
    currency: ["", ""], percent: words.half.replace(/[0-9.,]/g, ""), minus: "−",
  });
  const forms = { whole: ",.0f", rate: ",.1f", share: ",.1%" };
  charts.write = (value, form) => locale.format(forms[form] || ",.1f")(value);
  charts.tick = (form, ticks) => {
    const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : 1;
    const places = Math.max(0, -Math.floor(Math.log10(form === "share" ? step * 100 : step) + 1e-9));
    return locale.format(form === "share" ? `,.${places}%` : `,.${places}f`);
  };
  charts.limits = (row, form) => `${charts.write(row.low, form)} – ${charts.write(row.high, form)}`;
  charts.hasNumber = (row) => row.value !== null && row.value !== undefined;
  charts.hasLimits = (row) => charts.hasNumber(row) && row.low !== null && row.low !== undefined;
  charts.absent = (row) => words[row.status];
  charts.confidence = (chart) => chart.interval || words.interval.replace("{confidence}", charts.tick("share", [0, 0.01])(chart.confidence));
  charts.unique = (rows, key) => [...new Set(rows.map((row) => row[key]).filter((one) => one !== undefined && one !== null))];

  // Rows under no heading are a group as well, so that none is left out.
  charts.groups = (rows) => d3.groups(rows, (row) => row.group ?? null);

  const context = document.createElement("canvas").getContext("2d");
  charts.breadth = (text, size = charts.size, weight = 400) => {
    context.font = `${weight} ${size}px ${charts.font}`;
    return context.measureText(text).width;
  };
  charts.wrap = (text, width, size, weight) => {
    const lines = [];
    for (const word of String(text).split(/\s+/)) {
      const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
      if (lines.length && charts.breadth(longer, size, weight) <= width) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  };

  charts.svg = (width, height) =>
    d3.create("svg").attr("xmlns", "http://www.w3.org/2000/svg").attr("width", width).attr("height", height)
      .attr("viewBox", `0 0 ${width} ${height}`).attr("font-family", charts.font).attr("font-size", charts.size);

  charts.lines = (into, lines, { x = 0, y = 0, fill, size = charts.size, weight = 400, anchor = "start", style = null, halo = null, step = 1.3 }) => {
    const text = into.append("text").attr("fill", fill).attr("font-size", size).attr("font-weight", weight)
      .attr("text-anchor", anchor).attr("font-style", style).attr("pointer-events", "none");
    if (halo) text.attr("paint-order", "stroke").attr("stroke", halo).attr("stroke-width", 3.5).attr("stroke-linejoin", "round");
    lines.forEach((line, at) => text.append("tspan").attr("x", x).attr("y", y + at * size * step).text(line));
    return lines.length * size * step;
  };

  // Hatches: the value of an imprecise cell is drawn over, an unreliable one is crossed out, a hidden one is dotted.
  // They are lines cut to an outline, not patterns, which printed pages keep as pictures of many megabytes.
  let drawn = 0;
  charts.hatch = (into, outline, [[left, top], [right, bottom]], status, ink) => {
    if (!rulings[status]) return;
    const key = `hatch-${(drawn += 1)}`;
    into.append("clipPath").attr("id", key).append("path").attr("d", outline);
    if (status !== "caution") into.append("path").attr("d", outline).attr("fill", ink.ground);
    const path = into.append("path").attr("d", rulings[status](left, top, right, bottom)).attr("clip-path", `url(#${key})`).attr("fill", "none");
    if (status === "caution") path.attr("stroke", ink.text).attr("stroke-width", 1.3);
    else if (status === "suppress") path.attr("stroke", ink.edge).attr("stroke-width", 1.2);
    else path.attr("stroke", ink.edge).attr("stroke-width", 3).attr("stroke-linecap", "round").attr("stroke-dasharray", "0 10");
  };
  const from = (value, step) => Math.floor(value / step) * step; // on one grid, so that neighbours meet
  const rising = (left, top, right, bottom) =>
    d3.range(from(left + top, 10), right + bottom, 10).map((sum) => `M${sum - bottom} ${bottom}L${sum - top} ${top}`).join("");
  const falling = (left, top, right, bottom) =>
    d3.range(from(left - bottom, 10), right - top, 10).map((gap) => `M${gap + top} ${top}L${gap + bottom} ${bottom}`).join("");
  const dotted = (left, top, right, bottom) =>
    d3.range(from(top, 5), bottom, 5).map((y) => `M${from(left, 10) + (y % 10 ? 5 : 0)} ${y}H${right}`).join("");
  const rulings = {
    hidden: dotted, no_limits: dotted, caution: rising,
    suppress: (...box) => rising(...box) + falling(...box),
  };
  charts.box = (left, top, right, bottom) => `M${left} ${top}H${right}V${bottom}H${left}Z`;

  // Items: {text, symbol, colour, status} a mark, {text, fill, hatch, dashed} a box, {text, dash} a line, {text, bar} an interval.
  charts.legend = (svg, items, width, ink, top) => {
    let x = 0, y = top + 12;
    for (const item of items) {
      const lines = charts.wrap(item.text, width - 30, 12);
      const needed = Math.max(...lines.map((line) => charts.breadth(line, 12))) + 46;
      if (x > 0 && x + needed - 18 > width) (x = 0), (y += 20);
      const one = svg.append("g").attr("transform", `translate(${x},${y})`);
      if (item.broken) dash(one, item.colour, "5 4", 2.5);
      if (item.symbol) charts.mark(one, 10, -4, item, ink);
      else if (item.dash) dash(one, ink.text, "4 3", 1.5);
      else if (item.bar) dash(one, item.bar, null, 2.5);
      else if (item.ring) one.append("circle").attr("cx", 9).attr("cy", -4).attr("r", 6).attr("fill", "none").attr("stroke", ink.text).attr("stroke-width", 1.5);
      else if (!item.bare) {
        const outline = charts.box(0, -11, 20, 3);
        one.append("path").attr("d", outline).attr("fill", item.fill || "none");
        charts.hatch(one, outline, [[0, -11], [20, 3]], item.hatch, ink);
        one.append("path").attr("d", outline).attr("fill", "none").attr("stroke", ink.edge).attr("stroke-dasharray", item.dashed ? "3 2" : null);
      }
      charts.lines(one, lines, { x: item.bare ? 0 : 26, fill: ink.text, size: 12 });
      y += (lines.length - 1) * 15.6;
      x += needed;
    }
    return items.length ? y + 12 : top;
  };

  const dash = (into, colour, broken, thick) =>
    into.append("line").attr("x2", 20).attr("y1", -4).attr("y2", -4).attr("stroke", colour).attr("stroke-width", thick).attr("stroke-dasharray", broken);

  // A reliable number is a full mark, a less reliable one an empty mark, an unreliable one an empty mark on a broken line.
  charts.mark = (into, x, y, { symbol, colour, status }, ink) =>
    into.append("path").attr("transform", `translate(${x},${y})`).attr("d", d3.symbol(d3[symbolOf[symbol]], 62)())
      .attr("fill", status && status !== "publish" ? ink.ground : colour).attr("stroke", colour).attr("stroke-width", 1.8);
  const symbolOf = {
    circle: "symbolCircle", square: "symbolSquare", triangle: "symbolTriangle", diamond: "symbolDiamond2",
    star: "symbolStar", wye: "symbolWye", times: "symbolTimes",
  };
  charts.statusItems = (rows, ink, symbol = "circle") =>
    ["caution", "suppress"].filter((status) => rows.some((row) => row.status === status))
      .map((status) => ({ text: words.statuses[status], symbol, colour: ink.text, status, broken: status === "suppress" }));
})();
