// One claim: what is stated -> the inputs of its provision -> a decision.

const TRUE = new Set(LAW.words.yes), FALSE = new Set(LAW.words.no);
const BOUND = new Fraction(power(15), 1n), ANY = BOUND;

const READERS = {
  money: (_, value) => {
    const amount = parseMoney(value);
    if (amount.n < 0n) unreadable("negative", value);
    if (compare(amount, BOUND) >= 0) unreadable("too_large", value);
    return amount;
  },
  rate: (_, value) => {
    const rate = parseRate(value);
    if (rate.n < 0n || compare(rate, ONE) > 0) unreadable("beyond_all", value);
    return rate;
  },
  integer: (item, value) => {
    let read;
    if (typeof value === "string") {
      const choice = item.choices.find((c) => [String(c.value), c.label].includes(clean(value)));
      if (choice) return whole(choice.value);
      let text = ungrouped(numberText(value));
      if (item.unit && text.endsWith(item.unit)) text = text.slice(0, -item.unit.length);
      const found = /^(-?\d+(?:\.\d+)?)([万亿]?)$/.exec(text);
      if (!found) unreadable("no_integer", stripped(value));
      read = scaled(decimal(found[1]), { 万: 4, 亿: 8 }[found[2]] ?? 0);
    } else read = exactNumber(value);
    if (read === null) unreadable(typeof value === "boolean" ? "truth_no_count" : "no_integer", value);
    if (read && compare(magnitude(read), BOUND) >= 0) unreadable("too_large", value);
    if (!read || !isWhole(read)) unreadable("no_integer", value);
    const number = new Fraction(read.n / read.d, 1n), fewest = item.minimum ?? 0;
    if (compare(number, whole(fewest)) < 0) unreadable("too_few", number, { fewest });
    if (item.choices.length && !item.choices.some((c) => same(whole(c.value), number))) unreadable("no_choice", value);
    return number;
  },
  boolean: (_, value) => {
    if (typeof value === "boolean") return value;
    const number = exactNumber(value);
    if (number && (same(number, ZERO) || same(number, ONE))) return number.n !== 0n;
    const text = typeof value === "string" ? clean(value).toLowerCase() : "";
    if (!TRUE.has(text) && !FALSE.has(text)) unreadable("no_boolean", value);
    return TRUE.has(text);
  },
  enum: (item, value) => {
    const text = typeof value === "string" ? clean(value) : value;
    const choice = item.choices.find((c) => [c.value, c.label, clean(c.label), clean(c.label).split("(")[0]].includes(text));
    if (!choice) unreadable("no_choice", value);
    return String(choice.value);
  },
  text: (_, value) => {
    if (typeof value === "string") return clean(value);
    const number = exactNumber(value);
    if (!number) unreadable("no_text", value);
    return plain(number);
  },
  date: (_, value) => parseDate(value instanceof Day ? value.text : value),
};
/** One stated value -> a fraction (yuan, share or count), a truth, a token or a day. */
function coerce(rule, item, value, place) {
  try {
    const read = READERS[item.type](item, value);
    if (item.maximum !== null && compare(read, item.maximum) > 0) unreadable("too_many", value, { most: rule.told.most[item.name] });
    return read;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return refuse("unread", { label: item.label, why: error.message, place, name: item.name, expected: rule.told.expected[item.name] });
  }
}
/** A day that is no text: it states no amount. */
class Day {
  constructor(text) { this.text = text; }
  toString() { return this.text; }
}
const kindOf = (item) => (item.type === "integer" ? "count" : item.type);
const choiceLabel = (item, value) =>
  item.choices.find((c) => (value instanceof Fraction ? same(whole(c.value), value) : String(c.value) === String(value)))?.label ?? "";
/** The value that an input has where nobody states it. */
function defaultText(item) {
  if (item.type === "boolean") return item.default ? "是" : "否";
  return choiceLabel(item, item.default) || show(item.default, kindOf(item), item.unit);
}
const presumedText = (item) => `未填“${item.label}”，暂按“${defaultText(item)}”测算，请核对`;

