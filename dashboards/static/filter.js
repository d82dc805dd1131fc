// A box that leaves of the folded tables of a section those in which all of its words occur, and of their rows too.
(() => {
  "use strict";
  const { fill, exact, settings } = Cambrian;
  const name = "filter";
  const { found, all } = settings(name);
  const input = document.getElementById(`${name}-text`);
  const status = document.getElementById(`${name}-status`);
  const tables = [...document.getElementById(name).closest("section").querySelectorAll("details")].map((details) => ({
    details,
    title: details.querySelector("summary").textContent.toLowerCase(),
    rows: [...details.querySelectorAll("tbody tr")].map((row) => [row, row.textContent.toLowerCase()]),
  }));

  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (text) => words.every((word) => text.includes(word));
    let shown = 0;
    let columns = 0;
    for (const { details, title, rows } of tables) {
      const isWhole = has(title);
      let matching = 0;
      for (const [row, text] of rows) {
        row.hidden = !(isWhole || has(text));
        if (!row.hidden) matching += 1;
      }
      details.hidden = matching === 0;
      details.open = words.length > 0 && !isWhole && matching > 0;
      if (!details.hidden) shown += 1;
      columns += matching;
    }
    status.textContent = fill(words.length ? found : all, { tables: exact(shown), columns: exact(columns) });
  };

  input.closest("[hidden]").hidden = false;
  input.addEventListener("input", show);
  show();
})();
