// The simulator on the page of shutdowns: what is chosen, in the address too, and its answer in words, bars and
// tables. Not here: the arithmetic, which is shutdown.js.
(() => {
  "use strict";
  const HORIZON_DAYS = 365;
  const { fill, percent, percentRange, range, exact, count, cut } = Cambrian;
  const { compile, lose, unbornFamilies, hit, freeze } = Cambrian.shutdown;
  const name = "simulator";
  const widget = document.getElementById(name);
  const settings = Cambrian.settings(name);
  const words = settings.words;
  const one = (selector, within = widget) => within.querySelector(selector);
  const all = (selector, within = widget) => [...within.querySelectorAll(selector)];
  const organizations = new Map(settings.organizations.map(([id, title, country, funding]) => [id, { id, title, country, funding }]));
  const listing = new Intl.ListFormat(Cambrian.language === "zh" ? "zh" : "en-GB");
  const [search, options, chips, trouble, mended] = ["#simulator-search", "#simulator-options", ".chips", "[data-trouble]", "[data-mended]"].map((selector) => one(selector));
  const slider = one("#simulator-substitution");

  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  // What is chosen, and in the address -------------------------------------------------------------------

  const listOf = (scope) => settings.lists.find((list) => list.scope === scope);
  const start = () => ({ stop: [...settings.chosen], kind: "delete", list: settings.lists[0].scope, freezeList: settings.freezes[0]?.scope, weight: null, universe: null, evidence: null, substitution: 0 });
  const state = start();

  // What cannot be had gives way to what can; gives what to say of that. What nobody asked for is null.
  const settle = () => {
    const told = [];
    const give = (key, value, wordOf) => {
      if (state[key] !== null) told.push(fill(words.mended, { wanted: wordOf(state[key]), instead: wordOf(value) }));
      state[key] = value;
    };
    const kinds = ["delete", ...(settings.freezes.length ? ["freeze"] : []), ...(Object.keys(settings.platform).length ? ["platform"] : [])];
    if (!kinds.includes(state.kind)) give("kind", "delete", (kind) => (Object.hasOwn(words.kinds, kind) ? words.kinds[kind] : cut(kind, 40)));
    const lists = offered();
    const key = keyOfList();
    if (!lists.some(({ scope }) => scope === state[key])) {
      if (state[key] !== null) told.push(fill(words.mended_list, { list: lists[0].name }));
      state[key] = lists[0].scope;
    }
    const list = listOf(state.list);
    const fits = {
      universe: [list.universes.map(([universe]) => universe), list.universe],
      evidence: [Object.keys(list.shards), Object.keys(list.shards)[0]],
    };
    for (const [name, [values, instead]] of Object.entries(fits)) if (!values.includes(state[name])) give(name, instead, wordOf[name]);
    const weights = Object.keys(settings.weights).filter((weight) => weight !== "downloads" || list.told.includes(state.universe));
    if (!weights.includes(state.weight)) give("weight", weights[0] === "downloads" ? "downloads" : "models", wordOf.weight);
    return told;
  };
  const optionWord = (key) => (value) => [...one(`[data-set="${key}"]`).options].find((option) => option.value === value)?.textContent ?? cut(value, 40);
  const universeWords = new Map(settings.lists.flatMap((list) => list.universes));
  const wordOf = { weight: optionWord("weight"), evidence: optionWord("evidence"), universe: (universe) => universeWords.get(universe) ?? cut(universe, 40) };
  const keyOfList = () => (state.kind === "freeze" ? "freezeList" : "list");
  const offered = () => ({ freeze: settings.freezes, platform: settings.lists.filter(({ scope }) => scope in settings.platform) }[state.kind] ?? settings.lists);

  // A link names the list with its day, since another release may have a newer one; older links have no day.
  const LIST = /^(?<scope>.*)@(?<day>\d{4}-\d\d-\d\d)$/;
  const read = () => {
    const parameters = Cambrian.state.read(name);
    Object.assign(state, start());
    if (!["kind", "stop"].some((key) => parameters.has(key))) {
      tell(settle());
      return false;
    }
    const wanted = [...new Set(parameters.getAll("stop"))];
    state.stop = wanted.filter((id) => organizations.has(id));
    const lost = wanted.filter((id) => !organizations.has(id)).map((id) => cut(id, 40));
    const told = lost.length ? [fill(words.lost, { names: several(lost) })] : [];
    for (const key of ["kind", "weight", "universe", "evidence"]) state[key] = parameters.get(key) ?? state[key];
    const { scope, day } = LIST.exec(parameters.get("list"))?.groups ?? { scope: parameters.get("list") };
    state[keyOfList()] = scope;
    const substitution = Number(parameters.get("substitution"));
    if (substitution >= 0 && substitution <= 1) state.substitution = substitution;
    told.push(...settle());
    const list = offered().find((one) => one.scope === state[keyOfList()]);
    if (day && list.scope === scope && list.date !== day) told.push(fill(words.mended_day, { day, list: list.name }));
    tell(told);
    return true;
  };
  const tell = (told) => {
    mended.textContent = paragraph(told);
    mended.hidden = !told.length;
  };
  const parameters = () => {
    const made = new URLSearchParams({ kind: state.kind });
    if (state.kind !== "platform") state.stop.forEach((id) => made.append("stop", id));
    const { scope, date } = offered().find((list) => list.scope === state[keyOfList()]);
    made.set("list", `${scope}@${date}`);
    for (const key of state.kind === "freeze" ? ["substitution"] : state.kind === "delete" ? ["weight", "universe", "evidence"] : []) made.set(key, state[key]);
    return made;
  };

  // Answers in words -------------------------------------------------------------------------------------

  const paragraph = (sentences) => sentences.filter(Boolean).join(Cambrian.language === "zh" ? "" : " ");
  const who = () => {
    const same = settings.choices.find(([, , ids]) => ids.length === state.stop.length && ids.every((id) => state.stop.includes(id)));
    return same ? same[1] : several(state.stop.map((id) => cut(organizations.get(id).title, 40)));
  };
  const listed = (names) => listing.format(names).replace(/和(?=[!-~])/, "和 ").replace(/(?<=[!-~])和/, " 和"); // as dashboards/language.py
  const several = (names) => (names.length <= 4 ? listed(names) : fill(words.others, { names: names.slice(0, 3).join(", "), n: exact(names.length - 3) }));
  const what = () => fill(words[state.weight], { universe: listOf(state.list).universes.find(([key]) => key === state.universe)[1] });
  const deletedWords = (answer) => {
    const { lost_now: lost, never_born_any: unborn } = answer.figures;
    const span = (figure) => percentRange(figure.lower_share, figure.upper_share);
    const sentence = fill(words[state.stop.length === 1 ? "delete_one" : "delete_other"], {
      who: who(), lost: span(lost), what: what(), list: listOf(state.list).name, left: percentRange(1 - lost.upper_share, 1 - lost.lower_share), unborn: span(unborn) });
    const evidence = words.evidence[state.evidence];
    const bounds = answer.uncertain_share ? fill(words.bounds, { open: percent(answer.uncertain_share), evidence }) : fill(words.no_bounds, { evidence });
    const telling = state.weight === "downloads" ? listOf(state.list).telling : "";
    return paragraph([sentence, telling, bounds]);
  };
  const frozenWords = (answer, list) => {
    const substitution = state.substitution ? percent(state.substitution) : words.nothing;
    const first = answer.estimate
      ? fill(words.freeze, { who: who(), day: list.day, loss: count(answer.estimate.loss), list: list.name, range: range(count(answer.estimate.lower), count(answer.estimate.upper)), substitution })
      : fill(words.not_estimable, { who: who(), list: list.name });
    const parts = [first];
    if (answer.estimate && answer.reasons.some(([, reason]) => reason === "illustration")) parts.push(words.illustration);
    parts.push(fill(words.counted, { day: list.day, flow: exact(list.flow), substitution, ...pastWords(answer, list) }));
    return paragraph(parts);
  };
  const pastWords = ({ past: { lower, upper } }, { flow }) => ({
    counted: range(...[lower, upper].map((number) => exact(Number(number.toFixed(1))))),
    share: percentRange(lower / flow, upper / flow),
  });

  // Answers as bars and tables ---------------------------------------------------------------------------

  const width = (bar, part, share) => { one(`[data-part="${part}"]`, bar).style.width = `${100 * Math.max(0, Math.min(1, share))}%`; };
  const setBar = (key, text, parts, note) => {
    const bar = one(`[data-bar="${key}"]`);
    one("[data-text]", bar).textContent = text;
    for (const [part, share] of Object.entries(parts)) width(bar, part, share);
    if (note) one("[data-note]", bar).textContent = note;
  };
  const rowsInto = (table, rows) => {
    const body = table.tBodies[0];
    body.replaceChildren(...rows.map(([title, ...cells]) => {
      const numbers = cells.map((cell) => element("td", { class: "number" }, cell));
      return element("tr", {}, element("th", { scope: "row" }, cut(title, 60)), ...numbers);
    }));
    if (!rows.length) body.append(element("tr", {}, element("td", { colspan: table.tHead.rows[0].cells.length }, words.none_hit)));
  };

  const TRAITS = {
    country: [(id) => organizations.get(id)?.country ?? "", (value) => settings.countries[value] ?? words.no_country],
    funding: [(id) => (organizations.has(id) ? organizations.get(id).funding ?? "" : "unregistered"), (value) => words.funding[value] ?? value],
  };
  const hitRows = (compiled, { by, total }, [traitOf, title]) => hit(compiled, by, traitOf).slice(0, settings.top)
    .map(([value, lost, unborn, own]) => [title(value), percent(lost / total), percent(unborn / total), percent(unborn / own)]);

  const showDeleted = (answer, compiled) => {
    const { figures } = answer;
    const span = (key) => percentRange(figures[key].lower_share, figures[key].upper_share);
    const more = (key) => figures[key].upper_share - figures[key].lower_share;
    setBar("lost_now", span("lost_now"), { gone: figures.gone.lower_share, broken: figures.broken.lower_share, perhaps: more("lost_now") },
      fill(words.lost_now_note, { gone: span("gone"), broken: span("broken"), left: percentRange(1 - figures.lost_now.upper_share, 1 - figures.lost_now.lower_share) }));
    setBar("stranded", span("stranded"), { stranded: figures.stranded.lower_share, perhaps: more("stranded") });
    setBar("never_born_any", span("never_born_any"), { unborn: figures.never_born_any.lower_share, perhaps: more("never_born_any") });
    for (const row of all("[data-figure]")) {
      const figure = figures[row.dataset.figure];
      const values = [figure.lower_share, figure.upper_share, figure.lower, figure.upper];
      [...row.cells].slice(1).forEach((cell, place) => {
        cell.textContent = place < 2 ? percent(values[place]) : exact(values[place]);
        cell.title = String(values[place]);
      });
    }
    for (const [key, trait] of Object.entries(TRAITS)) rowsInto(one(`[data-hit="${key}"]`), hitRows(compiled, answer, trait));
  };
  const showFamilies = (compiled, total) => {
    const rows = unbornFamilies(compiled, state.stop, state.universe, settings.weights[state.weight]).slice(0, settings.top);
    rowsInto(one('[data-hit="family"]'), rows.map(([title, amount]) => [title || words.no_family, percent(amount / total)]));
  };
  const showFrozen = (answer, list) => {
    const { lower, upper } = answer.past;
    setBar("counted", fill(words.at_share, pastWords(answer, list)), { unborn: lower / list.flow, perhaps: (upper - lower) / list.flow });
    const { estimate } = answer;
    setBar("estimate", estimate ? fill(words.estimate, { loss: count(estimate.loss), range: range(count(estimate.lower), count(estimate.upper)) }) : words.no_estimate,
      { unborn: estimate ? estimate.lower / list.flow : 0, perhaps: estimate ? (estimate.upper - estimate.lower) / list.flow : 0 });
    const told = answer.reasons.filter(([, reason]) => reason !== "estimated" && reason !== "illustration");
    one(".reasons").replaceChildren(...told.slice(0, 12).map(([id, reason, values]) => element("li", {},
      fill(words.because, { name: cut(organizations.get(id).title, 40), reason: fill(words.reasons[reason], values) }))));
    if (told.length > 12) one(".reasons").append(element("li", {}, fill(words.rest, { n: exact(told.length - 12) })));
  };

  let facts = null; // what `cambrian shutdown --json` gives for the same choice
  Cambrian.shutdown.facts = () => facts;

  const common = () => ({ kind: state.kind, organizations: [...state.stop] });
  const say = (sentence) => {
    one("[data-sentence]").textContent = sentence;
    trouble.hidden = true;
    one(".outcome").classList.remove("silent");
  };
  // What stands there is of another choice, so it goes; while a table loads it stays, and is soon replaced.
  const stop = (text, isSilent = true) => {
    facts = null;
    trouble.textContent = text;
    trouble.hidden = false;
    one(".outcome").classList.toggle("silent", isSilent);
  };

  const answers = {
    delete: (tables) => {
      const list = listOf(state.list);
      const [compiled, families] = tables;
      const weight = settings.weights[state.weight];
      const { by, ...answer } = lose(compiled, state.stop, state.universe, weight);
      if (!answer.total) {
        stop(fill(words.untold, { what: what() }));
        return;
      }
      facts = { ...common(), as_of_date: list.date, scope: list.scope, universe: state.universe, weight, evidence: state.evidence, ...answer };
      say(deletedWords(answer));
      showDeleted({ ...answer, by }, compiled);
      showFamilies(families, answer.total);
    },
    freeze: ([rows]) => {
      const list = settings.freezes.find(({ scope }) => scope === state.freezeList);
      const answer = freeze(rows.find(({ scope }) => scope === list.scope).rows, state.stop, state.substitution);
      facts = { ...common(), as_of_date: list.date, scope: list.scope, weight: "derivatives", horizon_days: HORIZON_DAYS, substitution: state.substitution, estimate: answer.estimate, past_year: { flow: list.flow, ...answer.past } };
      say(frozenWords(answer, list));
      showFrozen(answer, list);
    },
    platform: () => {
      const list = listOf(state.list);
      const held = settings.platform[list.scope];
      if (!held) {
        stop(fill(words.untold, { what: words.platform_downloads }));
        return;
      }
      const share = held.copied_share ?? held.copied / held.models;
      facts = { ...common(), scope: list.scope, as_of_date: list.date, ...held };
      const unit = held.copied_share === null ? words.platform_models : words.platform_downloads;
      const sentence = fill(words.platform, { models: exact(held.models), list: list.name, copied: percent(share), unit });
      say(paragraph([sentence, list.telling]));
      setBar("platform", percent(1), { sure: 1, perhaps: 0 });
      setBar("copied", percent(share), { sure: share, perhaps: 0 });
      setBar("elsewhere", words.unknown, { sure: 0, perhaps: 1 });
    },
  };

  // Tables are loaded and read once; what is there answers at once -------------------------------------

  const loaded = new Map();
  const load = (shard, make) => {
    if (!loaded.has(shard)) {
      loaded.set(shard, Cambrian.shard(shard).then((value) => { loaded.set(shard, { value: make(value) }); }).catch((error) => {
        loaded.delete(shard); // so that it can be asked for again
        throw error;
      }));
    }
    return loaded.get(shard);
  };
  const needed = () => {
    const shard = listOf(state.list).shards[state.evidence];
    return { delete: [[shard, compile], [`${shard}-families`, compile]], freeze: [["shutdown-freeze", (rows) => rows]], platform: [] }[state.kind];
  };
  let turn = 0;
  const answer = () => {
    turn += 1;
    const mine = turn;
    if (state.kind !== "platform" && !state.stop.length) {
      stop(words.nobody);
      return;
    }
    const tables = needed().map(([shard, make]) => load(shard, make));
    const waits = tables.filter((table) => table instanceof Promise);
    if (!waits.length) {
      answers[state.kind](tables.map(({ value }) => value));
      widget.setAttribute("data-answered", "");
      return;
    }
    stop(words.loading, one(".outcome").classList.contains("silent"));
    Promise.all(waits).then(() => { if (mine === turn) answer(); }, () => { if (mine === turn) stop(Cambrian.words.failed); });
  };

  // Controls ---------------------------------------------------------------------------------------------

  const fillSelect = (select, pairs, value) => {
    select.replaceChildren(...pairs.map(([key, text]) => element("option", { value: key }, text)));
    select.value = value;
  };
  const showChips = () => {
    chips.replaceChildren(...state.stop.slice(0, 40).map((id) => {
      const { title } = organizations.get(id);
      const label = fill(words.remove, { name: title });
      return element("li", {}, element("button", { type: "button", "aria-label": label, "data-drop": id }, cut(title, 40)));
    }));
    if (state.stop.length > 40) chips.append(element("li", {}, fill(words.rest, { n: exact(state.stop.length - 40) })));
  };
  const showControls = () => {
    const list = listOf(state.list);
    const select = (key) => one(`[data-set="${key}"]`);
    fillSelect(select("universe"), list.universes, state.universe);
    fillSelect(select("list"), offered().map(({ scope, label }) => [scope, label]), state[keyOfList()]);
    for (const key of ["weight", "evidence"]) select(key).value = state[key];
    for (const option of select("evidence").options) option.disabled = !(option.value in list.shards);
    for (const option of select("weight").options) option.disabled = option.value === "downloads" && !list.told.includes(state.universe);
    for (const radio of all('[name="simulator-kind"]')) {
      radio.checked = radio.value === state.kind;
      radio.disabled = (radio.value === "freeze" && !settings.freezes.length) || (radio.value === "platform" && !Object.keys(settings.platform).length);
    }
    for (const label of all("[data-for]")) label.hidden = !label.dataset.for.split(" ").includes(state.kind);
    for (const part of all(".picker, .presets")) part.hidden = state.kind === "platform";
    slider.value = state.substitution;
    one("output").textContent = percent(state.substitution);
    for (const button of all("[data-preset]")) {
      const [, , ids] = settings.choices.find(([key]) => key === button.dataset.preset);
      button.setAttribute("aria-pressed", String(ids.length === state.stop.length && ids.every((id) => state.stop.includes(id))));
    }
    for (const pane of all("[data-pane]")) pane.hidden = pane.dataset.pane !== state.kind;
    one("[data-link]").href = `#${name}?${parameters()}`;
    showChips();
  };
  const change = (changes, isFinal = true) => {
    Object.assign(state, changes);
    tell(settle());
    showControls();
    if (isFinal) Cambrian.state.write(name, parameters()); // browsers allow few writes a second
    answer();
  };
  const toggle = (id) => change({ stop: state.stop.includes(id) ? state.stop.filter((other) => other !== id) : [...state.stop, id] });

  // The list under the search box: a listbox that the box controls, as the ARIA practices describe it.
  let active = -1;
  const matches = () => {
    const wanted = search.value.trim().toLocaleLowerCase();
    return [...organizations.values()].filter(({ id, title, country }) => !wanted || [id, title, settings.countries[country] ?? ""].some((text) => text.toLocaleLowerCase().includes(wanted)) || country?.toLowerCase() === wanted);
  };
  const activate = (place) => {
    const items = [...options.children];
    if (!items.length) return;
    active = (place + items.length) % items.length;
    items.forEach((item, other) => item.classList.toggle("active", other === active));
    items[active].scrollIntoView({ block: "nearest" });
    search.setAttribute("aria-activedescendant", items[active].id);
  };
  const open = () => {
    const before = options.scrollTop;
    const found = matches();
    options.replaceChildren(...found.map(({ id, title, country }) => {
      const place = settings.organizations.findIndex(([other]) => other === id);
      const attributes = { role: "option", id: `simulator-option-${place}`, "aria-selected": String(state.stop.includes(id)), "data-option": id };
      return element("div", attributes, cut(title, 60), ...(country ? [element("span", {}, settings.countries[country])] : []));
    }));
    options.hidden = !found.length;
    search.setAttribute("aria-expanded", String(found.length > 0));
    search.removeAttribute("aria-activedescendant");
    one("[data-found]").textContent = fill(words.found, { n: exact(found.length) });
    options.scrollTop = before;
  };
  const close = () => {
    options.hidden = true;
    active = -1;
    search.setAttribute("aria-expanded", "false");
    search.removeAttribute("aria-activedescendant");
  };
  const take = (id) => {
    const place = active;
    toggle(id);
    open();
    if (place >= 0) activate(place);
  };
  search.addEventListener("input", () => { active = -1; open(); });
  search.addEventListener("click", () => { if (options.hidden) open(); });
  search.addEventListener("blur", close);
  search.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: active + 1, ArrowUp: active < 0 ? -1 : active - 1 };
    if (event.key in moves) {
      event.preventDefault();
      if (options.hidden) open();
      activate(moves[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const item = options.children[active] ?? (options.children.length === 1 ? options.children[0] : null);
      if (item && !options.hidden) take(item.dataset.option);
    } else if (event.key === "Escape") {
      close();
    }
  });
  options.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the box keeps the focus
    const item = event.target.closest("[data-option]");
    if (item) take(item.dataset.option);
  });

  // Each row stands alone: what is the same for all of them is in every one.
  const ROWS = {
    delete: ({ figures, total }) => Object.entries(figures).map(([key, figure]) => [key, "", figure.lower, figure.upper, figure.lower_share, figure.upper_share, total]),
    freeze: ({ past_year: { lower, upper, flow }, estimate }) => [["counted", "", lower, upper, lower / flow, upper / flow, flow],
      ...(estimate ? [["estimate", estimate.loss, estimate.lower, estimate.upper, "", "", ""]] : [])],
    platform: ({ models, copied, downloads_30d: downloads, copied_downloads_30d: least }) => [["models", "", models, models, 1, 1, models],
      ["copied_models", "", copied, "", copied / models, "", models], ...(downloads ? [["copied_downloads_30d", "", least, "", least / downloads, "", downloads]] : [])],
  };
  const csv = () => {
    const list = listOf(facts.scope);
    const about = { kind: facts.kind, organizations: facts.kind === "platform" ? "" : facts.organizations.join("+"), scope: facts.scope, as_of_date: facts.as_of_date,
      universe: facts.universe ?? "all", weight: facts.weight, evidence: facts.evidence ?? (facts.kind === "freeze" ? "curated" : ""), substitution: facts.substitution,
      models: list?.models, models_with_downloads: list?.tells };
    const written = (value) => (typeof value === "number" ? Number(value.toFixed(9)) : value); // without the dust of floats
    const rows = ROWS[facts.kind](facts).map((row) => [...row.map(written), ...Object.values(about).map((value) => value ?? "")]);
    Cambrian.download("cambrian-shutdown.csv", Cambrian.csv([["figure", "value", "lower", "upper", "lower_share", "upper_share", "total", ...Object.keys(about)], ...rows]), "text/csv");
  };

  widget.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.preset) change({ stop: [...settings.choices.find(([key]) => key === button.dataset.preset)[2]] });
    if (button.dataset.drop) {
      const place = state.stop.indexOf(button.dataset.drop);
      toggle(button.dataset.drop);
      (all("[data-drop]")[place] ?? search).focus();
    }
    if ("csv" in button.dataset && facts) csv();
  });
  for (const select of all("[data-set]")) {
    select.addEventListener("change", () => change({ [select.dataset.set === "list" ? keyOfList() : select.dataset.set]: select.value }));
  }
  for (const radio of all('[name="simulator-kind"]')) radio.addEventListener("change", () => change({ kind: radio.value }));
  slider.addEventListener("input", () => change({ substitution: Number(slider.value) }, false));
  slider.addEventListener("change", () => change({ substitution: Number(slider.value) }));
  window.addEventListener("hashchange", () => {
    if (location.hash.slice(1).split("?")[0] !== name || !read()) return; // the link of a figure keeps the choice
    showControls();
    answer();
  });

  for (const part of all(".controls, .scripted-only, [data-link]")) part.hidden = false;
  for (const part of all(".scriptless")) part.hidden = true;
  const isGiven = read();
  showControls();
  if (isGiven) {
    answer();
    (mended.hidden ? one(".outcome") : mended).scrollIntoView(); // the controls that have just come would push it away
  } else {
    // The page came with the answer for the first choice: the table waits until the simulator is near, a large
    // one until it is touched.
    const fetchTables = () => needed().forEach(([shard, make]) => load(shard, make));
    for (const touch of ["pointerover", "focusin"]) widget.addEventListener(touch, fetchTables, { once: true });
    const near = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      if (state.kind === "delete" && listOf(state.list).isSmall && !widget.hasAttribute("data-answered")) answer();
    }, { rootMargin: "300px" });
    near.observe(widget);
  }
})();