/** What binding looks up in a rule, found out once. */
function planOf(rule, words) {
  if (rule.plan) return rule.plan;
  const names = new Map();
  rule.inputs.forEach((item, place) => {
    for (const name of [item.name, item.label, clean(item.label)]) names.set(name, [item, place]);
  });
  const yesOrNo = new Map(rule.inputs.filter((i) => i.type === "boolean").map((i) => [i.name, i.default]));
  const told = rule.assumptions.filter((a) => !a.settlement);
  rule.plan = {
    place: `${rule.title}（${rule.at}）`, names, periods: [...rule.inputs.entries()].filter(([, i]) => i.period.length),
    counted: leaves(rule.amount.node).find((x) => x.tag === "Input" && rule.byName[x.name].type === "integer")?.name,
    years: rule.inputs.filter((i) => i.year_since), triggers: rule.inputs.filter((i) => i.required_when !== null), told,
    // what each note is, and the inputs that it turns on (null: said with every decision, as a bureau's own option)
    sorts: new Map(told.map((a) => {
      const about = a.when === null || a.sort === "limit" ? [] : named(rule, a.when);
      return [a.text, [a.sort, a.text.startsWith(words.own) ? null : about]];
    })),
    // all that a claim may hold, in one order: objects of one shape; a truth that nobody states is there already
    empty: Object.fromEntries([...rule.inputs.map((i) => i.name), ...rule.terms.map((t) => t.name), "taken", "rows"].map((name) => [name, yesOrNo.get(name) ?? null])),
    asks: rule.conditions.some((line) => line.node.tag === "Given") || rule.inputs.some((i) => i.at_most !== null),
  };
  return rule.plan;
}

function bind(rule, inputs, words) {
  const plan = planOf(rule, words), { place } = plan, env = { ...plan.empty }, blank = [], missing = [], told = [], stated = rule.inputs.map(() => false);
  for (const key of Object.keys(inputs)) {
    const value = inputs[key], found = plan.names.get(key) ?? plan.names.get(clean(key));
    if (!found) {
      const names = rule.inputs.flatMap((i) => [i.name, i.label]), name = shown(key);
      refuse("no_input", { name, place, known: rule.inputs.map((i) => `${i.name}（${i.label}）`).join("、"), nearest: nearest(name, names) });
    }
    if (value === null || value === undefined || (typeof value === "string" && isBlank(value))) continue;
    const [item, at] = found;
    if (stated[at]) refuse("twice", { label: item.label, place, name: item.name });
    env[item.name] = coerce(rule, item, value, place);
    stated[at] = true;
  }
  for (const [at, item] of plan.periods) {
    const said = countDays(rule, item, env, place);
    if (said) told.push(said);
    stated[at] = env[item.name] !== null;
  }
  rule.inputs.forEach((item, at) => {
    if (stated[at]) return;
    blank.push(item);
    if (item.default_from !== null) env[item.name] = env[item.default_from];
    else if (item.default === null) { if (item.required) missing.push(item); }
    else if (item.type !== "boolean") env[item.name] = item.default;
  });
  for (const item of plan.triggers) {
    if (env[item.name] === null && !missing.length && probe(rule, item.required_when, env)) missing.push(item);
  }
  if (missing.length) {
    refuse("missing", {
      inputs: missing.map((i) => `“${i.label}”（${i.name}）`).join("、"), place, names: missing.map((i) => i.name).join(","),
      expected: missing.map((i) => rule.told.expected[i.name]).join("；"),
    });
  }
  return { env, blank, told };
}
/** A yes or no of the rule outside an evaluation. */
function probe(rule, node, env) {
  const { taken, rows } = env;
  env.taken = {};
  env.rows = {};
  try {
    return predicate(rule, node)(env);
  } finally {
    env.taken = taken;
    env.rows = rows;
  }
}

// --- days of interest from a period ---

