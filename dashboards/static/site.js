// Draws the figures from the JSON beside them, in light or dark, wide or narrow; and sorts tables.
(() => {
  "use strict";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const phone = window.matchMedia("(max-width: 600px)");
  const config = { responsive: true, displaylogo: false, displayModeBar: false, scrollZoom: false, doubleClick: "reset" };

  // Sets layout["xaxis"]["dtick"] for "xaxis.dtick".
  const put = (target, path, value) => {
    const steps = path.split(".");
    const last = steps.pop();
    for (const step of steps) target = target[step] ??= {};
    target[last] = value;
  };

  const draw = (script) => {
    const target = document.getElementById(script.dataset.for);
    const { data, layout } = JSON.parse(script.textContent);
    layout.template = window.CAMBRIAN_TEMPLATES[dark.matches ? "dark" : "light"];
    layout.autosize = true;
    layout.dragmode = false;
    if (phone.matches) {
      for (const [path, value] of Object.entries(layout.meta?.narrow ?? {})) put(layout, path, value);
    }
    return Plotly.react(target, data, layout, config).then(() => target.setAttribute("data-drawn", ""));
  };

  const scripts = [...document.querySelectorAll("script.figure")];
  const drawAll = () => scripts.forEach(draw);
  drawAll();
  dark.addEventListener("change", drawAll);
  phone.addEventListener("change", drawAll);

  const order = (one, other) => {
    if (one === "" || other === "") return one === other ? 0 : one === "" ? 1 : -1; // what is not known comes last
    const [a, b] = [Number(one), Number(other)];
    return Number.isNaN(a) || Number.isNaN(b) ? one.localeCompare(other, "en") : a - b;
  };

  const sort = (table, column, heading) => {
    const descending = heading.getAttribute("aria-sort") === "ascending";
    const body = table.tBodies[0];
    const value = (row) => row.cells[column].dataset.sort;
    const known = [...body.rows].filter((row) => value(row) !== "");
    const silent = [...body.rows].filter((row) => value(row) === "");
    known.sort((one, other) => (descending ? -1 : 1) * order(value(one), value(other)));
    body.append(...known, ...silent);
    for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
  };

  const hints = () => {
    for (const hint of document.querySelectorAll(".hint")) {
      const box = hint.nextElementSibling;
      hint.hidden = box.scrollWidth <= box.clientWidth;
    }
  };

  for (const table of document.querySelectorAll("table[data-sortable]")) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent;
      button.addEventListener("click", () => sort(table, column, heading));
      heading.replaceChildren(button);
    });
  }
  hints();
  window.addEventListener("resize", hints);
})();
