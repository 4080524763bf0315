// Kind "map": regions by value. The less precise a value, the less of its colour is seen; what has no value has none.
(function () {
  "use strict";
  const charts = window.kinscaleCharts;
  const SMALL = 15; // pixels: a region that is drawn smaller gets a circle

  charts.kinds.map = (chart, width, ink) => {
    const shapes = wound(chart.shapes);
    const rows = new Map(chart.rows.map((row) => [row.region, row]));
    const classes = classify(chart, ink);
    const projection = equalArea(shapes, width);
    const height = Math.ceil(d3.geoPath(projection).bounds(shapes)[1][1]) + 8;
    const svg = charts.svg(width, height);
    const path = d3.geoPath(projection);
    const points = [];
    const large = shapes.features.filter((shape) => !small(path, shape));
    for (const shape of [...large, ...shapes.features.filter((one) => small(path, one))]) {
      const row = rows.get(shape.properties.region);
      const round = small(path, shape);
      const outline = round ? circle(path.centroid(shape)) : path(shape);
      svg.append("path").attr("d", outline).attr("fill", colour(row, classes, ink));
      if (row) charts.hatch(svg, outline, round ? near(path.centroid(shape)) : path.bounds(shape), row.status, ink);
      const edge = svg.append("path").attr("d", outline).attr("fill", "none").attr("stroke", ink.edge)
        .attr("stroke-width", round ? 1.8 : 1).attr("stroke-linejoin", "round")
        .attr("stroke-dasharray", row && row.status !== "not_surveyed" ? null : "3 2").attr("pointer-events", "all");
      if (row) points.push({ row, x: path.centroid(shape)[0], y: path.centroid(shape)[1], element: edge.node() });
    }
    names(svg, shapes.features, rows, chart, path, width, ink);
    const circles = large.length < shapes.features.length;
    return { svg: svg.node(), points, legend: legend(chart, classes, ink, circles), notes: shapeless(chart) };
  };

  // A region that the boundaries do not have is named under the map with its value.
  function shapeless(chart) {
    const known = new Set(chart.shapes.features.map((shape) => shape.properties.region));
    return chart.rows.filter((row) => !known.has(row.region))
      .map((row) => `${charts.words.without_shape}: ${row.label}, ${charts.hasNumber(row) ? charts.write(row.value, chart.form) : charts.absent(row)}`);
  }

  // GeoJSON winds outer rings anticlockwise (RFC 7946); on a sphere that would be all the rest of the earth.
  function wound(shapes) {
    const turn = (rings) => rings.map((ring) => [...ring].reverse());
    return { ...shapes, features: shapes.features.map((one) => {
      const { type, coordinates } = one.geometry;
      const turned = type === "Polygon" ? turn(coordinates) : type === "MultiPolygon" ? coordinates.map(turn) : coordinates;
      return { ...one, geometry: { type, coordinates: turned } };
    }) };
  }

  // Albers' projection keeps areas: what looks large is large.
  function equalArea(shapes, width) {
    const [[west, south], [east, north]] = d3.geoBounds(shapes);
    const projection = d3.geoConicEqualArea().rotate([-(west + east) / 2, 0])
      .parallels([south + (north - south) / 6, north - (north - south) / 6]).fitWidth(width - 8, shapes);
    const limit = Math.max(260, Math.min(560, width * 0.75));
    const [[, above], [, below]] = d3.geoPath(projection).bounds(shapes);
    if (below - above > limit) projection.fitExtent([[4, 4], [width - 4, limit - 4]], shapes);
    else projection.translate([projection.translate()[0] + 4, projection.translate()[1] + 4]);
    return projection;
  }

  const small = (path, shape) => {
    const [[left, top], [right, bottom]] = path.bounds(shape);
    return Math.max(right - left, bottom - top) < SMALL || shape.geometry.type === "Point";
  };
  const near = ([x, y]) => [[x - 8, y - 8], [x + 8, y + 8]];
  const circle = ([x, y]) => `M${x - 7},${y}a7,7 0 1,0 14,0a7,7 0 1,0 -14,0Z`;

  // Classes of equal width from zero, at round numbers, as far as reliable values go; the last one is open to what is
  // above them, so that one imprecise region does not decide what all the others look like. What differs more from the
  // ground is more: dark on light, light on dark (viridis).
  function classify(chart, ink) {
    const shown = chart.rows.filter((row) => charts.hasNumber(row) && row.status !== "suppress");
    const reliable = shown.filter((row) => row.status === "publish");
    const highest = (rows) => Math.max(0, ...rows.map((row) => row.value));
    const top = highest(reliable.length > 2 ? reliable : shown);
    const step = d3.tickStep(0, top || 1, 4);
    const closed = Math.max(1, Math.ceil(top / step - 1e-9));
    const open = highest(shown) > closed * step;
    const count = closed + (open ? 1 : 0);
    const bounds = d3.range(closed + 1).map((at) => at * step);
    const place = (at) => (count === 1 ? 0.6 : 0.97 - (0.87 * at) / (count - 1));
    const colours = d3.range(count).map((at) => d3.interpolateViridis(place(ink.dark ? count - 1 - at : at)));
    const pale = (colour) => d3.interpolateRgb(colour, ink.dark ? "#14181d" : "#ffffff")(0.45);
    const of = (value) => colours[Math.max(0, Math.min(count - 1, Math.ceil(value / step - 1e-9) - 1))];
    return { bounds, colours, open, of, pale };
  }

  function colour(row, classes, ink) {
    if (!row || !charts.hasNumber(row) || row.status === "suppress") return ink.ground;
    return row.status === "caution" ? classes.pale(classes.of(row.value)) : classes.of(row.value);
  }

  // Names, with the value under them, stand where they fit into their region and on no other name; those of small
  // regions stand beside them.
  function names(svg, shapes, rows, chart, path, width, ink) {
    const known = shapes.filter((shape) => rows.has(shape.properties.region));
    const taken = known.filter((shape) => small(path, shape)).map((shape) => square(path.centroid(shape), 9));
    for (const shape of known.sort((one, other) => path.area(other) - path.area(one))) {
      const row = rows.get(shape.properties.region);
      const [[left, top], [right, bottom]] = path.bounds(shape);
      const name = charts.wrap(row.short || row.label, (right - left) * 0.8, 12), more = below(row, chart);
      const inside = [[...name, more], name].filter((lines) => fits(lines, right - left, bottom - top))
        .map((lines) => ({ lines, at: path.centroid(shape), inside: true }));
      const outside = Math.max(right - left, bottom - top) < 1.6 * SMALL
        ? beside(path.centroid(shape), [[row.short || row.label, more], [row.short || row.label]]) : [];
      const tries = small(path, shape) ? outside : [...inside, ...outside];
      const coloured = known.filter((one) => one !== shape && charts.hasNumber(rows.get(one.properties.region)));
      const free = tries.find(({ lines, at, inside }) => {
        const box = around(lines, at);
        return box[0] >= 0 && box[1] >= 0 && box[2] <= width && !taken.some((one) => overlap(one, box))
          && (inside || !coloured.some((one) => touches(path, one, box))); // a value on another's colour is read as its own
      });
      if (!free) continue;
      taken.push(around(free.lines, free.at));
      const plain = !charts.hasNumber(row) || row.status === "suppress" || !free.inside;
      charts.lines(svg, free.lines, {
        x: free.at[0], y: free.at[1] - (free.lines.length - 1) * 7.5 + 4, size: 12, anchor: "middle",
        fill: plain ? ink.text : "#1d2733", halo: plain ? ink.ground : "#ffffff",
      });
    }
  }

  function touches(path, shape, [left, top, right, bottom]) {
    const middle = (top + bottom) / 2, project = path.projection();
    return [[left, top], [right, top], [left, middle], [right, middle], [left, bottom], [right, bottom]]
      .some((corner) => d3.geoContains(shape, project.invert(corner)));
  }

  const square = ([x, y], half) => [x - half, y - half, x + half, y + half];
  const overlap = (box, other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3];
  const breadth = (lines) => Math.max(...lines.map((line) => charts.breadth(line, 12)));
  const fits = (lines, width, height) => breadth(lines) + 4 <= width * 0.85 && lines.length * 16 <= height * 0.7;
  const beside = ([x, y], texts) => texts.flatMap((given) => {
    const lines = given.filter(Boolean), aside = breadth(lines) / 2 + 13, away = lines.length * 7.5 + 13;
    return [[x + aside, y], [x - aside, y], [x, y - away], [x, y + away]].map((at) => ({ lines, at }));
  });

  const below = (row, chart) => {
    if (!charts.hasNumber(row)) return `(${charts.absent(row)})`;
    return row.status === "suppress" ? "" : charts.write(row.value, chart.form);
  };

  function around(lines, [x, y]) {
    const half = breadth(lines) / 2;
    return [x - half - 2, y - lines.length * 7.5 - 3, x + half + 2, y + lines.length * 7.5 + 3];
  }

  function legend(chart, { bounds, colours, open, pale }, ink, circles) {
    const has = (status) => chart.rows.some((row) => row.status === status);
    const form = charts.tick(chart.form, bounds);
    const between = (at) => `${form(bounds[at])} – ${form(bounds[at + 1])}`;
    const items = colours.map((fill, at) => ({ text: open && at === bounds.length - 1 ? `> ${form(bounds[at])}` : between(at), fill }));
    const middle = colours[Math.floor(colours.length / 2)];
    if (has("caution")) items.push({ text: charts.words.statuses.caution, fill: pale(middle), hatch: "caution" });
    if (has("suppress")) items.push({ text: charts.words.statuses.suppress, hatch: "suppress" });
    if (has("hidden")) items.push({ text: charts.words.statuses.hidden, hatch: "hidden" });
    if (has("no_limits")) items.push({ text: charts.words.statuses.no_limits, hatch: "no_limits" });
    if (has("absent")) items.push({ text: charts.words.statuses.absent, fill: ink.ground });
    const visited = new Set(chart.rows.filter((row) => row.status !== "not_surveyed").map((row) => row.region));
    const left = chart.shapes.features.some((shape) => !visited.has(shape.properties.region));
    if (left) items.push({ text: charts.words.statuses.not_surveyed, fill: ink.ground, dashed: true });
    if (circles) items.push({ text: charts.words.too_small, ring: true });
    return items;
  }
})();