const lengthOf = (first, last) => Math.max(ordinal(last) - ordinal(first) + 1, 0);
function lastDay(since, years) {
  const [year, month, date] = since.split("-").map(Number), then = year + years;
  return dayBefore(date > monthDays(then, month) ? iso(then, 3, 1) : iso(then, month, date));
}
function countDays(rule, item, env, place) {
  const [start, end, since] = item.period, first = env[start] ?? null, last = env[end] ?? null;
  const label = (name) => rule.byName[name].label;
  if (first === null || last === null) {
    for (const [name, other] of [[start, end], [end, start]]) {
      if ((env[name] ?? null) === null) continue;
      refuse("one_end", { stated: label(name), label: label(other), name: other, place });
    }
    const days = env[item.name] ?? null;
    return days === null ? "" : lessInterest(rule, env, days, days, null);
  }
  const early = (name, day, other, before) => refuse("too_early", { label: label(name), day, other: label(other), first: before, name, place });
  const drawn = since ? env[since] ?? null : null;
  if (last < first) early(end, last, start, first);
  if (drawn !== null && first < drawn) early(start, first, since, drawn);
  const years = rule.term ? Number(rule.figures[rule.term.years].value.n) : null;
  const term = drawn !== null && years !== null ? lastDay(drawn, years) : null;
  const full = lengthOf(first, last), inside = lengthOf(first, term !== null && term < last ? term : last);
  const said = env[item.name] ?? null;
  if (said !== null && !same(said, whole(full)) && !same(said, whole(inside))) {
    refuse("days_differ", { label: item.label, said: shown(said), first, last, days: full, name: item.name, place });
  }
  env[item.name] = whole(inside);
  const less = lessInterest(rule, env, whole(inside), whole(full), drawn);
  if (inside === full) return less;
  env[`full ${item.name}`] = full;
  const told = `贴息期限至 ${term}，期限以外的 ${full - inside} 天不计`;
  return less ? `${told}；${less}` : told;
}
/** How many days the term has: 365 a year, by the calendar where the provision says so and the first is known. */
function mostDays(rule, since) {
  const years = Number(rule.figures[rule.term.years].value.n);
  return whole(rule.term.calendar && since !== null ? lengthOf(since, lastDay(since, years)) : years * 365);
}
/** Where fewer days count than the interest paid is for: put in so much less of it; what is to be known of that. */
function lessInterest(rule, env, inside, full, since) {
  const name = rule.term ? rule.term.paid : "", paid = env[name] ?? null;
  if (paid === null || paid.n === 0n) return "";
  const counted = least(inside, mostDays(rule, since));
  if (compare(counted, full) >= 0) return "";
  env[name] = cents(over(times(paid, counted), full));
  return `“${rule.byName[name].label}”${fixed(paid)}元 是 ${plain(full).replaceAll(",", "")} 天的，期限以内 ${plain(counted).replaceAll(",", "")} 天折算为 ${fixed(env[name])}元`;
}

// --- what a decision owes to inputs that nobody stated ---

