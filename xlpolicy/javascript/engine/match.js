// 我能申报什么: the facts of one enterprise, by name (`shown.facts`), against every provision in force.

/** How a provision stands: `payable` (all known), `presumed`, `missing`, `refused`, `unknown` (nothing of it was stated). */
function standing(words, found, facts, on) {
  const { rule } = found, inputs = {};
  for (const { name } of rule.inputs) if (rule.shown.facts[name] in facts) inputs[name] = facts[rule.shown.facts[name]];
  const entry = { found, amount: null, lacks: [], reasons: [], stated: Object.keys(inputs).length, item: "" };
  if (!entry.stated) return { ...entry, kind: "unknown" };
  try {
    const decision = decide(words, found, inputs, on);
    // what is claimed has to be stated: one award is not presumed
    const counted = decision.outcome.blank.filter((i) => i.type !== "boolean" && i.measure && (i.default !== null || i.default_from));
    const lacks = [...decision.presumed.map((name) => rule.byName[name]), ...counted];
    entry.amount = decision.amount;
    if (decision.open.length) return { ...entry, amount: null, lacks: decision.open, kind: "missing" };
    if (!decision.eligible) return { ...entry, kind: "refused", reasons: decision.reasons };
    if (!decision.amount.n) return { ...entry, kind: "refused", reasons: ["按所填数据，金额是 0"] };
    return { ...entry, lacks, kind: lacks.length ? "presumed" : "payable" };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    if (error.code !== "missing_input") return { ...entry, kind: "refused", reasons: [error.message], item: error.item };
    return { ...entry, kind: "missing", lacks: error.item.split(",").map((name) => rule.byName[name]).filter(Boolean) };
  }
}
const RANK = { payable: 0, presumed: 1, missing: 2, refused: 3, unknown: 4 };
/** Every provision in force on a day in the cities named, the most useful first. */
function match(words, facts, on, city) {
  const out = [];
  for (const document of catalog.documents) {
    if (document.draft || (city && document.city !== city)) continue;
    for (const rule of document.rules) {
      const found = catalog.paid({ document, rule, warnings: [], tail: false }, on);
      if (rule.amount !== null && inForce(found, on)) out.push(standing(words, found, facts, on));
    }
  }
  const money = (entry) => entry.amount ?? ZERO;
  return out.sort((a, b) => RANK[a.kind] - RANK[b.kind] || a.lacks.length - b.lacks.length || compare(money(b), money(a)));
}
