// Saving a chart: a picture that says by itself what it shows, of whom, and from which release; or its numbers.
(function () {
  "use strict";
  const charts = window.kinscaleCharts;
  const { words } = charts;
  const WIDTH = 960, MARGIN = 24;

  // Title, unit and n above the drawing; note, source and notice below it; on light ground.
  charts.picture = (chart) => {
    const ink = charts.paper, room = WIDTH - 2 * MARGIN;
    const drawn = charts.draw(chart, room, ink);
    const head = charts.wrap(chart.title, room, 20, 600);
    const count = chart.n === null ? [] : [words.interviews.replace("{count}", charts.write(chart.n, "whole"))];
    const source = words.source.replace("{survey}", words.survey).replace("{release}", words.release);
    const below = [chart.note, source, words.notice].filter(Boolean).flatMap((text) => charts.wrap(text, room, 12));
    const top = MARGIN + head.length * 26 + 30;
    const svg = charts.svg(WIDTH, top + drawn.height + 20 + below.length * 15.6 + MARGIN);
    svg.append("title").text(chart.title);
    svg.append("rect").attr("width", "100%").attr("height", "100%").attr("fill", ink.ground);
    charts.lines(svg, head, { x: MARGIN, y: MARGIN + 16, fill: ink.text, size: 20, weight: 600 });
    charts.lines(svg, [[chart.unit, ...count].join(" · ")], { x: MARGIN, y: MARGIN + head.length * 26 + 12, fill: ink.soft, size: 14 });
    svg.append(() => d3.select(drawn.svg).attr("x", MARGIN).attr("y", top).attr("overflow", "visible").node());
    charts.lines(svg, below, { x: MARGIN, y: top + drawn.height + 32, fill: ink.soft, size: 12 });
    return svg.node();
  };

  const named = (chart, form) => `${words.release}_${chart.id}.${form}`;

  function hand(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const text = (chart) => new XMLSerializer().serializeToString(charts.picture(chart));
  const vector = (chart) => new Blob([text(chart)], { type: "image/svg+xml" });

  charts.save = {
    svg: (chart) => hand(vector(chart), named(chart, "svg")),
    png: (chart) => {
      const image = new Image();
      const address = URL.createObjectURL(vector(chart));
      image.onload = () => {
        const canvas = document.createElement("canvas");
        canvas.width = image.width * 2;
        canvas.height = image.height * 2;
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        URL.revokeObjectURL(address);
        canvas.toBlob((blob) => hand(blob, named(chart, "png")), "image/png");
      };
      image.src = address;
    },
    // the mark in front tells a spreadsheet that the text is UTF-8
    csv: (chart, numbers) => hand(new Blob(["\ufeff", numbers], { type: "text/csv;charset=utf-8" }), named(chart, "csv")),
  };
})();
