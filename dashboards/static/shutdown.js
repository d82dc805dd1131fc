// The arithmetic of a shutdown, for any choice of organizations: that of `cambrian shutdown`; a test holds the two
// together. Values in, values out, from marts.shutdown_exposure and marts.shutdown_freeze as the shards of
// dashboards/data/exposure.py and shutdown.py have them. Not here: the page, which is simulator.js.
Cambrian.shutdown = (() => {
  "use strict";
  const FIGURES = ["gone", "broken", "lost_now", "stranded", "never_born_any", "never_born_all"];
  const NORMAL_95 = 1.959963984540054;
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

  // Whose models are hit: by what `traitOf` says of each uploader its value, what is lost, what would not have been
  // born, and what there is; the most unborn first.
  const hit = (compiled, by, traitOf) => {
    const groups = new Map();
    compiled.organizations.forEach((id, place) => {
      if (!by.total[place]) return;
      const value = traitOf(id);
      const group = groups.get(value) ?? [value, 0, 0, 0];
      group[1] += by.lost[place];
      group[2] += by.unborn[place];
      group[3] += by.total[place];
      groups.set(value, group);
    });
    return ranked([...groups.values()], 2);
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

  return { compile, lose, unbornFamilies, hit, freeze };
})();
