// SUBSIDY_NEED: the least value of an input that reaches an amount, 门槛, 下一档 or 封顶. The rule is gone through over the
// whole range of the input; between two cuts the amount goes one way, so that halving finds the least value.

const TARGET = "目标", BY = "按", MOST_CUTS = 400, TOP = xlpolicy.decimal("999999999999999");
const ceiling = (x) => -floor(new Fraction(-x.n, x.d));

/** One claim of which one input is looked for. */
class Question {
  constructor(found, inputs, on, by) {
    const { rule } = found;
    if (rule.amount === null) decide(LAW.words, found, {}, on); // refuses, and says where to go
    this.known = new Map(rule.inputs.flatMap((item) => [item.name, item.label, clean(item.label)].map((name) => [name, item])));
    const stated = new Set(Object.entries(inputs).filter(([, value]) => value !== null && value !== undefined && value !== "").map(([key]) => this.known.get(key)?.name));
    Object.assign(this, { found, on, item: this.wanted(rule, by, stated), made: new Map(), refusal: null });
    this.others = Object.fromEntries(Object.entries(inputs).filter(([key]) => this.known.get(key) !== this.item));
    this.grid = STEPS[this.item.type];
    const top = this.item.maximum ?? (this.item.type === "rate" ? whole(1) : TOP);
    this.low = ceiling(over(whole(this.item.minimum ?? 0), this.grid));
    this.high = floor(over(top, this.grid));
    if (this.item.choices.length) {
      const offered = this.item.choices.map((choice) => whole(choice.value)).sort(compare);
      [this.low, this.high] = [floor(offered[0]), floor(offered.at(-1))];
    }
  }
  /** As named, else the first number that is owed and not stated, else the first number. */
  wanted(rule, by, stated) {
    const place = `${rule.title}（${rule.at}）`, numbers = rule.inputs.filter((item) => STEPS[item.type]);
    if (by !== null && !this.known.has(by)) {
      wrong(place, `没有“${by}”这个输入项`, "反推的输入项", nearest(by, rule.inputs.flatMap((i) => [i.name, i.label])), "unknown_input");
    }
    const owed = numbers.filter((i) => i.required && i.default === null && i.default_from === null && ![i.name, ...i.period].some((name) => stated.has(name)));
    const item = by === null ? owed[0] ?? numbers[0] : this.known.get(by);
    if (!item || !STEPS[item.type]) {
      wrong(place, `“${item ? item.label : rule.title}”不是数，不能反推`, numbers.length ? rule.told.expected[numbers[0].name] : "金额、数量或比例",
        numbers.length ? "写明按哪一项反推" : "直接测算：这一条没有可以反推的项");
    }
    return item;
  }
  value(place) { return times(this.grid, new Fraction(place, 1n)); }
  decision(place) {
    if (!this.made.has(place)) {
      try {
        this.made.set(place, decide(LAW.words, this.found, { ...this.others, [this.item.name]: this.value(place) }, this.on));
      } catch (error) {
        if (!refused(error)) throw error;
        this.made.set(place, null);
        this.refusal = error;
      }
    }
    return this.made.get(place);
  }
  * spans() {
    let start = this.low;
    for (const cut of this.cuts()) {
      const at = over(cut, this.grid), last = ceiling(at) - 1n;
      if (start <= last) yield [start, last];
      if (last + 1n > start) start = last + 1n;
      if (compare(this.value(start), cut) === 0) {
        yield [start, start];
        start += 1n;
      }
    }
    if (start <= this.high) yield [start, this.high];
  }
  cuts() {
    const { item, found: { rule } } = this;
    const sample = [this.low, this.low + 1n, this.high].map((place) => this.decision(place)).find(Boolean);
    if (!sample) throw this.refusal;
    if (item.choices.length) return item.choices.map((choice) => whole(choice.value)).sort(compare);
    const { env, blank: left } = sample.outcome, followers = new Set(left.filter((i) => i.default_from === item.name).map((i) => i.name));
    const first = this.value(this.low), queue = [[first, this.value(this.high)]], cuts = [first];
    while (queue.length) {
      const [low, high] = queue.pop();
      if (compare(minus(high, low), this.grid) <= 0) continue;
      try {
        new Interval(rule, { ...env, followers }, item.name, low, high, this.grid).amount();
      } catch (error) {
        if (error instanceof Cut) {
          cuts.push(error.point);
          queue.push([low, error.point], [error.point, high]);
        } else if (error instanceof Astray || error instanceof DividedByZero) this.unclear();
        else if (!(error instanceof TypeError)) throw error;
      }
      if (cuts.length > MOST_CUTS) this.unclear();
    }
    return cuts.sort(compare).filter((cut, i, all) => !i || compare(cut, all[i - 1]) !== 0);
  }
  unclear() {
    const { rule } = this.found;
    wrong(`${rule.title}（${rule.at}）`, `“${this.item.label}”与金额的关系不是一段一段的，反推不出来`, "随这一项增减的金额", "换一项反推（--by），或直接试算", "not_computable");
  }
  /** The least value whose decision is `reached`: {value, decision}; without one the best that the input can do, at `best`. */
  least(reached) {
    let best = null;
    for (const [low, high] of this.spans()) {
      const place = this.within(low, high, reached);
      if (place !== null) return { item: this.item, value: this.value(place), decision: this.decision(place), best: null };
      for (const end of [low, high]) {
        const made = this.decision(end);
        if (made?.eligible && (best === null || compare(made.amount, best) > 0)) best = made.amount;
      }
    }
    if (this.refusal?.code === "missing_input") throw this.refusal;
    if (best === null) return { item: this.item, value: null, decision: this.decision(this.high) ?? this.decision(this.low), best: null };
    const first = this.least((made) => made.eligible && compare(made.amount, best) >= 0);
    return { item: this.item, value: null, decision: first.decision, best: first.value };
  }
  within(low, high, reached) {
    const at = (place) => { const made = this.decision(place); return made !== null && reached(made); };
    if (at(low)) return low;
    if (!at(high)) return null;
    let [below, above] = [low, high];
    while (above - below > 1n) {
      const middle = (below + above) / 2n;
      if (at(middle)) above = middle;
      else below = middle;
    }
    return above;
  }
  /** What is stated of the input now; null for nothing. */
  now(inputs) {
    for (const [name, value] of Object.entries(inputs)) {
      if (this.known.get(name) === this.item && value !== null && value !== undefined && value !== "") return coerce(this.found.rule, this.item, value, "");
    }
    return null;
  }
}
const rowsOf = (decision) => JSON.stringify(decision.outcome.env.rows);

