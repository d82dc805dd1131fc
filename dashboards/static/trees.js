// The explorer of families: the tree of one as an icicle and, for everybody, as a table with links; and the
// family's growth against others. A tree loads when its family is chosen.
(() => {
  "use strict";
  const { fill, exact, inert, cut, shard, state } = Cambrian;
  const settings = Cambrian.settings("trees");
  const texts = settings.texts;
  const section = "tree";
  const widget = document.getElementById("trees");
  const box = widget.querySelector(".explorer");
  const plot = document.getElementById("trees-plot");
  const growthPlot = document.getElementById("trees-growth-plot");
  const control = (name) => document.getElementById(`trees-${name}`);
  const families = new Map(settings.families.map((one) => [one.family, one]));
  if (!families.size) return;
  const FAMILY = -1; // stands for the family itself, where no model is meant
  const WIDTHS = [30, 20, 12]; // children that are drawn of a node at most, by depth below the one looked into
  const LEAST_DRAWN = 3; // pixels; what is lower goes into the field of those not drawn
  const LEAST_NAMED = 16;
  const MOST_UNNAMED = 0.3;
  const PAGE = 50;

  const element = (name, text, options = {}) => {
    const made = Object.assign(document.createElement(name), options);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const link = (id, length = 70) => {
    const made = element("a", cut(id, length), { href: settings.source + id.split("/").map(encodeURIComponent).join("/") });
    if (id.length > length) made.title = id;
    return made;
  };
  const button = (text, act) => {
    const made = element("button", text, { type: "button" });
    made.addEventListener("click", act);
    return made;
  };
  const sentences = (...parts) => parts.filter(Boolean).join(Cambrian.language === "zh" ? "" : " ");
  const day = (text) => new Date(text).toLocaleDateString(Cambrian.language === "zh" ? "zh-CN" : "en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  const models = (n) => fill(texts.models, { n: exact(n) });

  // The tree ---------------------------------------------------------------------------------------------

  let family = null;
  let tree = null; // the shard, with the children of each node
  let node = FAMILY;
  let pages = 1;

  const named = (column, place) => (column.rows[place] < 0 ? "" : column.names[column.rows[place]]);
  const prepare = (value) => {
    const children = new Map([[FAMILY, []]]);
    value.parents.forEach((parent, place) => {
      if (!children.has(parent)) children.set(parent, []);
      children.get(parent).push(place);
    });
    const only = new Set(value.named_only);
    return {
      ...value, children: (place) => children.get(place) ?? [],
      size: (place) => (place === FAMILY ? value.models : value.sizes[place]),
      name: (place) => (place === FAMILY ? family.family : value.ids[place]),
      // A model that begins the tree names a parent of another family, or none.
      relation: (place) => (value.parents[place] === FAMILY ? "" : named(value.relation, place)),
      isNamedOnly: (place) => only.has(place),
    };
  };
  const sum = (places) => places.reduce((total, place) => total + tree.size(place), 0);
  const below = (place) => (place === FAMILY ? tree.models : tree.size(place) - 1);
  const relationWords = (place) => {
    const relation = tree.relation(place);
    if (!relation) return texts.begins;
    const evidence = named(tree.evidence, place);
    return fill(texts.edge, { relation: texts.relations[relation] ?? relation, evidence: texts.evidence[evidence] ?? evidence });
  };
  // Without the account where it is that of the model before it.
  const short = (place) => {
    const id = tree.name(place);
    if (place === FAMILY) return id;
    const [account] = id.split("/");
    const isSame = tree.parents[place] === FAMILY || tree.name(tree.parents[place]).split("/")[0] === account;
    return isSame && account.length < id.length - 1 ? id.slice(account.length + 1) : id;
  };
  const hover = (place) => {
    const parts = [tree.name(place)];
    if (place !== FAMILY) parts.push(relationWords(place));
    parts.push(fill(texts.facts, { relation: named(tree.organization, place) || texts.unregistered, below: models(below(place)) }));
    return parts.map((part) => inert(cut(part, 160))).join("<br>");
  };

  // What is drawn below a node of some height, and how high: in proportion to what hangs below each; but what is
  // not drawn by name takes a part of at most MOST_UNNAMED, so that many small models do not hide the large ones.
  const shares = (place, depth, height) => {
    const all = below(place);
    let drawn = tree.children(place).slice(0, WIDTHS[depth]);
    for (;;) {
      const size = sum(drawn);
      const unnamed = Math.min(1 - size / all, drawn.length ? MOST_UNNAMED : 1);
      const each = (child) => (tree.size(child) / size) * (1 - unnamed) * height;
      const visible = drawn.filter((child) => each(child) >= LEAST_DRAWN);
      if (visible.length === drawn.length) return { drawn: drawn.map((child) => [child, each(child)]), rest: all - size, height: unnamed * height };
      drawn = visible;
    }
  };
  const fields = (top, depths, height) => {
    const trace = { ids: [], labels: [], text: [], parents: [], values: [], colors: [], customdata: [] };
    const add = (id, text, parent, value, colour, words) => {
      trace.ids.push(id);
      trace.labels.push(text);
      trace.text.push(value < LEAST_NAMED ? "" : text);
      trace.parents.push(parent);
      trace.values.push(value);
      trace.colors.push(colour);
      trace.customdata.push(words);
    };
    const visit = (place, parent, depth, tall) => {
      const id = String(place);
      add(id, inert(cut(short(place), 44)), parent, tall, settings.colours[place === FAMILY ? "" : tree.relation(place)] ?? settings.colours.unspecified, hover(place));
      if (depth >= depths || !below(place)) return;
      const parts = shares(place, depth, tall * 0.999); // a sum above its whole is not drawn
      for (const [child, high] of parts.drawn) visit(child, id, depth + 1, high);
      if (parts.rest <= 0) return;
      const words = inert(fill(texts.more, { n: exact(parts.rest) }));
      add(`more ${place}`, words, id, parts.height, settings.colours.more, words);
    };
    visit(top, "", 0, height);
    return trace;
  };

  let isBound = false;
  const draw = async () => {
    const top = node === FAMILY || tree.children(node).length ? node : tree.parents[node];
    const phone = window.matchMedia("(max-width: 600px)").matches;
    const height = phone ? 480 : 600;
    const { colors, ...trace } = fields(top, phone ? 2 : 3, height);
    await Cambrian.draw(plot, [{
      type: "icicle", ...trace, branchvalues: "total", sort: false, marker: { colors, line: { width: 0.5, color: "rgba(70,78,86,0.6)" } },
      tiling: { orientation: "h", pad: 0 }, leaf: { opacity: 1 }, pathbar: { visible: false }, textfont: { color: "#1b2026", size: 12 },
      hovertemplate: "%{customdata}<extra></extra>", textinfo: "text",
    }], { height, margin: { l: 0, r: 0, t: 0, b: 0 } });
    if (isBound || !plot.on) return;
    isBound = true;
    plot.on("plotly_icicleclick", (event) => {
      const [, more, place] = /^(more )?(-?\d+)$/.exec(event.points[0].id) ?? [];
      if (place === undefined) return false;
      const wanted = Number(place);
      if (more && node === wanted) pages += 1;
      look(wanted === node && !more && node !== FAMILY ? tree.parents[node] : wanted, more && node === wanted ? pages : 1);
      return false;
    });
  };

  const path = () => {
    const steps = [];
    for (let place = node; place !== FAMILY; place = tree.parents[place]) steps.unshift(place);
    const items = [FAMILY, ...steps].map((place) => {
      const name = cut(tree.name(place), 40);
      return place === node ? element("strong", name) : button(name, () => look(place));
    });
    const list = element("ol");
    for (const one of items) {
      const item = element("li");
      item.append(one);
      list.append(item);
    }
    widget.querySelector(".path").replaceChildren(list);
  };

  const facts = () => {
    if (node === FAMILY) return [];
    const line = element("p");
    line.append(link(tree.ids[node], 120), ` · ${fill(texts.facts, { relation: relationWords(node), below: models(below(node)) })}`);
    const who = named(tree.organization, node);
    if (who) line.append(` · ${who}`);
    if (tree.isNamedOnly(node)) line.append(` · ${texts.named_only}`);
    if (tree.known_parents[node] > 1) line.append(` · ${fill(texts.parents, { n: exact(tree.known_parents[node]) })}`);
    return [line];
  };
  const row = (place) => {
    const made = element("tr");
    const name = element("td");
    name.append(link(tree.ids[place], 46));
    const under = element("td", undefined, { className: "number" });
    if (below(place)) {
      const open = button(exact(below(place)), () => look(place));
      open.setAttribute("aria-label", `${fill(texts.look, { model: tree.ids[place] })} (${models(below(place))})`);
      under.append(open);
    } else under.textContent = "0";
    const downloads = tree.downloads_30d[place];
    made.append(name, under, element("td", tree.relation(place) ? texts.relations[tree.relation(place)] ?? tree.relation(place) : texts.begins),
      element("td", cut(named(tree.organization, place) || texts.unregistered, 28)), element("td", downloads === null ? "–" : exact(downloads), { className: "number" }),
      element("td", named(tree.downloads_date, place) || "–"));
    return made;
  };
  const table = () => {
    const places = tree.children(node);
    const label = fill(texts.children, { model: node === FAMILY ? family.family : cut(tree.ids[node], 80) });
    if (!below(node)) return [element("p", texts.leaf, { className: "note" })];
    const made = element("table");
    const head = element("tr");
    for (const [key, kind] of [["model", ""], ["below", "number"], ["relation", ""], ["uploader", ""], ["downloads", "number"], ["downloads_day", ""]]) head.append(element("th", texts[key], { scope: "col", className: kind }));
    made.append(element("caption", label), element("thead"), element("tbody"));
    made.tHead.append(head);
    made.tBodies[0].append(...places.slice(0, PAGE * pages).map(row));
    const scroll = element("div", undefined, { className: "scroll", tabIndex: 0 });
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", label);
    scroll.append(made);
    const parts = places.length ? [scroll] : [];
    if (places.length) parts.push(element("p", texts.downloads_note, { className: "note" }));
    const foot = element("p", undefined, { className: "note" });
    const left = places.length - PAGE * pages;
    if (left > 0) foot.append(fill(texts.more, { n: exact(left) }), " ", button(texts.show_more, () => { pages += 1; chosen(); }));
    const hidden = below(node) - sum(places);
    if (hidden > 0) foot.append(`${left > 0 ? " · " : ""}${fill(texts.more_hidden, { n: exact(hidden) })}`);
    return foot.childNodes.length ? [...parts, foot] : parts;
  };
  const chosen = () => widget.querySelector(".chosen").replaceChildren(...facts(), ...table());

  const write = () => {
    const parameters = new URLSearchParams({ family: family.family });
    if (node !== FAMILY) parameters.set("model", tree.ids[node]);
    if (control("measure").value !== "derivatives") parameters.set("measure", control("measure").value);
    if (control("list").dataset.chosen) parameters.set("list", control("list").value);
    state.write(section, parameters);
  };
  const look = (place, page = 1) => {
    node = place;
    pages = page;
    path();
    chosen();
    write();
    return draw();
  };

  const summary = (text) => { widget.querySelector(".summary").textContent = text; };
  let turn = 0;
  let asked = null; // the family that was asked for last: it stands there as soon as its tree has come
  const choose = async (one, model, isQuiet) => {
    turn += 1;
    const mine = turn;
    asked = one;
    control("family").value = one.family;
    summary(Cambrian.words.loading);
    let value;
    try {
      value = await shard(`family-${one.number}`);
    } catch {
      if (mine !== turn) return;
      asked = null; // it can be asked for again
      summary(Cambrian.words.failed);
      return;
    }
    if (mine !== turn) return;
    family = one;
    tree = prepare(value);
    const hidden = tree.models - tree.ids.length;
    const capped = hidden > 0 ? fill(texts.capped, { shown: exact(tree.ids.length), hidden: exact(hidden) }) : "";
    summary(sentences(fill(texts.summary, { family: one.family, organization: one.organization, models: models(one.models), seen: settings.seen, derivatives: exact(one.derivatives) }), capped));
    node = model ? tree.ids.indexOf(model) : FAMILY; // -1, the family, for a model that is not there
    pages = 1;
    path();
    chosen();
    if (!isQuiet) write();
    // Plotly takes its time: where hardly any of the tree is in the first view, it comes when somebody does.
    if (plot.getBoundingClientRect().top > window.innerHeight - 150) await Cambrian.woken;
    if (mine === turn) await Promise.all([draw(), grow()]);
  };

  // Growth -----------------------------------------------------------------------------------------------

  const MEASURES = { derivatives: 2, authors: 3, downloads_30d: 4 };
  const LEAST = 10;
  const lines = (rows, column) => {
    const found = new Map();
    for (const one of rows) {
      if (!(one[column] > 0)) continue;
      if (!found.has(one[0])) found.set(one[0], []);
      found.get(one[0]).push(one);
    }
    return found;
  };
  const offer = (growth) => {
    const reach = (key) => Math.max(0, ...(growth[key] ?? []).filter((one) => one[0] === family.family).map((one) => one[2]));
    const offered = settings.lists.filter((one) => reach(one.key) > 0);
    const before = control("list").dataset.chosen;
    control("list").replaceChildren(...offered.map((one) => element("option", one.title, { value: one.key })));
    const best = offered.reduce((one, other) => (one && reach(one.key) >= reach(other.key) ? one : other), null);
    if (best) control("list").value = offered.some((one) => one.key === before) ? before : best.key;
    return offered.length > 0;
  };
  const growthWords = (all, measure, column) => {
    const own = all.get(family.family);
    if (!own) return fill(texts.growth_none, { family: family.family });
    const last = own.at(-1);
    const values = [...all.values()].map((line) => line.find((one) => one[1] === last[1])?.[column]).filter((value) => value !== undefined);
    const words = fill(values.length > 1 ? texts.growth : texts.growth_alone, {
      family: family.family, n: exact(last[column]), measure: settings.measures[measure], days: exact(last[1]), release: day(last[6]),
      place: exact(1 + values.filter((value) => value > last[column]).length), families: exact(values.length),
    });
    return last[5] ? sentences(words, fill(texts.growth_undated, { n: exact(last[5]) })) : words;
  };
  const grow = async () => {
    const growth = await shard("family-growth").catch(() => null);
    const isThere = Boolean(growth) && offer(growth);
    box.querySelector(".growth .controls").hidden = !isThere;
    growthPlot.hidden = !isThere;
    if (!growth) {
      control("growth-words").textContent = Cambrian.words.failed;
      return;
    }
    const measure = control("measure").value;
    const column = MEASURES[measure];
    const all = isThere ? lines(growth[control("list").value], column) : new Map();
    const about = settings.lists.find((one) => one.key === control("list").value);
    const list = about ? [fill(texts.of_list, { list: about.title }), about.is_partial ? texts.partial : ""] : [];
    control("growth-words").textContent = sentences(growthWords(all, measure, column), ...list);
    if (!isThere) return;
    const trace = (name, line, isOwn) => ({
      type: "scatter", mode: isOwn ? "lines+markers" : "lines", x: line.map((one) => one[1]), y: line.map((one) => one[column]),
      line: isOwn ? { color: family.colour, width: 3 } : { color: "rgba(128,136,144,0.45)", width: 1.5 },
      customdata: line.map((one) => `${inert(cut(name, 60))}<br>${exact(one[column])} ${settings.measures[measure]}, ${exact(one[1])} ${settings.axis}`),
      hovertemplate: "%{customdata}<extra></extra>",
    });
    const least = measure === "derivatives" ? LEAST : 1;
    const others = [...all].filter(([name, line]) => name !== family.family && line.at(-1)[column] >= least);
    others.sort((one, other) => other[1].at(-1)[column] - one[1].at(-1)[column]);
    const own = all.get(family.family);
    const label = (name, line, font) => ({ text: inert(cut(name, 22)), x: line.at(-1)[1], y: Math.log10(line.at(-1)[column]), xanchor: "left", xshift: 6, showarrow: false, font });
    const heights = own ? [Math.log10(own.at(-1)[column])] : [];
    const annotations = own ? [label(family.family, own, { size: 13, weight: 650 })] : [];
    for (const [name, line] of others.slice(0, 5)) {
      const height = Math.log10(line.at(-1)[column]);
      if (heights.some((other) => Math.abs(other - height) < 0.12)) continue;
      heights.push(height);
      annotations.push(label(name, line, { size: 11 }));
    }
    const longest = Math.max(1, ...[...all.values()].map((line) => line.at(-1)[1]));
    await Cambrian.draw(growthPlot, [...others.slice(0, 40).map(([name, line]) => trace(name, line, false)), ...(own ? [trace(family.family, own, true)] : [])], {
      height: 380, showlegend: false, annotations, xaxis: { title: { text: settings.axis }, range: [0, 1.22 * longest] },
      yaxis: { type: "log", dtick: 1, title: { text: settings.measures[measure] } },
    });
  };

  // Beginning --------------------------------------------------------------------------------------------

  const find = (text) => {
    const wanted = text.trim().toLowerCase();
    if (!wanted) return null;
    const all = [...families.values()];
    return all.find((one) => one.family.toLowerCase() === wanted) ?? all.find((one) => one.family.toLowerCase().startsWith(wanted)) ?? all.find((one) => `${one.family} ${one.organization}`.toLowerCase().includes(wanted)) ?? null;
  };
  const sought = () => {
    const one = find(control("family").value);
    if (!one) summary(texts.none);
    else if (one !== asked) choose(one);
    else control("family").value = one.family;
  };
  widget.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    sought();
  });
  control("family").addEventListener("change", sought);
  control("family").addEventListener("input", () => { if (families.has(control("family").value)) sought(); });
  control("family").addEventListener("focus", (event) => event.target.select());
  const regrow = () => {
    if (!family) return; // the first will be drawn as is chosen now
    write();
    grow();
  };
  control("list").addEventListener("change", () => {
    control("list").dataset.chosen = control("list").value;
    regrow();
  });
  control("measure").addEventListener("change", regrow);

  const begin = () => {
    const parameters = state.read(section);
    const measure = parameters.get("measure");
    if (Object.hasOwn(MEASURES, measure)) control("measure").value = measure;
    control("list").dataset.chosen = parameters.get("list") ?? "";
    const one = families.get(parameters.get("family")) ?? families.get(settings.preset);
    return choose(one, parameters.get("model"), !parameters.has("family"));
  };
  box.hidden = false;
  window.addEventListener("hashchange", () => {
    if (!state.read(section).has("family")) return;
    document.getElementById(section).scrollIntoView();
    begin();
  });
  begin();
})();
