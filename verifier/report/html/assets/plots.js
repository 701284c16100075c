// Where the pointer is over a plot, the values there are read out; they come from the table of the same values.
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  for (const plot of document.querySelectorAll("svg[data-x]")) {
    const table = document.getElementById(plot.dataset.rows);
    const readout = plot.parentElement.querySelector(".readout");
    if (!table || !readout) continue;
    const places = plot.dataset.x.split(",").map((x, row) => [x === "" ? NaN : Number(x), row]).filter(([x]) => !isNaN(x));
    const columns = plot.dataset.columns.split(",").map(Number);
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("class", "follow");
    const heads = table.tHead.rows[0].cells;
    const cell = (row, column) => {
      const value = row.cells[column].textContent;
      return value && (columns.length > 1 ? `${heads[column].textContent.split(",")[0]} ${value}` : value);
    };
    const leave = () => { line.remove(); readout.textContent = ""; };
    plot.addEventListener("pointermove", (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(plot.getScreenCTM().inverse());
      let best = null;
      for (const place of places) if (!best || Math.abs(place[0] - point.x) < Math.abs(best[0] - point.x)) best = place;
      if (!best) return;
      const row = table.tBodies[0].rows[best[1]], height = plot.viewBox.baseVal.height;
      line.setAttribute("d", `M${best[0]} 12V${height - 24}`);
      plot.append(line);
      const values = columns.map((column) => cell(row, column)).filter(Boolean).join(" · ");
      readout.textContent = `${heads[0].textContent} ${row.cells[0].textContent}: ${values}`;
    });
    plot.addEventListener("pointerleave", leave);
  }
})();
