// The table of all models of a list: DataTables shows, sorts and pages; words and choices are sought here, for
// DataTables reads what it seeks in as HTML. All text from the data goes through textContent.
(() => {
  "use strict";
  const { fill, exact, percent, cut, shard, state } = Cambrian;
  const settings = Cambrian.settings("models");
  const texts = settings.texts;
  const section = "search";
  const widget = document.getElementById("models");
  const status = document.getElementById("models-status");
  const panel = document.getElementById("models-panel");
  const control = (name) => document.getElementById(`models-${name}`);
  const lists = new Map(settings.lists.map((one) => [one.scope, one]));

  const element = (name, text, options = {}) => {
    const made = Object.assign(document.createElement(name), options);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const address = (id) => settings.source + id.split("/").map(encodeURIComponent).join("/");
  const link = (id, length = 60) => {
    const made = element("a", cut(id, length), { href: address(id) });
    if (id.length > length) made.title = id;
    return made;
  };

  // Rows -------------------------------------------------------------------------------------------------

  const name = (column, place) => (column.rows[place] < 0 ? "" : column.names[column.rows[place]]);
  const originWords = (ends) => {
    const named = ends.map(([who, share]) => [who === "unknown" ? texts.unknown : who, share]);
    return named.length === 1 ? named[0][0] : named.map(([who, share]) => `${who} ${percent(share)}`).join(", ");
  };
  const unpack = (value, part) => value.ids.map((id, place) => {
    const row = { part, id, parents: value.parents[place], downloads_30d: value.downloads_30d[place], likes: value.likes[place], created: value.created[place] ?? "" };
    for (const column of ["organization", "task", "universe", "class", "base", "family", "license", "basis"]) row[column] = name(value[column], place);
    row.ends = name(value.origins, place) || [];
    row.origins = originWords(row.ends);
    row.text = [id, row.organization, row.task, row.base, row.family, row.license].join("\n").toLowerCase();
    return row;
  });

  // Columns ----------------------------------------------------------------------------------------------

  const silent = (why = texts.unknown) => element("span", "–", { title: why });
  const short = (text, length = 40) => (text ? element("span", cut(text, length), text.length > length ? { title: text } : {}) : silent());
  const number = (value) => (value === null ? silent() : document.createTextNode(exact(value)));
  const lineageButton = (row) => {
    const button = element("button", texts.lineage, { type: "button", className: "lineage" });
    button.setAttribute("aria-label", fill(texts.lineage_of, { model: row.id }));
    return button;
  };
  const shown = {
    model: (row) => link(row.id),
    organization: (row) => (row.organization ? short(row.organization) : silent(texts.account)),
    downloads_30d: (row) => number(row.downloads_30d),
    likes: (row) => number(row.likes),
    class: (row) => element("span", settings.classes[row.class] ?? row.class, { title: settings.meanings[row.class] ?? "" }),
    base: (row) => (row.base ? link(row.base, 48) : document.createTextNode(row.basis === "register" ? texts.scratch : texts.no_base)),
    lineage: lineageButton,
  };
  const keys = { model: (row) => row.id, class: (row) => settings.classes[row.class] ?? row.class };
  const numeric = new Set(["downloads_30d", "likes"]);
  const column = (key) => ({
    name: key,
    type: "known",
    searchable: false,
    orderable: key !== "lineage",
    orderSequence: numeric.has(key) ? ["desc", "asc"] : ["asc", "desc"],
    className: numeric.has(key) ? "number" : "",
    data: (row, kind) => {
      if (kind === "display") return shown[key] ? shown[key](row) : short(row[key]);
      const value = keys[key] ? keys[key](row) : row[key];
      return typeof value === "string" ? value.toLowerCase() : value ?? "";
    },
  });
  // What is not known comes last in either direction.
  const order = (direction) => (one, other) => {
    if (one === other) return 0;
    if (one === "" || other === "") return one === "" ? 1 : -1;
    return one < other ? -direction : direction;
  };
  DataTable.type("known", { detect: () => false, order: { pre: (value) => value, asc: order(1), desc: order(-1) } });

  // The table --------------------------------------------------------------------------------------------

  const frame = document.getElementById("models-table");
  const box = frame.closest(".scroll");
  frame.tHead.rows[0].prepend(element("th", settings.headings.lineage, { scope: "col" }));

  let wanted = { words: [], universe: "", class: "" };
  const matches = (row) => (!wanted.universe || row.universe === wanted.universe)
    && (!wanted.class || row.class === wanted.class) && wanted.words.every((word) => row.text.includes(word));
  let current = lists.get(settings.preset);
  let loaded = 0;
  const info = (_, start, end, __, total) => {
    const values = { start: exact(start), end: exact(end), total: exact(total), all: exact(current.models) };
    const isSought = wanted.words.length || wanted.universe || wanted.class;
    if (!total) return texts.table.info_none;
    return fill(isSought ? texts.table.info_found : texts.table.info, isSought ? values : { ...values, total: exact(current.models) });
  };

  let table = null;
  const make = (rows, sorted) => {
    table = new DataTable(frame, {
      data: rows,
      columns: settings.columns.map(column),
      order: sorted,
      autoWidth: false, // measuring would read texts as HTML
      pageLength: 25,
      search: { smart: false },
      infoCallback: info,
      layout: { topStart: null, topEnd: null, bottomStart: "info", bottomEnd: { paging: { buttons: 5 } } },
      language: {
        emptyTable: texts.table.empty,
        zeroRecords: texts.table.empty,
        aria: {
          orderable: `: ${texts.table.sort}`, orderableReverse: `: ${texts.table.sort_reverse}`, orderableRemove: `: ${texts.table.sort_remove}`,
          paginate: { first: texts.table.first, previous: texts.table.previous, next: texts.table.next, last: texts.table.last, number: "" },
        },
        paginate: { first: "«", previous: "‹", next: "›", last: "»" },
      },
    });
    table.search.fixed("chosen", (_, row) => matches(row)).draw(); // a list of one part is not drawn again
    widget.querySelector(".table-foot").append(...box.querySelectorAll(".dt-layout-row:not(.dt-layout-table)"));
    table.on("order.dt", () => { if (ready) sought(); });
    table.on("page.dt", () => { if (ready) whole(); });
  };
  let ready = false;

  // Parts ------------------------------------------------------------------------------------------------

  const tell = () => {
    if (loaded >= current.parts) {
      status.textContent = "";
      return;
    }
    const button = element("button", texts.load, { type: "button" });
    button.addEventListener("click", () => whole());
    status.replaceChildren(`${fill(texts.partial, { done: exact(table.rows().count()), all: exact(current.models) })} `, button);
  };
  const part = (one, place) => shard(`models-${one.number}-${place}`).then((value) => unpack(value, place));

  let turn = 0; // each opening of a list takes one: what comes late of an earlier one is dropped
  let opening = null;
  let loading = null;
  const whole = () => {
    loading ??= (async () => {
      const mine = turn;
      try {
        await opening;
        if (mine !== turn || loaded >= current.parts) return;
        while (loaded < current.parts) {
          status.textContent = fill(texts.loading, { done: exact(table.rows().count()), all: exact(current.models) });
          const rows = await part(current, loaded);
          if (mine !== turn) return;
          table.rows.add(rows);
          loaded += 1;
        }
        status.textContent = "";
        table.draw(false);
      } catch {
        if (mine === turn) status.textContent = texts.failed;
      } finally {
        if (mine === turn) loading = null;
      }
    })();
    return loading;
  };

  // Says whether the list stands there: not if another was opened meanwhile.
  const opened = async (one, sorted, mine) => {
    const rows = await part(one, 0).catch((error) => { if (mine === turn) throw error; });
    if (mine !== turn) return false;
    current = one;
    loaded = 1;
    control("list").value = one.scope;
    control("note").textContent = one.note;
    frame.caption.textContent = one.title;
    box.setAttribute("aria-label", one.title);
    if (table) table.clear().rows.add(rows).draw();
    else make(rows, sorted);
    tell();
    return true;
  };
  const open = (scope, sorted) => {
    turn += 1;
    loading = null;
    const answer = opened(lists.get(scope) ?? lists.get(settings.preset), sorted, turn);
    opening = answer.catch(() => {}); // the list before it stays, and can be searched on
    return answer;
  };

  // Choice, kept in the address --------------------------------------------------------------------------

  let shownModel = "";
  const write = () => {
    const parameters = new URLSearchParams();
    const values = { list: current.scope === settings.preset ? "" : current.scope, q: control("words").value.trim(), universe: wanted.universe, class: wanted.class, model: shownModel };
    for (const [key, value] of Object.entries(values)) if (value) parameters.set(key, value);
    const [first] = table.order();
    if (first) parameters.set("sort", `${settings.columns[first[0]]}-${first[1]}`);
    state.write(section, parameters);
  };
  const sortedFrom = (parameters) => {
    const [key, direction] = (parameters.get("sort") ?? "").split("-");
    const place = settings.columns.indexOf(key);
    return place < 0 || key === "lineage" || !["asc", "desc"].includes(direction) ? [] : [[place, direction]];
  };
  const isChosen = () => wanted.words.length > 0 || wanted.universe !== "" || wanted.class !== "" || table.order().length > 0;
  const sought = async () => {
    write();
    if (isChosen()) await whole();
  };
  const choose = () => {
    wanted = { words: control("words").value.toLowerCase().split(/\s+/).filter(Boolean), universe: control("universe").value, class: control("class").value };
  };
  const seek = async () => {
    choose();
    if (!table) return; // it will come as is chosen now
    table.draw();
    await sought();
  };
  let timer = 0;
  control("words").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(seek, 150);
  });
  control("universe").addEventListener("change", seek);
  control("class").addEventListener("change", seek);
  control("list").addEventListener("change", async (event) => {
    try {
      if (await open(event.target.value, [])) await seek();
    } catch {
      control("list").value = current.scope;
      status.textContent = texts.failed;
    }
  });
  widget.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    seek();
  });

  // Lineage of one model ---------------------------------------------------------------------------------

  const MOST = 200;
  const lines = (value, row) => {
    const start = value.ids.indexOf(row.id);
    const above = new Map();
    for (const edge of value.edges) above.set(edge[0], [...(above.get(edge[0]) ?? []), edge]);
    const seen = new Set();
    let left = 0;
    const item = ([, parent, relation, evidence]) => {
      const id = value.ids[parent];
      const made = element("li");
      const relationWords = texts.relations[value.relations[relation]] ?? value.relations[relation];
      const evidenceWords = texts.evidence[value.evidence[evidence]] ?? value.evidence[evidence];
      made.append(link(id, 80), ` · ${fill(texts.edge, { relation: relationWords, evidence: evidenceWords })}`);
      const who = name(value.organization, parent);
      if (who) made.append(` · ${who}`);
      if (value.named_only.includes(parent)) made.append(` · ${texts.named_only}`);
      if (seen.has(parent)) {
        if (above.has(parent)) made.append(` (${texts.above})`);
        return made;
      }
      seen.add(parent);
      if (above.has(parent)) made.append(list(parent));
      else made.append(` · ${fill(texts.root, { basis: texts.basis[name(value.basis, parent)] ?? texts.no_lineage })}`);
      return made;
    };
    const list = (child) => {
      const made = element("ul");
      for (const edge of above.get(child)) {
        if (seen.size < MOST) made.append(item(edge));
        else left += 1;
      }
      return made;
    };
    const whole = list(start);
    return left ? [whole, element("p", fill(texts.more, { n: exact(left) }), { className: "note" })] : [whole];
  };

  const facts = (row) => {
    const made = element("dl", undefined, { className: "facts" });
    for (const key of settings.columns.filter((one) => !["model", "lineage", "origins"].includes(one))) {
      const pair = element("div");
      const meaning = element("dd");
      meaning.append(key === "class" && settings.meanings[row.class] ? settings.meanings[row.class] : (shown[key] ?? ((one) => short(one[key], 80)))(row));
      pair.append(element("dt", settings.headings[key]), meaning);
      made.append(pair);
    }
    return made;
  };
  const origins = (row) => {
    const made = element("ul");
    for (const [who, share] of row.ends) made.append(element("li", fill(texts.share, { who: who === "unknown" ? texts.unknown : who, share: percent(share) })));
    return made;
  };
  const show = async (row) => {
    shownModel = row.id;
    write();
    document.getElementById("models-panel-title").textContent = fill(texts.lineage_of, { model: row.id });
    const body = panel.querySelector(".panel-body");
    const source = element("p");
    source.append(element("a", texts.source, { href: address(row.id) }));
    if (row.family) source.append(" · ", element("a", fill(texts.family_tree, { family: row.family }), { href: `families.html#tree?${new URLSearchParams({ family: row.family, model: row.id })}` }));
    const above = element("div", Cambrian.words.loading);
    body.replaceChildren(source, element("h4", texts.line), above, element("h4", texts.origin), origins(row), element("h4", texts.facts), facts(row));
    if (!panel.open) panel.showModal();
    panel.scrollTop = 0;
    if (!row.parents) {
      above.replaceChildren(element("p", `${texts.no_line} ${texts.basis[row.basis] ?? texts.no_lineage}`));
      return;
    }
    try {
      above.replaceChildren(...lines(await shard(`models-${current.number}-${row.part}-lineage`), row));
    } catch {
      above.textContent = Cambrian.words.failed;
    }
  };
  panel.querySelector(".close").addEventListener("click", () => panel.close());
  panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
  panel.addEventListener("close", () => {
    shownModel = "";
    write();
  });
  frame.addEventListener("click", (event) => {
    const place = event.target.closest("tbody tr");
    if (!place || event.target.closest("a") || String(window.getSelection())) return;
    const row = table.row(place).data();
    if (!row) return;
    place.querySelector("button.lineage").focus(); // where the focus returns to
    show(row);
  });

  // Beginning --------------------------------------------------------------------------------------------

  const begin = async () => {
    const parameters = state.read(section);
    widget.querySelector("form").hidden = false;
    for (const key of ["universe", "class"]) {
      const value = parameters.get(key) ?? "";
      if ([...control(key).options].some((option) => option.value === value)) control(key).value = value;
    }
    control("words").value = parameters.get("q") ?? "";
    choose();
    ready = false;
    if (!await open(parameters.get("list") ?? settings.preset, sortedFrom(parameters))) return;
    if (table.order().join() !== sortedFrom(parameters).join()) table.order(sortedFrom(parameters)).draw();
    ready = true;
    if (isChosen()) await sought();
    const model = parameters.get("model");
    if (!model) return;
    const find = () => table.rows((_, row) => row.id === model).data()[0];
    if (!find()) await whole();
    const row = find();
    if (row) show(row);
    else status.textContent = fill(texts.gone, { model: cut(model, 80) });
  };
  const start = () => begin().catch(() => { status.textContent = Cambrian.words.failed; });
  window.addEventListener("hashchange", () => { if (location.hash.startsWith(`#${section}?`)) start(); });
  start();
})();
