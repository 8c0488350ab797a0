// 计算过程: one evaluation in the words of a clerk. The words come with the law (`told`), the values are put into their gaps.

/** The texts of an outcome; `blank`: inputs left out that took another's value. */
class Telling {
  constructor(outcome, env = outcome.env, blank = outcome.blank) {
    this.rule = outcome.rule;
    this.env = env;
    this.blank = new Set(blank.filter((item) => item.default_from).map((item) => item.name));
  }
  /** A text with its gaps filled. */
  fill(text) {
    let out = "";
    for (const part of text) out += typeof part === "string" ? part : this[part[0]](...part.slice(1));
    return out;
  }
  v(name) {
    const item = this.rule.byName[name], value = this.env[name];
    if (this.blank.has(name)) {
      return `${show(value, kindOf(item), item.unit)}（未填，同“${this.rule.byName[item.default_from].label}”）`;
    }
    return (item.choices.length && choiceLabel(item, value)) || show(value, kindOf(item), item.choices.length ? "" : item.unit);
  }
  n(name) { return show(this.env[name], kindOf(this.rule.byName[name])); }
  w(name) {
    const line = this.rule.terms.find((term) => term.name === name);
    const node = wentTo(line.node, this.env);
    if (node.tag === "Figure") return this.rule.figures[node.name].text;
    const units = leaves(node).filter((leaf) => leaf.tag === "Input").map((leaf) => this.rule.byName[leaf.name].unit);
    return show(this.env[name], line.kind, units.length && line.kind === "count" ? units[0] : "");
  }
  r(name) { return rowText(this.rule.figures[name], this.env.rows[name] ?? null); }
  c(id, then, other, unasked) {
    if (unasked && !(id in this.env.taken)) return this.fill(unasked);
    return this.fill(this.env.taken[id] ? then : other);
  }
  s(id, name) {
    const item = this.rule.byName[name];
    try {
      return ` ＝ ${show(probe(this.rule, this.rule.chosen[id], this.env), kindOf(item), item.unit)}`;
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof DividedByZero)) throw error;
      return "";
    }
  }
  z(id, above, below) {
    let positive = false;
    try {
      positive = compare(probe(this.rule, this.rule.chosen[id], this.env), ZERO) >= 0;
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof DividedByZero)) throw error;
    }
    return this.fill(positive ? above : below);
  }
}
const rowText = (figure, row) => (row === null ? "0" : figure.table.texts[row][1]);

function reasonOf(outcome, line, env = outcome.env) {
  const said = line.told.refusal ? new Telling(outcome, env, []).fill(line.told.refusal) : line.label;
  return said + (line.at ? `（${line.at}）` : "");
}
/** Why nothing is paid: what failed, or what has to be stated before that can be said. */
function reasons(outcome) {
  const failed = outcome.conditions.filter(([, met]) => !met).map(([line]) => line);
  if (!outcome.open.length) {
    return failing(outcome).map((line) => refused(outcome, line));
  }
  const tests = failed.filter((line) => line.node.tag !== "Given").map((line) => line.told.asked);
  const asked = outcome.open.map((item) => `“${item.label}”`).join("");
  const what = tests.length ? `是否满足“${tests.join("”“")}”` : "应补助多少";
  return [`未填${asked}，不能判断${what}，请补填后重算`];
}
/** The conditions on which a refusal rests: those that fail whatever was left blank, where there are such. */
function failing(outcome) {
  const failed = outcome.conditions.filter(([, met]) => !met).map(([line]) => line);
  const stated = failed.filter((line) => line.node.tag !== "Given"), sure = stated.filter((line) => !mayHold(outcome, line));
  return [sure, stated, failed].find((lines) => lines.length) ?? [];
}
/** Whether a condition that failed would hold with plausible values of what was left blank: no reason to refuse. */
function mayHold(outcome, line) {
  const { rule } = outcome, most = greatestOf(outcome, outcome.blank);
  if (![...named(rule, line.node)].some((name) => name in most)) return false;
  return predicate(rule, line.node)({ ...outcome.env, ...most, taken: {}, rows: {} });
}
function refused(outcome, line) {
  const { rule } = outcome, most = greatestOf(outcome, outcome.blank);
  const looked = [...new Set(named(rule, line.node))].filter((name) => name in most).map((name) => rule.byName[name]);
  if (!looked.length) return reasonOf(outcome, line);
  const listed = looked.map((item) => `“${item.label}”`).join(""), bound = looked.map((item) => item.at_most.text).join("、");
  return `未填${listed}，按最多可能（${bound}）计，${reasonOf(outcome, line, { ...outcome.env, ...most })}`;
}

