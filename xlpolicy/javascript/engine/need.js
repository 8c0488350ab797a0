// 还差多少: where the amount changes its way as one input grows, exactly, by the break points of the rule.
// A formula is followed over an open interval of that input: straight (base + slope * x), bent one way (rises or falls),
// or the same everywhere. Where a comparison turns inside the interval, the interval is cut there and gone through again.

class Cut extends Error {
  constructor(point) { super("cut"); this.point = point; }
}
class Astray extends Error {}
const negated = (x) => new Fraction(-x.n, x.d);
const sign = (x) => (x.n > 0n ? 1 : x.n < 0n ? -1 : 0);
const middle = (low, high) => over(plus(low, high), whole(2));

/** A number over an interval: `at(x)`, and whether it rises (1), falls (-1) or stays (0) with x. */
class Straight {
  constructor(base, slope) { this.base = base; this.slope = slope; }
  at(x) { return plus(this.base, times(this.slope, x)); }
  get way() { return sign(this.slope); }
}
class Bent {
  constructor(way, at) { this.way = way; this.at = at; }
}
const flat = (x) => new Straight(x, ZERO);

class Interval {
  constructor(rule, env, name, low, high, step) {
    Object.assign(this, { rule, env, name, low, high, step, terms: {} });
  }
  /** The amount after its limits over the interval; null where nothing is paid. Throws Cut, Astray. */
  amount() {
    const { rule } = this;
    for (const line of rule.terms) this.terms[line.name] = this.go(line.node);
    const met = rule.conditions.map((line) => this.go(line.node));
    if (!met.every(Boolean)) return null;
    let amount = this.go(rule.amount.node);
    for (const limit of rule.limits) {
      if (limit.when && !this.go(limit.when)) continue;
      let room = this.go(limit.node);
      const spent = limit.used ? this.value(limit.used) : null;
      if (spent) room = this.pick(this.add(room, spent, -1), flat(ZERO), 1);
      amount = this.pick(amount, room, -1);
    }
    return amount;
  }
  value(name) {
    const item = this.rule.byName[name];
    if (name === this.name || (this.env.followers.has(name) && item.default_from === this.name)) return new Straight(ZERO, ONE);
    const value = this.env[name];
    return value instanceof Fraction ? flat(value) : value;
  }
  go(node) {
    switch (node.tag) {
      case "Const": return node.value instanceof Fraction ? flat(node.value) : node.value;
      case "Figure": { const { value } = this.rule.figures[node.name]; return value instanceof Fraction ? flat(value) : value; }
      case "Lookup": { const row = this.row(node); return flat(row === null ? ZERO : this.rule.figures[node.name].table.rows[row][1]); }
      case "Covered": return this.row(node) !== null;
      case "Input": return this.value(node.name);
      case "Term": return this.terms[node.name];
      case "Given": return this.value(node.name) !== null;
      case "Arith": return this.arithmetic(node);
      case "Whole": {
        const left = this.go(node.left), right = this.go(node.right);
        if (right.way || sign(right.base) <= 0) throw new Astray();
        return left.way ? new Bent(left.way, (x) => goes(left.at(x), right.base)) : flat(goes(left.at(ZERO), right.base));
      }
      case "Compare": return this.test(node);
      case "Logic": return node.op === "and" ? node.items.every((item) => this.go(item)) : node.items.some((item) => this.go(item));
      case "Not": return !this.go(node.item);
      case "Extreme": return node.items.map((item) => this.go(item)).reduce((a, b) => this.pick(a, b, node.op === "min" ? -1 : 1));
      case "Choose": return this.go(this.go(node.test) ? node.then : node.other);
      default: throw new Astray();
    }
  }
  row(node) {
    const { table } = this.rule.figures[node.name], value = this.value(table.by);
    if (!(value instanceof Straight)) return findRow(table, value);
    if (value.way) for (const [edge] of table.rows) this.cutAt(edge);
    return findRow(table, value.at(middle(this.low, this.high)));
  }
  cutAt(point) {
    if (compare(this.low, point) < 0 && compare(point, this.high) < 0) throw new Cut(point);
  }
  add(a, b, times1) {
    const signed = times1 < 0 ? this.scale(b, new Fraction(-1n, 1n)) : b;
    if (a instanceof Straight && signed instanceof Straight) return new Straight(plus(a.base, signed.base), plus(a.slope, signed.slope));
    if (a.way * signed.way < 0) throw new Astray();
    return new Bent(a.way || signed.way, (x) => plus(a.at(x), signed.at(x)));
  }
  scale(a, by) {
    if (a instanceof Straight) return new Straight(times(a.base, by), times(a.slope, by));
    return new Bent(a.way * sign(by), (x) => times(a.at(x), by));
  }
  arithmetic({ op, left: l, right: r }) {
    const left = this.go(l), right = this.go(r);
    if (op === "+" || op === "-") return this.add(left, right, op === "-" ? -1 : 1);
    if (!right.way && right instanceof Straight) return this.scale(left, op === "/" ? over(ONE, right.base) : right.base);
    if (op === "*") {
      if (!left.way && left instanceof Straight) return this.scale(right, left.base);
      throw new Astray();
    }
    if (!(left instanceof Straight && right instanceof Straight)) throw new Astray();
    this.cutAt(negated(over(right.base, right.slope)));
    const way = sign(minus(times(left.slope, right.base), times(left.base, right.slope)));
    return new Bent(way, (x) => over(left.at(x), right.at(x)));
  }
  /** The sign of a difference over the interval, which is cut where it turns. */
  side(a, b) {
    const difference = this.add(a, b, -1), mid = middle(this.low, this.high);
    if (difference instanceof Straight) {
      if (difference.way) this.cutAt(negated(over(difference.base, difference.slope)));
      return sign(difference.at(mid));
    }
    return this.turn(difference);
  }
  /** Of a bent difference: the last point of the grid before it turns is found by halving. */
  turn(difference) {
    let low = floor(over(this.low, this.step)) + 1n, high = -floor(negated(over(this.high, this.step))) - 1n;
    const at = (place) => sign(difference.at(times(this.step, new Fraction(place, 1n))));
    if (high < low) return sign(difference.at(middle(this.low, this.high)));
    const first = at(low), last = at(high);
    if (first === last) return first;
    while (high - low > 1n) {
      const mid = (low + high) / 2n;
      if (at(mid) === first) low = mid; else high = mid;
    }
    throw new Cut(times(this.step, new Fraction(2n * low + 1n, 2n)));
  }
  test({ op, left: l, right: r }) {
    const left = this.go(l), right = this.go(r);
    if (!(left instanceof Straight || left instanceof Bent)) return TESTS[op](left, right);
    return TESTS[op](whole(this.side(left, right)), ZERO);
  }
  pick(a, b, want) { return this.side(a, b) * want >= 0 ? a : b; }
}

