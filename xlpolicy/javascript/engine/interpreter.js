// The interpreter of the law: each formula becomes a closure over an environment (inputs and terms by name, `taken`:
// which way every conditional went, `rows`: which row of a table was read).

const ARITHMETIC = { "+": plus, "-": minus, "*": times, "/": over };
const TESTS = {
  "<": (a, b) => compare(a, b) < 0, "<=": (a, b) => compare(a, b) <= 0, ">": (a, b) => compare(a, b) > 0,
  ">=": (a, b) => compare(a, b) >= 0, "==": same, "!=": (a, b) => !same(a, b),
};

/** Index of the row for a value, or null where no tier is reached or no level listed. */
function findRow(table, value) {
  if (table.mode === "levels") {
    const at = table.rows.findIndex(([key]) => same(key, value));
    return at < 0 ? null : at;
  }
  let index = null;
  table.rows.forEach(([edge], i) => {
    const side = compare(value, edge);
    if (side > 0 || (side === 0 && table.mode === "from")) index = i;
  });
  return index;
}

const COMPILERS = {
  Const: (node) => () => node.value,
  Figure: (node, rule) => { const number = rule.figures[node.name].value; return () => number; },
  Lookup: (node, rule) => {
    const { table } = rule.figures[node.name];
    return (env) => {
      const row = env.rows[node.name] = findRow(table, env[table.by]);
      return row === null ? ZERO : table.rows[row][1];
    };
  },
  Covered: (node, rule) => {
    const { table } = rule.figures[node.name];
    return (env) => findRow(table, env[table.by]) !== null;
  },
  Input: (node) => (env) => env[node.name],
  Term: (node) => (env) => env[node.name],
  Given: (node) => (env) => env[node.name] !== null,
  Arith: (node, rule) => two(ARITHMETIC[node.op], node, rule),
  Compare: (node, rule) => two(TESTS[node.op], node, rule),
  Whole: (node, rule) => two(goes, node, rule),
  Logic: (node, rule) => {
    const parts = node.items.map((item) => compiled(item, rule));
    return node.op === "and" ? (env) => parts.every((part) => part(env)) : (env) => parts.some((part) => part(env));
  },
  Not: (node, rule) => { const inner = compiled(node.item, rule); return (env) => !inner(env); },
  Extreme: (node, rule) => {
    const pick = node.op === "min" ? least : greatest;
    return node.items.map((item) => compiled(item, rule)).reduce((left, right) => (env) => pick(left(env), right(env)));
  },
  Choose: (node, rule) => {
    const [test, then, other] = [node.test, node.then, node.other].map((part) => compiled(part, rule));
    return (env) => ((env.taken[node.id] = test(env)) ? then(env) : other(env));
  },
};
function two(operation, node, rule) {
  const left = compiled(node.left, rule), right = compiled(node.right, rule);
  return (env) => operation(left(env), right(env));
}
/** The closure of one formula of a rule. */
const compiled = (node, rule) => COMPILERS[node.tag](node, rule);

/** A rule's closures in the order they run, made once. */
function program(rule) {
  rule.program ??= {
    terms: rule.terms.map((line) => [line.name, compiled(line.node, rule)]),
    conditions: rule.conditions.map((line) => [line, compiled(line.node, rule)]),
    amount: compiled(rule.amount.node, rule),
    limits: rule.limits.map((limit) => ({
      limit, most: compiled(limit.node, rule), used: limit.used, when: limit.when && compiled(limit.when, rule),
    })),
  };
  return rule.program;
}
function predicate(rule, node) {
  rule.predicates ??= new Map();
  if (!rule.predicates.has(node)) rule.predicates.set(node, compiled(node, rule));
  return rule.predicates.get(node);
}

/** Run a rule on bound inputs: the conditions with their results, the raw amount, each limit, the amount. */
function evaluate(rule, env) {
  const code = program(rule);
  const outcome = { rule, env, conditions: [], limits: [], raw: ZERO, amount: ZERO, blank: [], open: [], eligible: true };
  env.taken = {};
  env.rows = {};
  try {
    for (const [name, run] of code.terms) env[name] = run(env);
    for (const [line, run] of code.conditions) {
      const met = run(env);
      outcome.conditions.push([line, met]);
      if (!met) outcome.eligible = false;
    }
    if (!outcome.eligible) return outcome;
    let amount = outcome.raw = code.amount(env);
    for (const { limit, most, used, when } of code.limits) {
      if (when && !when(env)) continue;
      const maximum = most(env), spent = used ? env[used] : null;
      const room = spent && spent.n !== 0n ? greatest(minus(maximum, spent), ZERO) : maximum;
      if (compare(room, amount) < 0) amount = room;
      outcome.limits.push([limit, maximum, spent, amount]);
    }
    outcome.amount = cents(amount);
  } catch (error) {
    if (!(error instanceof DividedByZero)) throw error;
    const formulas = [...rule.terms, ...rule.conditions, rule.amount, ...rule.limits].map((line) => line.node);
    const asked = formulas.flatMap(divisors).flatMap((by) => named(rule, by));
    const name = asked.find((one) => same(env[one], ZERO)) ?? asked[0], { label } = rule.byName[name];
    refuse("zero_divisor", { place: `${rule.title}（${rule.at}）`, label, name });
  }
  return outcome;
}
/** What a formula divides by. */
const divisors = (node) => [...(node.tag === "Whole" || (node.tag === "Arith" && node.op === "/") ? [node.right] : []),
  ...children(node).flatMap(divisors)];
/** A condition that failed outside the rule's own formulas. */
function fail(outcome, why) {
  outcome.conditions.push([{ node: { tag: "Const", value: false }, source: "", label: why, kind: "boolean", told: {} }, false]);
  Object.assign(outcome, { raw: ZERO, amount: ZERO, limits: [], eligible: false });
}
const children = (node) => [node.left, node.right, node.item, node.test, node.then, node.other, ...(node.items ?? [])]
  .filter((part) => part !== undefined);
const leaves = (node) => {
  const below = children(node);
  return below.length ? below.flatMap(leaves) : [node];
};
const isConst = (node, value) => node.tag === "Const" && same(node.value, value);
/** The inputs that a formula looks at, those of its terms and tables included. */
function named(rule, node) {
  return leaves(node).flatMap((leaf) => {
    if (leaf.tag === "Input" || leaf.tag === "Given") return [leaf.name];
    if (leaf.tag === "Term") return named(rule, rule.terms.find((line) => line.name === leaf.name).node);
    return rule.figures[leaf.name]?.table && leaf.tag !== "Figure" ? [rule.figures[leaf.name].table.by] : [];
  });
}