/** The long form, line by line: {what, formula, value, at}. */
function steps(outcome) {
  const { rule, env } = outcome, telling = new Telling(outcome), out = [];
  const add = (what, formula, value, at) => out.push({ what, formula, value, at: at || rule.at });
  for (const [line, met] of outcome.conditions) {
    if ((!line.source && met) || notAsked(line.node, env)) continue;
    let text = line.label && line.node.tag === "Const" ? line.label : telling.fill(line.told.text);
    if (!met && outcome.open.length) text = line.told.asked;
    add("条件", text, holds(outcome, line, met), line.at);
  }
  if (outcome.open.length) {
    add("核定", "资料不全，待补填后重算", "暂不核定");
    return out;
  }
  if (!outcome.eligible) {
    add("核定", "条件不成立，不予补助", "0.00元");
    return out;
  }
  for (const [why, read] of tiers(outcome, telling)) add("档次", why, read.join("、"));
  for (const line of rule.terms) {
    branches(line, outcome, telling, add);
    add(line.label, telling.fill(rule.told.terms[line.name].text), telling.w(line.name), line.at);
  }
  branches(rule.amount, outcome, telling, add);
  const { amount } = rule.told;
  if (rule.amount.node.tag !== "Lookup") {
    add(telling.fill(amount.names), telling.fill(amount.text), show(outcome.raw, "money"));
  }
  let before = outcome.raw;
  for (const [limit, maximum, spent, after] of outcome.limits) {
    const { scope, text: sum } = rule.told.limits[rule.limits.indexOf(limit)];
    let text = `${limit.label}${show(maximum, "money")}${sum ? `（${telling.fill(sum)}）` : ""}${scope}`;
    if (spent && spent.n !== 0n) text += ` － 已兑现${show(spent, "money")}`;
    const at = limit.by_reading === "limit" ? "读法" : limit.at || rule.at;
    add(limit.per.length && at !== "读法" ? "封顶" : "限额", text, compare(after, before) < 0 ? `取${show(after, "money")}` : "未超过", at);
    before = after;
  }
  add("核定", same(outcome.amount, before) ? "按以上结果" : "四舍五入到分", `${fixed(outcome.amount)}元`);
  return out;
}
/** The branch that a conditional took, and those in it, down to what is no conditional. */
function wentTo(node, env) {
  let last = node;
  while (last.tag === "Choose") last = env.taken[last.id] ? last.then : last.other;
  return last;
}
/** Whether a condition is one of cases that this claim is none of. */
const notAsked = (node, env) => node.tag === "Choose" && isConst(node.other, true) && !(env.taken[node.id] ?? true);
function holds(outcome, line, met) {
  if (!met && outcome.open.length) return "待补填";
  if (!met && mayHold(outcome, line)) return "未填，不能判断";
  const node = wentTo(line.node, outcome.env);
  const blank = takenFor(outcome, node);
  if (blank) return blank;
  const inner = node.tag === "Not" ? node.item : node;
  if (inner.tag === "Input") return met === (inner === node) ? "是" : "否";
  return met ? "满足" : "不满足";
}
/** What the one input that is asked about was taken for, because nobody stated it; empty where that was stated. */
function takenFor(outcome, node) {
  let inner = node.tag === "Not" ? node.item : node;
  if (node.tag === "Compare" && node.right.tag === "Const") inner = node.left;
  const item = inner.tag === "Input" ? outcome.blank.find((one) => one.name === inner.name) : undefined;
  return item && item.default !== null && item.default !== undefined ? `未填，暂按“${defaultText(item)}”` : "";
}
function branches(line, outcome, telling, add) {
  const queue = [line.node], { taken } = outcome.env;
  while (queue.length) {
    const node = queue.shift();
    queue.unshift(...children(node));
    if (node.tag !== "Choose" || !(node.id in taken)) continue;
    const met = takenFor(outcome, node.test) || (taken[node.id] ? "是" : "否");
    add("判断", telling.fill(outcome.rule.told.ways[node.id].asks), met, line.at);
  }
}
/** The rows of tables that the amount was read from: why this row -> what stands in it. */
function tiers(outcome, telling) {
  const { rule, env } = outcome, found = new Map();
  const read = [...rule.terms, rule.amount, ...outcome.limits.map(([limit]) => limit)];
  for (const node of read.flatMap((line) => leaves(line.node))) {
    if (node.tag !== "Lookup" || !(node.name in env.rows)) continue;
    const row = env.rows[node.name], figure = rule.figures[node.name];
    const why = telling.fill(rule.told.tiers[node.name][row === null ? 0 : row + 1]), text = figure.label + rowText(figure, row);
    if (!found.has(why)) found.set(why, []);
    if (!found.get(why).includes(text)) found.get(why).push(text);
  }
  return found;
}
function* ways(node, outcome, telling) {
  const { taken } = outcome.env;
  if (node.tag === "Choose" && node.id in taken) {
    const way = outcome.rule.told.ways[node.id][taken[node.id] ? "yes" : "no"];
    if (way) yield telling.fill(way);
  }
  for (const child of children(node)) yield* ways(child, outcome, telling);
}
/** The short form: one line. */
function oneLine(outcome) {
  const { rule, env } = outcome;
  if (!outcome.eligible) {
    const at = !outcome.open.length && failing(outcome).every((line) => line.at) ? "" : `（${rule.at}）`;
    return `${outcome.open.length ? "尚不能判断" : "不予补助"}：${reasons(outcome).join("；")}${at}`;
  }
  const telling = new Telling(outcome);
  const reached = outcome.conditions.flatMap(([line]) => (line.told.reached ? [telling.fill(line.told.reached)] : []));
  const held = rule.terms.map((line) => [line, rule.told.terms[line.name].cut]).filter(([line, cut]) => cut && compare(env[line.name], env[cut.of]) < 0);
  const cut = held.map(([, { text }]) => telling.fill(text));
  const late = rule.inputs.filter((item) => item.period && `full ${item.name}` in env)
    .map((item) => `${item.label}${env[`full ${item.name}`]}${item.unit}，只计${plain(env[item.name]).replaceAll(",", "")}${item.unit}（期限以外的不计）`);
  const parts = [...reached, ...tiers(outcome, telling).keys(), ...late, ...cut, ...ways(rule.amount.node, outcome, telling)];
  const node = wentTo(rule.amount.node, env);
  const text = telling.fill(rule.told.amount.text);
  if (node.tag === "Lookup" || node.tag === "Figure") parts.push(text);
  else if (node.tag === "Input") parts.push(rule.byName[node.name].label + telling.v(node.name));
  else parts.push(`${text} ＝ ${show(outcome.raw, "money")}`);
  let before = outcome.raw;
  for (const [limit, maximum, spent, after] of outcome.limits) {
    const paid = spent && spent.n !== 0n ? `连同已兑现${show(spent, "money")}` : "", cut = compare(after, before) < 0;
    parts.push(`${paid}${cut ? "超过" : "未超过"}${limit.label}${show(maximum, "money")}${cut ? `，取${show(after, "money")}` : ""}`);
    before = after;
  }
  return `${parts.join("，")}，核定 ${fixed(outcome.amount)}元（${rule.at}）`;
}
