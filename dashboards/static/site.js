// What every page uses: numbers in its language, figures in light or dark, data in shards, state in the address.
window.Cambrian = (() => {
  "use strict";
  const up = document.body.dataset.up;
  const language = document.documentElement.lang.slice(0, 2);
  const words = JSON.parse(document.getElementById("texts").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const phone = window.matchMedia("(max-width: 600px)");
  const config = { responsive: true, displaylogo: false, displayModeBar: false, scrollZoom: false, doubleClick: "reset", locale: language };

  // Texts and numbers, as dashboards/language.py writes them ---------------------------------------------

  const fill = (text, values = {}) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const percentSign = language === "zh" ? "%" : "\u00a0%";
  const units = language === "zh" ? [[1e8, 1e8, "亿"], [1e4, 1e4, "万"]]
    : [[1e9, 1e9, "\u00a0bn"], [1e6, 1e6, "\u00a0M"], [1e4, 1e3, "\u00a0k"]];

  const percent = (share) => {
    const text = (100 * share).toFixed(1);
    if (share < 1 && text === "100.0") return fill(words.over, { number: `99.9${percentSign}` });
    if (share > 0 && text === "0.0") return fill(words.under, { number: `0.1${percentSign}` });
    return `${text === "100.0" ? 100 : Number(text) === 0 ? 0 : text}${percentSign}`;
  };
  const range = (lower, upper) => (lower === upper ? lower : fill(words.range, { lower, upper }));
  const percentRange = (lower, upper) => range(percent(lower), percent(upper));
  const exact = (number) => number.toLocaleString("en", { maximumFractionDigits: 9 });
  const count = (number) => {
    for (const [least, size, unit] of units) {
      if (Math.abs(number) < least) continue;
      const scaled = number / size;
      const text = scaled.toFixed(Math.abs(scaled) < 10 ? 2 : Math.abs(scaled) < 100 ? 1 : 0);
      return `${text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text}${unit}`;
    }
    return exact(Math.round(number));
  };
  // What Plotly would read as HTML, or as mathematics between dollar signs.
  const inert = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\$/g, "&#36;");

  // Ids differ at both ends, as dashboards/words.py has it.
  const cut = (text, length) => {
    const marks = [...text];
    const tail = Math.floor(length / 3);
    return marks.length <= length ? text : `${marks.slice(0, length - tail - 1).join("")}…${marks.slice(-tail).join("")}`;
  };

  // Data that are loaded when needed, by script elements, so that it works from disk ---------------------

  const loads = new Map();
  const script = (address) => new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = up + address;
    element.onload = resolve;
    element.onerror = () => reject(new Error(address));
    document.head.append(element);
  });
  const once = (address) => {
    if (!loads.has(address)) {
      loads.set(address, script(address).catch((error) => {
        loads.delete(address); // so that it can be asked for again
        throw error;
      }));
    }
    return loads.get(address);
  };
  const values = new Map();
  const deliver = (name, value) => values.set(name, value);
  const shard = (name) => once(`data/${name}.js`).then(() => values.get(name));

  // Figures ----------------------------------------------------------------------------------------------

  const plotly = () => once("assets/plotly.min.js").then(() => {
    if (language === "zh") {
      const months = [...Array(12).keys()].map((month) => `${month + 1}月`);
      const days = ["日", "一", "二", "三", "四", "五", "六"].map((day) => `周${day}`);
      Plotly.register({ moduleType: "locale", name: "zh", dictionary: {}, format: {
        days, shortDays: days, months, shortMonths: months, date: "%Y-%m-%d", year: "%Y年", month: "%Y年%-m月",
        dayMonth: "%-m月%-d日", dayMonthYear: "%Y年%-m月%-d日" } });
    }
    return Plotly;
  });

  // Sets layout["xaxis"]["dtick"] for "xaxis.dtick".
  const put = (target, path, value) => {
    const steps = path.split(".");
    const last = steps.pop();
    for (const step of steps) target = target[step] ??= {};
    target[last] = value;
  };
  let paper; // "light" while the page is printed
  const template = (mode = paper) => window.CAMBRIAN_TEMPLATES[mode ?? (dark.matches ? "dark" : "light")];

  // The lines of the releases that lie in a figure; where their names would lie on each other, the line alone.
  const events = (target, layout) => {
    const shapes = [...(layout.shapes ?? [])];
    const annotations = [...(layout.annotations ?? [])];
    const axis = target._fullLayout.xaxis;
    let last = -Infinity;
    for (const [day, name] of JSON.parse(document.getElementById("releases").textContent)) {
      const place = axis.d2p(day);
      if (place < 0 || place > axis._length) continue;
      shapes.push({ type: "line", x0: day, x1: day, y0: 0, y1: 1, yref: "paper", layer: "below", line: { dash: "dot", width: 1, color: "#808890" } });
      if (place - last < 13) continue;
      last = place;
      annotations.push({ text: inert(name), x: day, y: 1, yref: "paper", yanchor: "top", xanchor: "right", xshift: 2, textangle: -90, font: { size: 10 }, showarrow: false });
    }
    return { shapes, annotations };
  };

  const eventful = new Set();
  // What failed stands below a still picture, which stays.
  const tell = (target) => {
    if (!target.childElementCount) target.textContent = words.not_drawn;
    else if (!target.parentElement.querySelector(".not-live")) {
      const notice = document.createElement("p");
      notice.className = "note not-live";
      notice.textContent = words.not_live;
      target.after(notice);
    }
  };
  const drawn = new Map(); // target -> its data and layout, to draw it again when the theme changes
  const draw = (target, data, layout) => {
    drawn.set(target, [data, layout]);
    return plotly().then((library) => {
      const whole = { ...structuredClone(layout), template: template(), autosize: true };
      whole.dragmode ??= false;
      if (phone.matches) {
        for (const [path, value] of Object.entries(layout.meta?.narrow ?? {})) put(whole, path, value);
      }
      return library.react(target, data, whole, config)
        .then(() => (eventful.has(target) ? library.relayout(target, events(target, whole)) : target));
    }).then(() => {
      for (const still of target.querySelectorAll(":scope > .still")) still.remove();
      target.setAttribute("data-drawn", "");
    }, () => tell(target));
  };
  const redraw = () => drawn.forEach(([data, layout], target) => draw(target, data, layout));
  for (const change of [dark, phone]) change.addEventListener("change", redraw);

  const figures = new Map([...document.querySelectorAll("script.figure")].map((element) => [document.getElementById(element.dataset.for), element]));
  const drawFigure = (target) => {
    const element = figures.get(target);
    if (!element) return Promise.resolve();
    figures.delete(target);
    const { data, layout } = JSON.parse(element.textContent);
    return draw(target, data, layout);
  };
  const drawAll = () => {
    wake();
    return Promise.all([...figures.keys()].map(drawFigure));
  };
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((one) => one.isIntersecting)) {
      near.unobserve(entry.target);
      drawFigure(entry.target);
    }
  }, { rootMargin: "200px" });
  // A still picture is there at once; Plotly, which takes its time, comes when somebody does.
  const waiting = [...figures.keys()].filter((target) => target.querySelector(".still"));
  figures.forEach((_, target) => { if (!waiting.includes(target)) near.observe(target); });
  const signs = ["pointermove", "pointerdown", "touchstart", "wheel", "scroll", "keydown", "focusin"];
  let told;
  const woken = new Promise((resolve) => { told = resolve; }); // that somebody is there
  const wake = () => {
    told();
    for (const sign of signs) window.removeEventListener(sign, wake);
    for (const target of waiting.splice(0)) if (figures.has(target)) near.observe(target);
  };
  for (const sign of signs) window.addEventListener(sign, wake, { passive: true });
  for (const change of [dark, phone]) change.addEventListener("change", wake);
  if (document.getElementById(location.hash.slice(1).split("?")[0])?.querySelector(".still")) wake();
  // Paper is light, whatever the screen is.
  const print = (mode) => () => {
    paper = mode;
    return drawAll().then(redraw);
  };
  window.addEventListener("beforeprint", print("light"));
  window.addEventListener("afterprint", print(undefined));

  // Taking along -----------------------------------------------------------------------------------------

  const save = (name, address) => {
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
  };
  const download = (name, text, type) => {
    const address = URL.createObjectURL(new Blob([text], { type }));
    save(name, address);
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  };
  const quoted = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const csv = (rows) => rows.map((row) => `${row.map((value) => quoted(String(value))).join(",")}\n`).join("");
  const wrapped = (text, width) => {
    const lines = [""];
    for (const word of text.split(language === "zh" ? /(?<=[，。；：、）])/ : " ")) {
      const joined = lines.at(-1) && language !== "zh" ? `${lines.at(-1)} ${word}` : lines.at(-1) + word;
      if (joined.length > width && lines.at(-1)) lines.push(word); else lines[lines.length - 1] = joined;
    }
    return lines.map(inert);
  };

  // A picture stands alone, so it carries its title, what it is of, and where it is from.
  const picture = async (figure, format) => {
    const target = figure.querySelector(".plot");
    await drawFigure(target);
    const library = await plotly();
    const [data, layout] = drawn.get(target);
    const title = wrapped(figure.querySelector("h3").textContent, language === "zh" ? 46 : 84);
    const below = wrapped(figure.querySelector(".subtitle")?.textContent ?? "", language === "zh" ? 70 : 140);
    const source = [document.body.dataset.stamp, document.querySelector("link[rel=canonical]")?.href];
    below.push(inert(source.filter(Boolean).join(" · ")));
    const heading = Math.ceil(36 + 24.5 * title.length + 15.7 * below.length);
    const top = heading + target._fullLayout._size.t; // below it there may be a legend
    const { shapes, annotations } = target.layout;
    const sheet = { ...structuredClone(layout), shapes, annotations, template: template("light"), paper_bgcolor: "#ffffff", width: 1100,
      height: (layout.height ?? 450) + heading + 40, autosize: false, margin: { l: 30, r: 30, t: top, b: 60 } };
    sheet.title = { text: `<b>${title.join("<br>")}</b>`, x: 0.02, xanchor: "left", y: 1, yanchor: "top", yref: "container",
      pad: { t: title.length > 1 ? 33 : 20 }, // several lines are lifted by Plotly
      font: { size: 19 }, automargin: false, subtitle: { text: below.join("<br>"), font: { size: 12 } } };
    const address = await library.toImage({ data, layout: sheet, config }, { format, width: 1100, height: sheet.height, scale: 2 });
    save(`cambrian-${figure.id}.${format}`, address);
  };

  const annotate = (button) => {
    const target = document.getElementById(button.dataset.events);
    const isOn = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(isOn));
    eventful[isOn ? "add" : "delete"](target);
    drawFigure(target).then(() => draw(target, ...drawn.get(target)));
  };

  const copy = async (button) => {
    const sentence = button.closest(".card, .widget").querySelector("blockquote p");
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(sentence.textContent);
      button.textContent = words.copied;
      setTimeout(() => { button.textContent = before; }, 2000);
    } catch {
      window.getSelection().selectAllChildren(sentence); // no right to the clipboard: it is one key away
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.image) picture(document.getElementById(button.dataset.of), button.dataset.image);
    if (button.dataset.events) annotate(button);
    if ("copy" in button.dataset) copy(button);
  });
  for (const button of document.querySelectorAll("button.scripted")) button.hidden = false;

  // State in the address: #section?key=value, so that a link keeps the choice, also from disk ------------

  const state = {
    read: (section) => {
      const [name, query] = location.hash.slice(1).split("?");
      return new URLSearchParams(name === section ? query ?? "" : "");
    },
    write: (section, parameters) => history.replaceState(null, "", `#${section}?${parameters}`),
  };
  const [anchor, query] = location.hash.slice(1).split("?");
  if (query !== undefined) document.getElementById(anchor)?.scrollIntoView();

  // Tables -----------------------------------------------------------------------------------------------

  const order = (one, other) => {
    const [a, b] = [Number(one), Number(other)];
    return Number.isNaN(a) || Number.isNaN(b) ? one.localeCompare(other, language) : a - b;
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
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent;
      button.addEventListener("click", () => sort(table, column, heading));
      heading.replaceChildren(button);
    });
  }
  const hints = () => {
    for (const hint of document.querySelectorAll(".hint")) {
      const box = hint.nextElementSibling;
      hint.hidden = box.scrollWidth <= box.clientWidth;
    }
  };
  hints();
  window.addEventListener("resize", hints);
  document.addEventListener("toggle", hints, true); // a folded table has no width

  const settings = (name) => JSON.parse(document.getElementById(`${name}-settings`).textContent);
  return { language, words, fill, percent, percentRange, range, exact, count, inert, cut, deliver, shard, once, woken, draw, drawAll, download, csv, state, settings };
})();
