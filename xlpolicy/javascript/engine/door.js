// What a program may call. Amounts are texts with two decimals, as `assess(...).model_dump("json")` gives them.

const catalog = new Catalog(LAW);

/** One claim. `inputs`: by name or Chinese label; `on`: ISO day, today without one; `policy`: a document, pins it. */
function assess(city, rule, inputs, { on, policy } = {}) {
  const day = on ? dayOf(on) : policy ? null : today();
  return decide(LAW.words, catalog.find(city, rule, day, policy), inputs, day);
}
function dayOf(on) {
  try {
    return parseDate(on);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new PolicyError("invalid_input", `申报日期${error.message}`, {
      item: "on", expected: "日期，如 2026-06-30", remedy: "改正申报日期",
    });
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
return { assess, dump, decimal, Day, PolicyError, version: LAW.version };