const MOST = "到封顶，再多也不增加";
const STEPS = { money: new Fraction(1n, 100n), integer: ONE, rate: new Fraction(1n, power(6)) };
/** The greatest value that an input may have, and its grid. */
const rangeOf = (item) => [whole(item.minimum ?? 0), item.maximum ?? (item.type === "rate" ? ONE : BOUND), STEPS[item.type]];

/** Every point where the amount changes its way as the input grows from `from`, in order. */
function breakPoints(rule, bound, item, from) {
  const [, top, step] = rangeOf(item), found = [], queue = [[from, top]];
  const env = { ...bound.env, followers: new Set(bound.blank.map((i) => i.name)) };
  while (queue.length) {
    const [low, high] = queue.pop();
    if (compare(minus(high, low), step) <= 0) continue;
    try {
      new Interval(rule, env, item.name, low, high, step).amount();
    } catch (error) {
      if (error instanceof Cut) {
        found.push(error.point);
        if (found.length > 400) return [];
        queue.push([low, error.point], [error.point, high]);
      } else if (error instanceof Astray || error instanceof DividedByZero || error instanceof TypeError) continue;
      else throw error;
    }
  }
  return found.sort(compare);
}

/** What lies ahead of a claim as one input grows: {value, more, what, amount}, nearest first. */
function ahead(words, found, inputs, on, item) {
  const { rule } = found, now = tried(words, found, inputs, on, item, null);
  if (!now || !(now.outcome.env[item.name] instanceof Fraction) || !STEPS[item.type] || item.choices.length) return [];
  const from = now.outcome.env[item.name], [, top, step] = rangeOf(item), out = [];
  const decided = (value) => tried(words, found, inputs, on, item, value);
  let most;
  const greatest = () => (most === undefined ? (most = decided(minus(top, step))) : most);
  const pays = (place, amount) => {
    const made = decided(times(step, new Fraction(place, 1n)));
    return made !== null && made.eligible && compare(made.amount, amount) >= 0;
  };
  let before = now, behind = floor(over(from, step));
  for (const point of breakPoints(rule, { env: now.outcome.env, blank: now.outcome.blank }, item, from)) {
    const place = -floor(negated(over(point, step)));
    for (const at of [place, place + 1n]) {
      let value = times(step, new Fraction(at, 1n));
      if (compare(value, from) <= 0 || compare(value, top) > 0) continue;
      const then = decided(value);
      if (!then) continue;
      const what = stepOf(before, then, greatest, () => decided(plus(value, times(step, whole(100)))));
      if (what === MOST) value = times(step, new Fraction(firstOf(behind, at, (place) => pays(place, then.amount)), 1n));
      before = then;
      behind = at;
      if (!what) continue;
      out.push({ value, more: minus(value, from), what, amount: then.amount });
      break;
    }
    if (out.length > 2) break;
  }
  return out;
}
function tried(words, found, inputs, on, item, value) {
  try {
    return decide(words, found, value === null ? inputs : { ...inputs, [item.name]: value }, on);
  } catch (error) {
    if (error instanceof PolicyError) return null;
    throw error;
  }
}
/** What a step is; `most` and `further` decide below the greatest value that there is, and a little beyond this one. */
function stepOf(before, then, most, further) {
  if (!before.eligible && then.eligible) return "达到门槛";
  if (before.eligible && !then.eligible) return "超出条件，不予补助";
  if (!then.eligible) return "";
  const rows = (decision) => JSON.stringify(decision.outcome.env.rows);
  if (rows(before) !== rows(then) && !same(before.amount, then.amount)) return "进入下一档";
  if (compare(then.amount, before.amount) <= 0) return "";
  const alike = (next) => next !== null && same(next.amount, then.amount);
  // a limit of the amount, or one inside the formula (of the principal): what it holds no value goes beyond
  const cut = then.outcome.limits.some(([, , , after]) => compare(after, then.outcome.raw) < 0 || same(after, then.outcome.raw));
  return (cut || alike(most())) && alike(further()) ? MOST : "";
}
/** The first place behind `low` that holds as `high` does: an amount is rounded up to the most before it is reached, by
 * a few steps, so that they are doubled before they are halved. */
function firstOf(low, high, holds) {
  let step = 1n;
  while (high - step > low && holds(high - step)) { high -= step; step *= 2n; }
  if (high - step > low) low = high - step;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (holds(middle)) high = middle; else low = middle;
  }
  return high;
}
