// The denominator switchboard: sums the rows of marts.dependence_cube as the switches say, and says the result.
(() => {
  "use strict";
  const root = document.getElementById("board");
  if (!root) return;
  const { lists, start, presets, countries, colours, texts } = Cambrian.settings("board");
  const { fill, percent, percentRange, count, exact } = Cambrian;
  const SECTION = "switchboard";
  const find = (name) => document.getElementById(`board-${name}`);
  const CLASSES = { uploader: ["first_party", "derived", "unknown", "independent"], origin: ["well_funded", "unknown", "other"] };
  const SHOWN = { class: [["organization", 8], ["country", 8]], organization: [["organization", 20]], country: [["country", 20]],
    legal_form: [["legal_form", 20]], funding: [["funding", 20]] };
  const DEPENDENT = { uploader: ["first_party", "derived"], origin: ["well_funded"] };

  // The rows of a list -----------------------------------------------------------------------------------

  // Columns whose equal values stand together come as value, length, value, length, ...
  const unrolled = (runs, rows) => {
    const column = new Uint16Array(rows);
    for (let place = 0, at = 0; place < runs.length; place += 2) column.fill(runs[place], at, at += runs[place + 1]);
    return column;
  };
  const prepared = new Map();
  const cubeOf = ({ list, evidence }) => {
    const name = `${lists[list].shard}-${evidence}`;
    if (!prepared.has(name)) {
      prepared.set(name, Cambrian.shard(name).then((shard) => ({
        ...shard,
        names: new Map(shard.organizations.map((traits) => [traits[0], traits[1]])),
        universe: unrolled(shard.universe, shard.rows),
        variant: unrolled(shard.variant, shard.rows),
        dependence: unrolled(shard.class, shard.rows),
        origin: Uint16Array.from(shard.origin),
        uploader: Uint16Array.from(shard.uploader),
        weights: Object.fromEntries(Object.entries(shard.weights).map(([weight, values]) => [weight, Float64Array.from(values, (value) => value ?? 0)])),
      })).catch((error) => {
        prepared.delete(name); // so that it can be asked for again
        throw error;
      }));
    }
    return prepared.get(name);
  };

  const summed = (cube, { universe, weight, unit, variants }) => {
    const wanted = universe === "all" ? -1 : cube.universes.indexOf(universe);
    const amounts = cube.weights[weight] ?? new Float64Array(cube.rows);
    const side = cube[unit];
    const byClass = new Float64Array(cube.classes.length);
    const byOrganization = new Float64Array(cube.organizations.length);
    let total = 0;
    for (let row = 0; row < cube.rows; row += 1) {
      if ((universe !== "all" && cube.universe[row] !== wanted) || (variants === "out" && cube.variant[row])) continue;
      total += amounts[row];
      byClass[cube.dependence[row]] += amounts[row];
      byOrganization[side[row]] += amounts[row];
    }
    return { total, byClass, byOrganization };
  };

  // What the register says of an organization: id, name, country, legal form, funding, whether well funded.
  const FIELDS = { organization: 0, country: 2, legal_form: 3, funding: 4 };
  const grouped = (cube, sums, dimension) => {
    const amounts = new Map([["unknown", 0]]);
    cube.organizations.forEach((traits, place) => {
      const value = traits[FIELDS[dimension]] ?? "unknown";
      if (sums.byOrganization[place]) amounts.set(value, (amounts.get(value) ?? 0) + sums.byOrganization[place]);
    });
    const unknown = amounts.get("unknown");
    return [...amounts].map(([value, amount]) => ({
      value, amount, share: amount / sums.total, lower: amount / sums.total,
      upper: value === "unknown" ? null : Math.min(1, (amount + unknown) / sums.total),
    })).sort((one, other) => (one.value === "unknown") - (other.value === "unknown") || other.amount - one.amount || (one.value < other.value ? -1 : 1));
  };

  const classed = (cube, sums, unit) => {
    const amounts = Object.fromEntries(CLASSES[unit].map((name) => [name, 0]));
    if (unit === "uploader") cube.classes.forEach((name, place) => { amounts[name] = sums.byClass[place]; });
    else cube.organizations.forEach((traits, place) => {
      const known = { 1: "well_funded", 0: "other" }[traits[5]] ?? "unknown";
      amounts[known] += sums.byOrganization[place];
    });
    const rows = CLASSES[unit].map((value) => ({ value, amount: amounts[value], share: amounts[value] / sums.total }));
    const lower = DEPENDENT[unit].reduce((sum, name) => sum + amounts[name], 0);
    return { rows, lower: lower / sums.total, upper: (lower + amounts.unknown) / sums.total };
  };

  // Two countries alone: what has no known country may be of either, as in marts.published_headlines.
  const paired = (rows, about) => {
    const amount = (value) => rows.find((row) => row.value === value)?.amount ?? 0;
    const unknown = amount("unknown");
    const base = amount(about) + amount("US");
    return [about, "US"].map((value) => ({
      value, amount: amount(value), share: amount(value) / base, lower: amount(value) / (base + unknown),
      upper: (amount(value) + unknown) / (base + unknown),
    }));
  };

  const answer = (cube, settings) => {
    const sums = summed(cube, settings);
    if (!(sums.total > 0)) return { total: 0 };
    const groups = {};
    for (const [dimension] of SHOWN[settings.breakdown]) groups[dimension] = grouped(cube, sums, dimension);
    const main = groups[settings.breakdown];
    const known = main?.filter((row) => row.value !== "unknown" && row.amount > 0) ?? [];
    const about = main ? known.find((row) => row.value === settings.about) ?? known[0] : null;
    const isPair = settings.among === "pair" && settings.breakdown === "country" && about && about.value !== "US";
    if (isPair) groups.country = paired(main, about.value);
    return { total: sums.total, classes: classed(cube, sums, settings.unit), groups, known, isPair,
      about: isPair ? groups.country[0] : about, names: cube.names };
  };

  // Which settings make sense together -------------------------------------------------------------------

  const reasonAgainst = (settings, control, value) => {
    const { totals, evidences } = lists[settings.list];
    if (control === "universe") return totals.models?.[value] ? "" : texts.reasons.universe;
    if (control === "weight") {
      if (!totals[value]?.all) return fill(texts.reasons.weight, { weight: texts.weights[value] });
      return totals[value][settings.universe] ? "" : fill(texts.reasons.weight_universe, { weight: texts.weights[value] });
    }
    if (control === "evidence") return evidences.includes(value) ? "" : texts.reasons.evidence;
    if (control === "among" && value === "pair") {
      if (settings.breakdown !== "country") return texts.reasons.among;
      return !last || (last.about && last.about.value !== "US") ? "" : texts.reasons.among_us;
    }
    return "";
  };
  // Puts what makes no sense right, and says so.
  const mended = (wanted) => {
    const settings = { ...wanted };
    const told = [];
    for (const control of ["universe", "weight", "evidence"]) {
      const reason = reasonAgainst(settings, control, settings[control]);
      if (!reason) continue;
      const choices = { universe: ["all"], weight: ["downloads_30d", "models"], evidence: ["curated", "declared"] }[control];
      settings[control] = choices.find((value) => !reasonAgainst(settings, control, value)) ?? choices[0];
      told.push(fill(texts.mended, { reason, instead: texts[`${control}s`]?.[settings[control]] ?? settings[control] }));
    }
    if (settings.breakdown !== "country") settings.among = "all";
    return [settings, told];
  };

  // Showing ----------------------------------------------------------------------------------------------

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const word = (dimension, value, names) => {
    if (value === "unknown") return texts.unknown[dimension];
    if (dimension === "country") return countries[value] ?? value;
    if (dimension === "organization") return names.get(value) ?? value;
    return texts.values[dimension][value] ?? value;
  };
  const track = (row, largest) => {
    const bar = element("span", { class: "board-track", "aria-hidden": "true" });
    const part = (share, kind) => {
      const piece = element("span", { class: kind });
      piece.style.width = `${100 * share / largest}%`;
      bar.append(piece);
    };
    part(row.lower ?? row.share, row.value === "unknown" ? "board-open" : "board-fill");
    if (row.upper != null) part(row.upper - row.lower, "board-open");
    return bar;
  };
  const cells = (row, name, largest) => element("tr", { "data-value": row.value, "data-share": row.share, "data-lower": row.lower, "data-upper": row.upper ?? undefined },
    element("th", { scope: "row" }, name),
    element("td", { class: "board-bar" }, track(row, largest)),
    element("td", { class: "number", title: String(row.share) }, percent(row.share)),
    element("td", { class: "number", title: row.upper == null ? "" : String(row.upper) }, row.upper == null ? "–" : percent(row.upper)),
    element("td", { class: "number", title: exact(row.amount) }, count(row.amount)));

  const showClasses = ({ classes }, unit) => {
    const bar = find("bar");
    bar.replaceChildren(...classes.rows.filter((row) => row.amount > 0).map((row) => {
      const part = element("span", { "data-class": row.value, class: row.value === "unknown" ? "board-hatched" : "" });
      part.style.width = `${100 * row.share}%`;
      part.style.setProperty("--colour", colours[row.value]);
      return part;
    }));
    const bracket = find("bounds");
    bracket.style.marginLeft = `${100 * classes.lower}%`;
    bracket.style.width = `${100 * (classes.upper - classes.lower)}%`;
    const range = find("range");
    range.textContent = fill(texts.range[unit], { range: percentRange(classes.lower, classes.upper) });
    range.dataset.lower = classes.lower;
    range.dataset.upper = classes.upper;
    find("classes").tBodies[0].replaceChildren(...classes.rows.map((row) => {
      const swatch = element("span", { class: `board-swatch${row.value === "unknown" ? " board-hatched" : ""}`, "aria-hidden": "true" });
      swatch.style.setProperty("--colour", colours[row.value]);
      return element("tr", { "data-value": row.value, "data-share": row.share },
        element("th", { scope: "row" }, swatch, texts.classes[unit][row.value]),
        element("td", { class: "number", title: String(row.share) }, percent(row.share)),
        element("td", { class: "number", title: exact(row.amount) }, count(row.amount)));
    }));
  };

  const showGroups = (result, { breakdown, unit }) => {
    const captions = texts.captions[unit];
    find("groups").replaceChildren(...SHOWN[breakdown].map(([dimension, most]) => {
      const rows = result.groups[dimension];
      const known = rows.filter((row) => row.value !== "unknown");
      const shown = rows.length > most + 1 ? [...known.slice(0, most), ...rows.filter((row) => row.value === "unknown")] : rows;
      const largest = Math.max(...shown.map((row) => row.upper ?? row.share));
      const body = element("tbody", {}, ...shown.map((row) => cells(row, word(dimension, row.value, result.names), largest)));
      const left = known.slice(most);
      if (left.length && rows.length > most + 1) {
        const others = { value: "others", amount: left.reduce((sum, row) => sum + row.amount, 0), upper: null };
        others.share = others.lower = others.amount / result.total;
        body.insertBefore(cells(others, fill(texts.others, { n: left.length }), largest), body.children[most] ?? null);
      }
      const heading = (text, kind = "") => element("th", { scope: "col", class: kind }, text);
      return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": captions[dimension] },
        element("table", { class: "board-groups", "data-dimension": dimension },
          element("caption", {}, captions[dimension]),
          element("thead", {}, element("tr", {}, heading(texts.names[dimension]), heading(element("span", { class: "unseen" }, texts.bar)), heading(texts.share, "number"), heading(texts.upper, "number"), heading(texts.amount, "number"))),
          body));
    }));
  };

  // Where it is divided otherwise, the number is that of what is spoken of, and the classes stand aside.
  const showRange = (result, settings) => {
    const isClass = settings.breakdown === "class";
    root.querySelector(".board-whole").hidden = !isClass;
    find("classes").hidden = !isClass;
    if (isClass) return;
    const { about } = result;
    find("range").textContent = about ? fill(texts.range[result.isPair ? "pair" : "part"], {
      name: word(settings.breakdown, about.value, result.names), share: percent(about.share), range: percentRange(about.lower, about.upper) }) : "";
  };

  const showAbout = (result, settings) => {
    const box = find("about");
    const isAsked = settings.breakdown !== "class";
    find("about-row").hidden = !isAsked;
    if (!isAsked) return;
    const offered = result.known.filter((row, place) => place < 200 || row.value === settings.about);
    box.replaceChildren(element("option", { value: "" }, texts.largest),
      ...offered.map((row) => element("option", { value: row.value }, word(settings.breakdown, row.value, result.names).slice(0, 60))));
    box.value = result.known.some((row) => row.value === settings.about) ? settings.about : "";
  };

  const sentenceOf = (result, settings) => {
    const told = lists[settings.list].telling[settings.weight]; // of how many models the list tells what is counted
    return [answerOf(result, settings), told].filter(Boolean).join(Cambrian.language === "zh" ? "" : " ");
  };
  const answerOf = (result, settings) => {
    const { unit, weight, universe, variants, evidence, breakdown } = settings;
    const of = fill(texts.of[weight], { total: exact(Math.round(result.total)), universe: texts.universes[universe] });
    const common = { of, list: lists[settings.list].words,
      conditions: fill(texts.conditions, { variants: texts.variants_words[variants], evidence: texts.evidence_words[evidence] }) };
    if (breakdown === "class") {
      const shares = Object.fromEntries(result.classes.rows.map((row) => [row.value, percent(row.share)]));
      return fill(texts.sentences[`class_${unit}`], { ...common, ...shares, range: percentRange(result.classes.lower, result.classes.upper) });
    }
    if (!result.about) return fill(texts.sentences.none, common);
    const { about } = result;
    const values = { ...common, name: word(breakdown, about.value, result.names), share: percent(about.share), lower: percent(about.lower), upper: percent(about.upper) };
    return fill(texts.sentences[result.isPair ? `pair_${unit}` : `part_${unit}`], values);
  };

  const isPreset = ({ settings: wanted }, settings) => Object.keys(start).every((key) => (wanted[key] ?? start[key]) === settings[key]);
  const showPreset = (result, settings) => {
    const box = find("preset");
    const fitting = presets.filter((preset) => isPreset(preset, settings));
    // Two published shares may count the same: the one that was asked for lights up, otherwise the first.
    const lit = fitting.includes(presets[pressed]) ? presets[pressed] : fitting[0];
    for (const button of root.querySelectorAll("button[data-preset]")) {
      button.setAttribute("aria-pressed", String(presets[button.dataset.preset] === lit));
    }
    const told = fitting.filter((preset) => preset.published).sort((one, other) => (other === lit) - (one === lit));
    box.hidden = !told.length || !result.about;
    if (box.hidden) return;
    const { share, lower, upper } = result.about;
    const ours = fill(result.isPair ? texts.preset.ours_pair : texts.preset.ours, { share: percent(share), lower: percent(lower), upper: percent(upper) });
    const rows = ({ published }) => ["definition", "counted_over", "not_reproducible"]
      .map((key) => element("div", {}, element("dt", {}, texts.preset[key]), element("dd", {}, published[key])));
    box.replaceChildren(...told.flatMap((preset) => [
      element("p", {}, element("strong", {}, fill(texts.preset.published, preset.published)), " ", element("strong", { "data-ours": share }, ours)),
      element("dl", {}, ...rows(preset))]));
  };

  // The switches -----------------------------------------------------------------------------------------

  const RADIOS = ["weight", "unit", "variants", "evidence", "breakdown", "among"];
  const showSwitches = (settings) => {
    find("list").value = settings.list;
    const universe = find("universe");
    for (const option of universe.options) {
      const reason = reasonAgainst(settings, "universe", option.value);
      option.disabled = Boolean(reason);
      option.textContent = reason ? `${texts.universes[option.value]} (${reason})` : texts.universes[option.value];
    }
    universe.value = settings.universe;
    for (const control of RADIOS) {
      const reasons = new Set();
      for (const radio of root.querySelectorAll(`input[name="board-${control}"]`)) {
        const reason = reasonAgainst(settings, control, radio.value);
        radio.disabled = Boolean(reason);
        radio.checked = radio.value === settings[control];
        if (reason) reasons.add(reason);
      }
      find(`${control}-reason`).textContent = [...reasons].join(" ");
    }
  };

  // The list is always there: the next release may begin with another one.
  const keyOf = (settings) => {
    const parameters = new URLSearchParams({ list: lists[settings.list].key });
    for (const [key, value] of Object.entries(settings)) {
      if (key !== "list" && value !== start[key]) parameters.set(key, value);
    }
    return parameters;
  };
  // A list that is offered no more gives way to the newest of its population, and the page says so.
  const placeOf = (key) => {
    const place = lists.findIndex((one) => one.key === key);
    if (place >= 0) return place;
    const near = lists.findIndex((one) => one.key.slice(0, one.key.lastIndexOf("@")) === key.slice(0, key.lastIndexOf("@")));
    const instead = near >= 0 ? near : start.list;
    lost = fill(texts.mended, { reason: texts.reasons.list, instead: lists[instead].words });
    return instead;
  };
  let lost = "";
  let pressed = null; // the preset that was asked for last
  const read = () => {
    const settings = { ...start };
    for (const [key, value] of Cambrian.state.read(SECTION)) {
      if (key === "list") settings.list = placeOf(value);
      else if (Object.hasOwn(start, key) && (key === "about" || Object.hasOwn(texts[`${key}s`] ?? texts[key] ?? {}, value))) settings[key] = value;
    }
    return settings;
  };

  let settings = { ...start };
  let last = null; // the answer that stands there, with its settings; none while one loads
  let asked = 0;
  const say = (text) => { find("status").textContent = text; };
  const show = (cube, told) => {
    const result = answer(cube, settings);
    if (settings.among === "pair" && !result.isPair) settings = { ...settings, among: "all" };
    last = { ...result, settings };
    const hasAnswer = last.total > 0;
    find("results").hidden = !hasAnswer;
    root.dataset.answered = keyOf(settings); // of which settings the numbers are that stand there now
    showSwitches(settings);
    say(told.join(" "));
    find("sentence").textContent = hasAnswer ? sentenceOf(last, settings) : texts.nothing;
    if (!hasAnswer) {
      find("preset").hidden = true;
      return;
    }
    showClasses(last, settings.unit);
    showRange(last, settings);
    showGroups(last, settings);
    showAbout(last, settings);
    showPreset(last, settings);
  };
  const apply = (wanted, isWritten = true) => {
    const [mendedSettings, told] = mended(wanted);
    if (lost) told.unshift(lost);
    lost = "";
    settings = mendedSettings;
    if (isWritten) Cambrian.state.write(SECTION, keyOf(settings));
    find("link").href = `#${SECTION}?${keyOf(settings)}`;
    const mine = asked += 1;
    const name = `${lists[settings.list].shard}-${settings.evidence}`;
    const ready = loaded.get(name);
    if (ready) { show(ready, told); return Promise.resolve(); }
    last = null;
    showSwitches(settings);
    say(Cambrian.words.loading);
    return cubeOf(settings).then((cube) => {
      loaded.set(name, cube);
      if (mine === asked) show(cube, told);
    }, () => {
      if (mine !== asked) return;
      find("results").hidden = true; // they would be those of other settings
      find("preset").hidden = true;
      find("sentence").textContent = Cambrian.words.failed;
      say("");
    });
  };
  const loaded = new Map();

  root.addEventListener("change", ({ target }) => {
    const control = target.name?.replace(/^board-/, "");
    if (!(control in start)) return;
    const wanted = { ...settings, [control]: control === "list" ? Number(target.value) : target.value };
    if (control === "breakdown") Object.assign(wanted, { about: "", among: "all" });
    apply(wanted);
  });
  const rowsOfCsv = () => {
    const { list, universe, weight, unit, variants, evidence, breakdown, among } = last.settings;
    const { scope, day, models, counted } = lists[list];
    const head = [scope, day, models ?? "", counted[weight] ?? models ?? "", universe, weight, unit, variants, evidence];
    // The classes are always shares of all; only the countries can be those of a pair.
    const rows = last.classes.rows.map((row) => [...head, "all", "class", row.value, row.share, "", "", row.amount, last.total]);
    rows.push([...head, "all", "dependent", "dependent", last.classes.lower, last.classes.lower, last.classes.upper, "", last.total]);
    for (const [dimension] of SHOWN[breakdown]) {
      for (const row of last.groups[dimension]) rows.push([...head, among, dimension, row.value, row.share, row.lower, row.upper ?? "", row.amount, last.total]);
    }
    return [["scope", "as_of_date", "models", "models_that_tell", "universe", "weight", "unit", "variants", "evidence", "among", "dimension", "value", "share", "lower", "upper", "amount", "total"], ...rows];
  };
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if (button.dataset.preset) {
      pressed = Number(button.dataset.preset);
      apply({ ...start, ...presets[pressed].settings });
    }
    if (button.id === "board-reset") apply({ ...start });
    if (button.id === "board-csv") {
      (last ? Promise.resolve() : apply(settings, false)).then(() => {
        if (last?.total) Cambrian.download("cambrian-switchboard.csv", Cambrian.csv(rowsOfCsv()), "text/csv");
      });
    }
  });
  window.addEventListener("hashchange", () => {
    if (location.hash.slice(1).split("?")[0] !== SECTION) return;
    apply(read(), false);
    document.getElementById(SECTION)?.scrollIntoView(); // a link on the page leads here with its settings
  });

  find("switches").hidden = false;
  const wanted = read();
  settings = wanted;
  find("link").href = `#${SECTION}?${keyOf(settings)}`;
  showSwitches(wanted);
  if ([...Cambrian.state.read(SECTION)].length) apply(wanted, false);
  else {
    const near = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      if (!asked) apply(settings, false);
    }, { rootMargin: "600px" });
    near.observe(root);
  }
})();
