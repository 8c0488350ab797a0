// 我能申报什么: the facts of one enterprise, by name (`shown.facts`), against every provision in force; the second and
// further projects of it too, each with facts of its own.

/** How a provision stands: `payable` (all known), `presumed`, `missing`, `refused`, `unknown` (nothing of it was stated). */
function standing(words, found, facts, on) {
  const { rule } = found, inputs = {};
  for (const { name } of rule.inputs) if (rule.shown.facts[name] in facts) inputs[name] = facts[rule.shown.facts[name]];
  const entry = { found, amount: null, lacks: [], defaults: [], checks: [], reasons: [], inputs, env: {}, item: "" };
  if (!Object.keys(inputs).length) return { ...entry, kind: "unknown" };
  try {
    const decision = decide(words, found, inputs, on);
    // what is claimed has to be stated: one award is not presumed
    const left = decision.outcome.blank.filter((i) => i.type !== "boolean" && (i.default !== null || i.default_from));
    const counted = left.filter((i) => i.measure);
    entry.defaults = left.filter((i) => !i.measure);
    const lacks = [...decision.presumed.map((name) => rule.byName[name]).filter((i) => i.type === "boolean" || decision.open.includes(i)), ...counted];
    // a number of days alone presumes that the loan is young enough
    if (rule.term) lacks.push(...rule.byName[rule.term.days].period.filter((name) => !(name in inputs)).map((name) => rule.byName[name]).filter((i) => !lacks.includes(i)));
    entry.amount = decision.amount;
    entry.env = decision.outcome.env;
    if (decision.open.length) return { ...entry, amount: null, lacks: decision.open, kind: "missing" };
    if (!decision.eligible) return { ...entry, kind: "refused", reasons: decision.reasons };
    if (!decision.amount.n) return { ...entry, kind: "refused", reasons: ["按所填数据，金额是 0"] };
    // what the law limits it by and nobody stated; what was presumed is told as a fact that is lacking
    const taken = decision.taken.map(presumedText), checks = decision.remarks.filter(([sort, note]) => sort === "核对" && !taken.includes(note)).map(([, note]) => note);
    return { ...entry, lacks, checks, kind: lacks.length ? "presumed" : "payable" };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    if (error.code !== "missing_input") return { ...entry, kind: "refused", reasons: [error.message], item: error.item };
    return { ...entry, kind: "missing", lacks: error.item.split(",").map((name) => rule.byName[name]).filter(Boolean) };
  }
}
const RANK = { payable: 0, presumed: 1, missing: 2, refused: 3, unknown: 4 };
const known = ({ kind }) => kind === "payable" || kind === "presumed";
/**
 * Every provision in force on a day in the cities named, the most useful first, for the facts of each project; of the
 * second and further ones only what stands otherwise than under the first. `project`: the number of the facts.
 */
function match(words, projects, on, city) {
  const out = [], why = ({ kind, lacks, reasons }) => JSON.stringify([kind, lacks.map((item) => item.name), reasons]);
  for (const document of catalog.documents) {
    if (document.draft || (city && document.city !== city)) continue;
    for (const rule of document.rules) {
      const found = catalog.paid({ document, rule, warnings: [], tail: false }, on);
      if (rule.amount === null || !inForce(found, on)) continue;
      const [first, ...others] = projects.map((facts, project) => ({ ...standing(words, found, facts, on), project }));
      out.push(first, ...others.filter((entry) => entry.kind !== "unknown" && (known(entry) || why(entry) !== why(first))));
    }
  }
  const money = (entry) => entry.amount ?? ZERO;
  return out.sort((a, b) => RANK[a.kind] - RANK[b.kind] || compare(money(b), money(a)) || a.lacks.length - b.lacks.length);
}
const keyOf = ({ found }) => `${found.document.key}/${found.rule.id}`;
/**
 * What takes from an entry beside the others that are known: [kind, text, source, those others]. One rule of the law is
 * told once, of the same project where it holds inside one. Nothing is worked out: only settlement does.
 */
function meetings(entry, entries) {
  const others = entries.filter((other) => other !== entry && known(other)), own = keyOf(entry);
  return entry.found.rule.shown.meets.flatMap(({ kind, text, at, per, others: named, again, same: alike, where }) => {
    const meets = (other) => (keyOf(other) === own
      ? again && alike.every((name) => String(other.env[name]) === String(entry.env[name]))
      : named.includes(keyOf(other)));
    const met = others.filter((other) => (per === "" || other.project === entry.project) && meets(other));
    const turns = !where?.length || [entry, ...met].some((one) => keyOf(one) === where[0] && one.env[where[1]] === true);
    return per === "always" || (met.length && turns) ? [[kind, text, at, met]] : [];
  });
}