function openInputs(outcome, blank) {
  const { rule } = outcome;
  if (outcome.eligible || !rule.plan.asks) return [];
  const failed = outcome.conditions.filter(([, met]) => !met).map(([line]) => line.node);
  if (failed.some((node) => isConst(node, false))) return [];
  const absent = new Set(blank.map((item) => item.name));
  const asked = new Set(failed.filter((node) => node.tag === "Given" && absent.has(node.name)).map((node) => node.name));
  const env = { ...stated(outcome), ...greatestOf(outcome, blank), taken: {}, rows: {} }, code = program(rule);
  let left;
  try {
    for (const [name, run] of code.terms) env[name] = run(env);
    left = code.conditions.filter(([, run]) => !run(env)).map(([line]) => line.node);
  } catch (error) {
    if (error instanceof DividedByZero) return [];
    throw error;
  }
  if (left.some((node) => !(node.tag === "Given" && asked.has(node.name)))) return [];
  const turned = new Set([...failed.filter((node) => !left.includes(node)).flatMap((node) => named(rule, node)), ...asked]);
  return blank.filter((i) => turned.has(i.name) && (asked.has(i.name) || i.at_most !== null));
}
const stated = (outcome) => Object.fromEntries(outcome.rule.inputs.map((i) => [i.name, outcome.env[i.name]]));
function greatestOf(outcome, blank) {
  const { env } = outcome, found = {};
  for (const item of blank) {
    if (item.at_most === null) continue;
    const top = item.at_most.times === null ? ANY : times(env[item.at_most.of], item.at_most.times);
    found[item.name] = env[item.name] ? greatest(top, env[item.name]) : top;
  }
  return found;
}
function decided(outcome, item) {
  const { rule, env } = outcome;
  if (item.asked_when !== null && !probe(rule, item.asked_when, env)) return false;
  if (item.assumed) return true;
  const turned = withValue(outcome, item, !item.default);
  return turned === null || turned.eligible !== outcome.eligible || !same(turned.amount, outcome.amount);
}
/** Whether an amount or rate that counts as none where it is left blank would lower the award if there were one. */
function lowers(outcome, item) {
  const none = item.default instanceof Fraction && item.default.n === 0n;
  if (!["money", "rate"].includes(item.type) || !none || item.by || !outcome.eligible) return false;
  const turned = withValue(outcome, item, item.type === "money" ? ANY : ONE);
  return turned === null || compare(turned.amount, outcome.amount) < 0;
}
/** What comes out with another value of one input; null where more would have to be stated then. */
function withValue(outcome, item, value) {
  try {
    return evaluate(outcome.rule, { ...stated(outcome), [item.name]: value });
  } catch (error) {
    if (error instanceof PolicyError || error instanceof TypeError || error instanceof DividedByZero) return null;
    throw error;
  }
}

/** So many things, each paid so much (元) or more, are more likely an amount of money written where a count belongs. */
const MANY = new Fraction(10_000n, 1n), EACH = new Fraction(1_000n, 1n);
function* doubts(outcome) {
  const { rule, env, blank } = outcome;
  for (const item of rule.inputs) {
    if (item.at_most === null || item.at_most.times === null || blank.includes(item)) continue;
    const value = env[item.name];
    const of = rule.byName[item.at_most.of], base = `“${of.label}”${show(env[of.name], kindOf(of), of.unit)}`;
    const said = `“${item.label}”${show(value, kindOf(item), item.unit)}`;
    if (compare(value, times(env[of.name], item.at_most.times)) > 0) yield `${said}，超过${base}的 ${item.at_most.text}，请核对`;
    else if (item.default_from === of.name && compare(value, env[of.name]) < 0) yield `${said}，小于${base}，请核对`;
  }
  if (!outcome.eligible) return;
  const { counted } = rule.plan;
  for (const quota of rule.quotas) {
    const places = rule.figures[quota.figure];
    if (!counted || quota.each || !(places.value instanceof Fraction)) continue;
    if (compare(env[counted], places.value) > 0 && (quota.when === null || probe(rule, quota.when, env))) {
      const item = rule.byName[counted];
      yield `名额只有 ${places.text}，“${item.label}”填了 ${show(env[counted], "count", item.unit)}，请核对`;
    }
  }
  const value = counted ? env[counted] : null;
  if (value !== null && compare(value, MANY) >= 0 && compare(outcome.amount, times(value, EACH)) >= 0) {
    const item = rule.byName[counted];
    yield `“${item.label}”填了 ${show(value, "count", item.unit)}，像是金额，请核对`;
  }
}

function outsideTail({ document, rule }, env, on) {
  const { tail } = rule, item = rule.byName[tail.since], last = document.valid_to, since = env[tail.since];
  const about = { label: item.label, name: item.name, place: planOf(rule).place, last };
  if (since === null) refuse("expired", { document: document.name, ...about });
  const { value, text } = rule.figures[tail.years];
  const years = Number(value.n), byDay = tail.by === "day";
  const within = byDay ? since <= on && on <= lastDay(since, years) : yearOf(since) <= yearOf(on) && yearOf(on) < yearOf(since) + years;
  if (since <= last && within) return null;
  return new PolicyError("out_of_tail", { on, since, start: byDay ? "当日" : "当年", years: text, ...about });
}

