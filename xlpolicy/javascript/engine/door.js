// What a program may call. Amounts are texts with two decimals, as `assess(...).model_dump("json")` gives them.

const catalog = new Catalog(LAW);

/** One claim. `inputs`: by name or Chinese label; `on`: ISO day, today without one; `policy`: a document, pins it. */
function assess(city, rule, inputs, { on, policy } = {}) {
  const day = on ? dayOf(on) : (policy ?? null) === null ? today() : null;
  return decide(LAW.words, catalog.find(city, rule, day, policy), inputs, day);
}
const days = new Map();
function dayOf(on) {
  try {
    if (!days.has(on)) days.set(on, parseDate(on));
    return days.get(on);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return refuse("no_day", { why: error.message });
  }
}
/** A decision as plain data. */
function dump(decision) {
  return {
    eligible: decision.eligible, amount: fixed(decision.amount).replaceAll(",", ""), basis: decision.basis,
    explanation: decision.explanation, steps: decision.steps, reasons: decision.reasons, presumed: decision.presumed,
    remarks: decision.remarks, warnings: decision.warnings,
  };
}
/** What lies ahead as one input grows. */
function stepsAhead(city, rule, inputs, name, options = {}) {
  const day = options.on ? dayOf(options.on) : today(), found = catalog.find(city, rule, day, options.policy);
  return ahead(LAW.words, found, inputs, day, found.rule.byName[name]).map((step) => ({
    value: plain(step.value).replaceAll(",", ""), more: plain(step.more).replaceAll(",", ""), what: step.what,
    amount: fixed(step.amount).replaceAll(",", ""),
  }));
}
return {
  assess, dump, ahead: stepsAhead, decimal, Day, PolicyError, version: LAW.version,
  engine: {
    LAW, catalog, decide, ahead, match, meetings, known, status, period, clean, today, show, kindOf, plain, fixed, upper, parseMoney, parseRate, compare, coerce, Unreadable, STEPS,
    Fraction, dayOf, over, refuse, nearest, predicate, leaves, showYuan, Interval, Cut, Astray, DividedByZero, floor, whole,
    times, minus,
  },
};
