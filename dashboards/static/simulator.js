// What is lost if organizations stop, for any choice, from marts.shutdown_exposure and marts.shutdown_freeze.
// The arithmetic is that of `cambrian shutdown`; a test holds the two together.
(() => {
  "use strict";
  const FIGURES = ["gone", "broken", "lost_now", "stranded", "never_born_any", "never_born_all"];
  const NORMAL_95 = 1.959963984540054;
  const HORIZON_DAYS = 365;
  const { fill, percent, percentRange, range, exact, count, cut } = Cambrian;
  const rounded = (number, places) => Number(number.toFixed(places));

  // Delete -----------------------------------------------------------------------------------------------

  // Reads families of sets ("3+17|5") once: where each family's sets begin, and where each set's members do.
  const compile = (shard) => {
    const families = [0];
    const sets = [0];
    const members = [];
    const unknown = shard.organizations.indexOf("unknown");
    const isOpen = new Uint8Array(shard.sets.length);
    shard.sets.forEach((text, place) => {
      for (const part of text ? text.split("|") : []) {
        for (const code of part.split("+")) {
          if (Number(code) === unknown) isOpen[place] = 1;
          members.push(Number(code));
        }
        sets.push(members.length);
      }
      families.push(sets.length - 1);
    });
    const columns = { ...shard };
    for (const name of ["universe", "uploader", "upstream", "paths", "needs", "losses", "family"]) {
      if (shard[name]) columns[name] = Int32Array.from(shard[name]);
    }
    for (const name of ["models", "derivatives", "downloads_30d"]) columns[name] = Float64Array.from(shard[name], (amount) => amount ?? 0);
    const code = new Map(shard.organizations.map((organization, place) => [organization, place]));
    return { ...columns, families: Int32Array.from(families), starts: Int32Array.from(sets), members: Int32Array.from(members), unknown, isOpen, code };
  };

  // Says of each family whether a set of it is whole among those that stop, and whether each set meets them.
  const judge = (compiled, stops) => {
    const { families, starts, members } = compiled;
    const whole = new Uint8Array(families.length - 1);
    const met = new Uint8Array(families.length - 1);
    for (let family = 0; family < whole.length; family += 1) {
      let isEachMet = 1;
      for (let set = families[family]; set < families[family + 1]; set += 1) {
        let isWhole = 1;
        let isMet = 0;
        for (let member = starts[set]; member < starts[set + 1]; member += 1) {
          if (stops[members[member]]) isMet = 1; else isWhole = 0;
        }
        if (isWhole) whole[family] = 1;
        if (!isMet) isEachMet = 0;
      }
      met[family] = isEachMet;
    }
    return { whole, met };
  };

  const marks = (compiled, organizations) => {
    const stops = new Uint8Array(compiled.organizations.length);
    for (const organization of organizations) {
      const place = compiled.code.get(organization);
      if (place !== undefined) stops[place] = 1;
    }
    return stops;
  };

  // Adds up each figure, for sure and at most; `by` holds the sure amounts of each uploader.
  const lose = (compiled, organizations, universe, weight) => {
    const stops = marks(compiled, organizations);
    const sure = judge(compiled, stops);
    const more = stops.slice();
    if (compiled.unknown >= 0) more[compiled.unknown] = 1;
    const most = judge(compiled, more);
    const { uploader, upstream, paths, needs, losses, isOpen, models } = compiled;
    const wanted = universe === "all" ? -1 : compiled.universes.indexOf(universe);
    const amounts = compiled[weight];
    const lower = new Float64Array(6);
    const upper = new Float64Array(6);
    const by = { lost: new Float64Array(stops.length), unborn: new Float64Array(stops.length), total: new Float64Array(stops.length) };
    let total = 0;
    let open = 0;
    let listed = 0;
    for (let row = 0; row < amounts.length; row += 1) {
      if (universe !== "all" && compiled.universe[row] !== wanted) continue;
      const amount = amounts[row];
      const who = uploader[row];
      listed += models[row];
      total += amount;
      by.total[who] += amount;
      if (isOpen[upstream[row]]) open += amount;
      const isGone = stops[who];
      const isBroken = !isGone && sure.whole[needs[row]];
      if (isGone) {
        lower[0] += amount;
        upper[0] += amount;
      } else {
        if (isBroken) lower[1] += amount;
        if (most.whole[needs[row]]) upper[1] += amount;
        if (!isBroken && sure.whole[losses[row]]) lower[3] += amount;
        if (!isBroken && most.whole[losses[row]]) upper[3] += amount;
      }
      if (isGone || isBroken) by.lost[who] += amount;
      if (sure.met[upstream[row]]) {
        lower[4] += amount;
        by.unborn[who] += amount;
      }
      if (most.met[upstream[row]]) upper[4] += amount;
      if (sure.met[paths[row]]) lower[5] += amount;
      if (most.met[paths[row]]) upper[5] += amount;
    }
    lower[2] = lower[0] + lower[1];
    upper[2] = upper[0] + upper[1];
    const figures = {};
    FIGURES.forEach((name, place) => {
      figures[name] = { lower: lower[place], upper: upper[place], lower_share: rounded(lower[place] / total, 9), upper_share: rounded(upper[place] / total, 9) };
    });
    return { total, models: listed, uncertain_share: rounded(open / total, 9), figures, by };
  };

  // What would never have been born, by the family of the root: pairs of name and amount, the most first.
  const unbornFamilies = (compiled, organizations, universe, weight) => {
    const { met } = judge(compiled, marks(compiled, organizations));
    const wanted = universe === "all" ? -1 : compiled.universes.indexOf(universe);
    const sums = new Float64Array(compiled.names.length);
    const amounts = compiled[weight];
    for (let row = 0; row < amounts.length; row += 1) {
      if (universe !== "all" && compiled.universe[row] !== wanted) continue;
      if (met[compiled.upstream[row]]) sums[compiled.family[row]] += amounts[row];
    }
    return ranked(compiled.names.map((name, place) => [name, sums[place]]), 1);
  };

  const ranked = (rows, column) => rows.filter((row) => row[column] > 0)
    .sort((one, other) => other[column] - one[column] || (one[0] < other[0] ? -1 : 1));

  // Freeze -----------------------------------------------------------------------------------------------

  // rows: organization, releases, loss, its error, counted, undated, reason and its values.
  const freeze = (rows, organizations, substitution) => {
    const known = new Map(rows.map((row) => [row[0], row]));
    const own = organizations.map((organization) => known.get(organization) ?? [organization, null, null, null, 0, 0, "no_derivative", {}]);
    const left = 1 - substitution;
    const sum = (value) => own.reduce((before, row) => before + value(row), 0);
    const counted = sum((row) => row[4]) * left;
    const past = { lower: counted, upper: counted + sum((row) => row[5]) * left };
    const reasons = own.map((row) => [row[0], row[6], row[7]]);
    if (own.some((row) => row[2] === null)) return { estimate: null, past, reasons };
    const loss = sum((row) => row[2]);
    const [lower, upper] = interval(loss, Math.sqrt(sum((row) => row[3] ** 2)));
    const scaled = (number) => rounded(number * left, 6);
    return { estimate: { loss: scaled(loss), lower: scaled(lower), upper: scaled(upper) }, past, reasons };
  };

  const interval = (loss, error) => {
    if (loss <= 0) return [loss, loss];
    const variance = Math.log1p((error / loss) ** 2);
    const middle = Math.log(loss) + variance / 2;
    const spread = NORMAL_95 * Math.sqrt(variance);
    return [Math.exp(middle - spread), Math.exp(middle + spread)];
  };

  Cambrian.shutdown = { compile, lose, unbornFamilies, freeze };

  // The page ---------------------------------------------------------------------------------------------

  const name = "simulator";
  const widget = document.getElementById(name);
  const settings = Cambrian.settings(name);
  const words = settings.words;
  const one = (selector, within = widget) => within.querySelector(selector);
  const all = (selector, within = widget) => [...within.querySelectorAll(selector)];
  const organizations = new Map(settings.organizations.map(([id, title, country, funding]) => [id, { id, title, country, funding }]));
  const listing = new Intl.ListFormat(Cambrian.language === "zh" ? "zh" : "en-GB");
  const [search, options, chips, trouble] = ["#simulator-search", "#simulator-options", ".chips", "[data-trouble]"].map((selector) => one(selector));
  const slider = one("#simulator-substitution");

  const element = (tag, text = "", attributes = {}) => {
    const made = document.createElement(tag);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  // What is chosen, and in the address -------------------------------------------------------------------

  const listOf = (scope) => settings.lists.find((list) => list.scope === scope);
  const start = () => ({ stop: [...settings.chosen], kind: "delete", list: settings.lists[0].scope, freezeList: settings.freezes[0]?.scope, weight: null, universe: null, evidence: null, substitution: 0 });
  const state = start();

  // What cannot be had of a list gives way to what can.
  const settle = () => {
    const list = listOf(state.list) ?? settings.lists[0];
    state.list = list.scope;
    if (!list.universes.some(([universe]) => universe === state.universe)) state.universe = list.universe;
    if (!Object.hasOwn(list.shards, state.evidence)) [state.evidence] = Object.keys(list.shards);
    if (!Object.hasOwn(settings.weights, state.weight)) state.weight = "downloads";
    if (state.weight === "downloads" && !list.told.includes(state.universe)) state.weight = "models";
    if (!settings.freezes.some(({ scope }) => scope === state.freezeList)) state.freezeList = settings.freezes[0]?.scope;
    if (state.kind === "freeze" && !settings.freezes.length) state.kind = "delete";
  };
  const read = () => {
    const parameters = Cambrian.state.read(name);
    Object.assign(state, start());
    if (!["kind", "stop"].some((key) => parameters.has(key))) {
      settle();
      return false;
    }
    state.stop = parameters.getAll("stop").filter((id, place, ids) => organizations.has(id) && ids.indexOf(id) === place);
    if (["delete", "freeze", "platform"].includes(parameters.get("kind"))) state.kind = parameters.get("kind");
    state[state.kind === "freeze" ? "freezeList" : "list"] = parameters.get("list");
    for (const key of ["weight", "universe", "evidence"]) state[key] = parameters.get(key);
    const substitution = Number(parameters.get("substitution"));
    if (substitution >= 0 && substitution <= 1) state.substitution = substitution;
    settle();
    return true;
  };
  const parameters = () => {
    const made = new URLSearchParams({ kind: state.kind });
    if (state.kind !== "platform") state.stop.forEach((id) => made.append("stop", id));
    made.set("list", state.kind === "freeze" ? state.freezeList : state.list);
    for (const key of state.kind === "freeze" ? ["substitution"] : state.kind === "delete" ? ["weight", "universe", "evidence"] : []) made.set(key, state[key]);
    return made;
  };

  // Answers in words -------------------------------------------------------------------------------------

  const paragraph = (sentences) => sentences.join(Cambrian.language === "zh" ? "" : " ");
  const who = () => {
    const same = settings.choices.find(([, , ids]) => ids.length === state.stop.length && ids.every((id) => state.stop.includes(id)));
    if (same) return same[1];
    const names = state.stop.map((id) => cut(organizations.get(id).title, 40));
    return names.length <= 4 ? listing.format(names) : fill(words.others, { names: names.slice(0, 3).join(", "), n: exact(names.length - 3) });
  };
  const what = () => fill(words[state.weight], { universe: listOf(state.list).universes.find(([key]) => key === state.universe)[1] });
  const deletedWords = (answer) => {
    const { lost_now: lost, never_born_any: unborn } = answer.figures;
    const span = (figure) => percentRange(figure.lower_share, figure.upper_share);
    const sentence = fill(words[state.stop.length === 1 ? "delete_one" : "delete_other"], {
      who: who(), lost: span(lost), what: what(), list: listOf(state.list).name, left: percentRange(1 - lost.upper_share, 1 - lost.lower_share), unborn: span(unborn) });
    const evidence = words.evidence[state.evidence];
    const bounds = answer.uncertain_share ? fill(words.bounds, { open: percent(answer.uncertain_share), evidence }) : fill(words.no_bounds, { evidence });
    return paragraph([sentence, bounds]);
  };
  const frozenWords = (answer, list) => {
    const substitution = state.substitution ? percent(state.substitution) : words.nothing;
    const first = answer.estimate
      ? fill(words.freeze, { who: who(), day: list.day, loss: count(answer.estimate.loss), list: list.name, range: range(count(answer.estimate.lower), count(answer.estimate.upper)), substitution })
      : fill(words.not_estimable, { who: who(), list: list.name });
    const parts = [first];
    if (answer.estimate && answer.reasons.some(([, reason]) => reason === "illustration")) parts.push(words.illustration);
    const { lower, upper } = answer.past;
    parts.push(fill(words.counted, { day: list.day, counted: range(exact(rounded(lower, 1)), exact(rounded(upper, 1))), flow: exact(list.flow), share: percentRange(lower / list.flow, upper / list.flow), substitution }));
    return paragraph(parts);
  };

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
      const row = element("tr");
      row.append(element("th", cut(title, 60), { scope: "row" }), ...cells.map((cell) => element("td", cell, { class: "number" })));
      return row;
    }));
    if (!rows.length) body.append(element("tr", words.none_hit));
  };

  const grouped = (compiled, { by }, total, key) => {
    const groups = new Map();
    compiled.organizations.forEach((id, place) => {
      if (!by.total[place]) return;
      const registered = organizations.get(id);
      const value = registered ? registered[key] ?? "" : key === "funding" ? "unregistered" : "";
      const group = groups.get(value) ?? [value, 0, 0, 0];
      group[1] += by.lost[place];
      group[2] += by.unborn[place];
      group[3] += by.total[place];
      groups.set(value, group);
    });
    const title = (value) => (key === "country" ? settings.countries[value] ?? words.no_country : words.funding[value] ?? value);
    return ranked([...groups.values()], 2).slice(0, settings.top)
      .map(([value, lost, unborn, own]) => [title(value), percent(lost / total), percent(unborn / total), percent(unborn / own)]);
  };

  const showDeleted = (answer, compiled) => {
    const { figures, total } = answer;
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
    for (const key of ["country", "funding"]) rowsInto(one(`[data-hit="${key}"]`), grouped(compiled, answer, total, key));
  };
  const showFamilies = (compiled, total) => {
    const rows = unbornFamilies(compiled, state.stop, state.universe, settings.weights[state.weight]).slice(0, settings.top);
    rowsInto(one('[data-hit="family"]'), rows.map(([title, amount]) => [title || words.no_family, percent(amount / total)]));
  };
  const showFrozen = (answer, list) => {
    const { lower, upper } = answer.past;
    const share = percentRange(lower / list.flow, upper / list.flow);
    setBar("counted", fill(words.at_share, { share, count: range(exact(rounded(lower, 1)), exact(rounded(upper, 1))) }), { unborn: lower / list.flow, perhaps: (upper - lower) / list.flow });
    const { estimate } = answer;
    setBar("estimate", estimate ? fill(words.estimate, { loss: count(estimate.loss), range: range(count(estimate.lower), count(estimate.upper)) }) : words.no_estimate,
      { unborn: estimate ? estimate.lower / list.flow : 0, perhaps: estimate ? (estimate.upper - estimate.lower) / list.flow : 0 });
    const told = answer.reasons.filter(([, reason]) => reason !== "estimated" && reason !== "illustration");
    one(".reasons").replaceChildren(...told.slice(0, 12).map(([id, reason, values]) => element("li",
      fill(words.because, { name: cut(organizations.get(id).title, 40), reason: fill(words.reasons[reason], values) }))));
    if (told.length > 12) one(".reasons").append(element("li", fill(words.rest, { n: exact(told.length - 12) })));
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
      facts = { ...common(), as_of_date: list.day, scope: list.scope, universe: state.universe, weight, evidence: state.evidence, ...answer };
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
      const share = held.share ?? held.copied / held.models;
      facts = { ...common(), scope: list.scope, as_of_date: list.day, models: held.models, copied_share: held.share };
      const unit = held.share === null ? words.platform_models : words.platform_downloads;
      say(fill(words.platform, { models: exact(held.models), list: list.name, copied: percent(share), unit }));
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
    select.replaceChildren(...pairs.map(([key, text]) => element("option", text, { value: key })));
    select.value = value;
  };
  const showChips = () => {
    chips.replaceChildren(...state.stop.slice(0, 40).map((id) => {
      const chip = element("li");
      const { title } = organizations.get(id);
      const button = element("button", cut(title, 40), { type: "button", "aria-label": fill(words.remove, { name: title }), "data-drop": id });
      chip.append(button);
      return chip;
    }));
    if (state.stop.length > 40) chips.append(element("li", fill(words.rest, { n: exact(state.stop.length - 40) })));
  };
  const showControls = () => {
    const isFreeze = state.kind === "freeze";
    const list = listOf(state.list);
    const select = (key) => one(`[data-set="${key}"]`);
    fillSelect(select("universe"), list.universes, state.universe);
    const lists = isFreeze ? settings.freezes : state.kind === "platform" ? settings.lists.filter(({ scope }) => scope in settings.platform) : settings.lists;
    fillSelect(select("list"), lists.map(({ scope, label }) => [scope, label]), isFreeze ? state.freezeList : state.list);
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
    one("[data-csv]").hidden = state.kind === "platform";
    one("[data-link]").href = `#${name}?${parameters()}`;
    showChips();
  };
  const change = (changes, isFinal = true) => {
    Object.assign(state, changes);
    if (state.kind === "platform" && !(state.list in settings.platform)) [state.list] = Object.keys(settings.platform);
    settle();
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
      const option = element("div", cut(title, 60), { role: "option", id: `simulator-option-${settings.organizations.findIndex(([other]) => other === id)}`, "aria-selected": String(state.stop.includes(id)), "data-option": id });
      if (country) option.append(element("span", settings.countries[country]));
      return option;
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

  const csv = () => {
    const about = ["organizations", "scope", "as_of_date", "universe", "weight", "evidence", "substitution"].filter((key) => key in facts);
    const tail = about.map((key) => (key === "organizations" ? facts[key].join("+") : facts[key]));
    const rows = facts.kind === "delete"
      ? Object.entries(facts.figures).map(([key, figure]) => [key, figure.lower, figure.upper, figure.lower_share, figure.upper_share, facts.total])
      : [["counted", facts.past_year.lower, facts.past_year.upper, facts.past_year.lower / facts.past_year.flow, facts.past_year.upper / facts.past_year.flow, facts.past_year.flow],
        ...(facts.estimate ? [["estimate", facts.estimate.lower, facts.estimate.upper, "", "", ""]] : [])];
    const lines = [["figure", "lower", "upper", "lower_share", "upper_share", "total", ...about], ...rows.map((row) => [...row, ...tail])];
    Cambrian.download("cambrian-shutdown.csv", Cambrian.csv(lines), "text/csv");
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
    select.addEventListener("change", () => change({ [select.dataset.set === "list" && state.kind === "freeze" ? "freezeList" : select.dataset.set]: select.value }));
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
    one(".outcome").scrollIntoView(); // the controls that have just come would push it away
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