function needOf(question, inputs, to) {
  const word = typeof to === "string" ? clean(to) : "", paid = (made) => made.eligible && made.amount.n > 0n;
  if (word === "门槛") return question.least((made) => made.amount.n > 0n);
  if (word === "下一档") return nextRow(question, inputs);
  if (word === "封顶") {
    const found = question.least(() => false);
    if (found.best === null || !found.decision) return found;
    const endless = compare(found.best, question.value(question.high)) >= 0;
    return { item: question.item, value: endless ? null : found.best, decision: endless ? null : found.decision, best: null };
  }
  let wanted;
  try {
    wanted = parseMoney(to);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    wrong("", `要达到的金额${error.message}`, "金额，如 50万元；或 门槛、下一档、封顶", "改正后再算");
  }
  if (wanted.n <= 0n) wrong("", `要达到的金额是 ${plain(wanted).replaceAll(",", "")}`, "大于 0 的金额", "改正后再算");
  return question.least((made) => paid(made) && compare(made.amount, wanted) >= 0);
}
/** The least value of a higher row than the one now, that pays more; without one, what is paid now. */
function nextRow(question, inputs) {
  const value = question.now(inputs), { item } = question;
  if (value === null) wrong("", `没有写“${item.label}”现在是多少`, "现在的数值", "写明后再算下一档");
  const place = floor(over(value, question.grid)), before = question.decision(place), paid = before?.eligible;
  if (place + 1n > question.low) question.low = place + 1n;
  const amount = paid ? before.amount : whole(0), rows = paid ? rowsOf(before) : null;
  const found = question.least((made) => made.eligible && compare(made.amount, amount) > 0 && rowsOf(made) !== rows);
  return found.value !== null || rows === null ? found : { item, value: null, decision: before, best: question.value(place) };
}
/** What was found, in a sentence. */
function reachedText({ item, value, decision, best }, to, stated) {
  const say = (x) => show(x, kindOf(item), item.unit);
  if (value !== null) {
    const now = stated === null ? "" : compare(value, stated) > 0 ? `（现为 ${say(stated)}，还差 ${say(minus(value, stated))}）` : `（现为 ${say(stated)}，已经够了）`;
    return `要达到 ${to}，“${item.label}”至少 ${say(value)}${now}`;
  }
  if (best !== null && decision) {
    const most = `最多 ${fixed(decision.amount)} 元（填 ${say(best)} 时）`;
    return to === "下一档" ? `“${item.label}”没有更高的档：${most}` : `“${item.label}”再多也达不到 ${to}：${most}`;
  }
  return decision ? `只改“${item.label}”达不到 ${to}，别的条件还不满足` : `“${item.label}”没有封顶，越多补助越多`;
}
/** A bare number in the unit of the call, however written, as a text that says so; anything else as it is. */
function withUnit(value, unit) {
  try {
    const amount = parseMoney(value, unit);
    if (typeof value === "string" && compare(parseMoney(value, "万元"), parseMoney(value, "元")) === 0) return value; // it names its unit
    return `${plain(over(amount, xlpolicy.decimal(`1E+${YUAN[unit]}`))).replaceAll(",", "")}${unit}`;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return value;
  }
}
/** A call by rows: the target goes through it as one more pair, so that it may be a range like any other. */
function needRows(city, rule, args, one, failed) {
  const [target, ...pairs] = args;
  if (unstated(grid(target)[0][0])) wrong("SUBSIDY_NEED", "没有写目标", "金额，或 门槛、下一档、封顶", "补上第三个参数");
  return eachRow(city, rule, [...pairs, TARGET, target], (found, row, day) => {
    const { [BY]: by = null, [TARGET]: to, ...inputs } = row.inputs, known = statedBy(found, { ...row, value: null, inputs });
    const wanted = withUnit(to, row.unit), question = new Question(found, known, day, unstated(by) ? null : String(by));
    const made = needOf(question, known, wanted);
    return one(made, reachedText(made, String(wanted), question.now(known)), row);
  }, failed);
}
function needValue({ item, value }, told, { unit }) {
  if (value === null) wrong("", told, "够得着的金额", "减小目标，或先满足别的条件", "not_computable");
  return item.type === "money" ? inUnit(value, unit) : Number(plain(value).replaceAll(",", ""));
}
const needWhy = (made, told) => told + (made.decision ? `。${made.decision.explanation}` : "");