function byTheSum(rule, outcome) {
  const reads = (node) => leaves(node).flatMap((leaf) => {
    if (leaf.tag === "Lookup" || leaf.tag === "Covered") return [rule.figures[leaf.name].table.by];
    return leaf.tag === "Input" || leaf.tag === "Term" ? [leaf.name] : [];
  });
  const of = new Set(rule.least.of);
  for (const term of rule.terms) if (reads(term.node).some((name) => rule.least.of.includes(name))) of.add(term.name);
  return outcome.conditions.every(([line, met]) => met || reads(line.node).some((name) => of.has(name)));
}

/** A claim under a provision already found. */
function decide(words, found, inputs, on) {
  const { rule, document } = found;
  if (rule.amount === null) {
    refuse("no_amount", { title: rule.title, basis: `${document.name} ${rule.at}`, refer_to: rule.refer_to });
  }
  const { env, blank, told } = bind(rule, inputs, words), { plan } = rule;
  const late = found.tail ? outsideTail(found, env, on ?? today()) : null;
  if (late === null && on) {
    for (const item of plan.years) {
      const since = env[item.year_since], said = env[item.name];
      if (since === null || said === null) continue;
      const year = yearOf(on) - yearOf(since) + 1, first = rule.byName[item.year_since].label, { name, label } = item;
      if (!same(said, whole(year))) refuse("year_differs", { label, said: shown(said), first, since, on, year, place: plan.place, name });
    }
  }
  const outcome = evaluate(rule, env);
  outcome.blank = blank;
  if (late !== null) {
    if (!found.warnings.length) throw late;
    fail(outcome, late.got);
  }
  outcome.open = openInputs(outcome, blank);
  return new Decision(found, outcome, told, on);
}

/** What was decided; what is said of it is put together when it is read. */
class Decision {
  constructor(found, outcome, told, on) {
    this.found = found;
    this.outcome = outcome;
    this.told = told;
    this.on = on;
  }
  get basis() { return `${this.found.document.name} ${this.found.rule.at}`; }
  get assumptions() {
    const { rule, document } = this.found, { env, blank } = this.outcome, { on } = this;
    const first = document.first_day && on === document.valid_from && on === period(document, rule)[0] ? [document.first_day] : [];
    return [
      ...blank.filter((i) => i.assumed && i.asked_when === null).map(presumedText), ...this.told,
      ...rule.plan.told.filter((a) => a.when === null || probe(rule, a.when, env)).map((a) => a.text), ...first, ...document.left_out,
    ];
  }
  get warnings() {
    const { rule, warnings } = this.found, { outcome } = this;
    const asks = rule.least !== null && !outcome.eligible && byTheSum(rule, outcome) ? [rule.told.asks] : [];
    return [...warnings, ...asks, ...doubts(outcome), ...rule.applies];
  }
  get eligible() { return this.outcome.eligible; }
  get amount() { return this.outcome.amount; }
  get open() { return this.outcome.open; }
  get taken() { return this.outcome.blank.filter((i) => (i.type === "boolean" ? decided : lowers)(this.outcome, i)); }
  get presumed() { return [...this.open, ...this.taken].map((i) => i.name); }
  get steps() { return steps(this.outcome); }
  get explanation() { return oneLine(this.outcome); }
  get reasons() { return reasons(this.outcome); }
  /** The notes by what they are: 读法, 条文, 核对. */
  get remarks() {
    const presumed = this.taken.map(presumedText), refused = !this.eligible && !this.open.length;
    const { sorts } = this.found.rule.plan, found = { reading: [], limit: [], check: [] };
    const rests = new Set(refused ? failing(this.outcome).flatMap((line) => named(this.found.rule, line.node)) : []);
    for (const note of new Set([...presumed, ...this.assumptions])) {
      const known = this.told.includes(note) ? ["limit", []] : sorts.get(note);
      const [sort, about] = known ?? (presumed.includes(note) ? ["check", []] : ["reading", null]);
      if (!refused || about === null || about.some((name) => rests.has(name))) found[sort].push(note);
    }
    const names = { reading: "读法", limit: "条文", check: "核对" };
    return Object.entries(found).flatMap(([sort, notes]) => notes.map((note) => [names[sort], note]));
  }
}
