// SUBSIDY_MAX: the maxima that an article states in money, for the levels and facts given; nothing is awarded here.

/** A limit counts when money stands in it, not when it only follows from the claim. The smallest, which binds, first. */
function maximaOf(found, row) {
  const { rule, document } = found, place = `${document.name} ${rule.at}`;
  if (rule.amount === null) {
    wrong(place, `“${rule.title}”不在本文件计算金额`, "", `按下列去处办理：${rule.refer_to}`, "not_computable");
  }
  const env = boundFor(rule, statedBy(found, row)), limits = rule.limits.map((limit, i) => [limit, i]).filter(([limit]) => statesMoney(rule, limit.node));
  const asked = new Set(limits.flatMap(([limit]) => [limit.node, limit.when]).filter(Boolean).flatMap((node) => needsOf(rule, node)));
  const missing = [...asked].map((name) => rule.byName[name]).filter((item) => env[item.name] === null);
  if (missing.length) {
    const told = missing.map((item) => `${item.name}：${rule.told.expected[item.name]}`).join("；");
    wrong(`${rule.title}（${rule.at}）`, `封顶因“${missing.map((item) => item.label).join("、")}”而不同，还没有填`, told, "补填后重算", "missing_input");
  }
  for (const term of rule.terms) if (needsOf(rule, term.node).every((name) => env[name] !== null)) env[term.name] = predicate(rule, term.node)(env);
  const maxima = limits.filter(([limit]) => limit.when === null || predicate(rule, limit.when)(env)).map(([limit, i]) => {
    const amount = predicate(rule, limit.node)(env), scope = ADDIN.scopes[`${document.key}/${rule.id}`][i];
    return { amount, text: `${limit.label || "封顶"} ${showYuan(amount)}（${[scope, limit.at || rule.at].filter(Boolean).join("，")}）` };
  });
  if (!maxima.length) wrong(place, "本条没有写明封顶金额", "写明封顶的条款", "用 SUBSIDY 按申报数据核定", "not_computable");
  return maxima.sort((a, b) => compare(a.amount, b.amount));
}
/** The inputs that are stated, with their defaults; what the article asks for may be left out. */
function boundFor(rule, inputs) {
  const place = `${rule.title}（${rule.at}）`, names = new Map(rule.inputs.flatMap((item) => [item.name, item.label, clean(item.label)].map((name) => [name, item])));
  const env = { taken: {}, rows: {} };
  for (const item of rule.inputs) env[item.name] = null;
  for (const [key, value] of Object.entries(inputs)) {
    const item = names.get(key) ?? names.get(clean(key));
    if (!item) {
      refuse("no_input", {
        name: key, place, known: rule.inputs.map((i) => `${i.name}（${i.label}）`).join("、"), nearest: nearest(key, rule.inputs.flatMap((i) => [i.name, i.label])),
      });
    }
    if (blank(value)) continue;
    if (env[item.name] !== null) refuse("twice", { label: item.label, place, name: item.name });
    env[item.name] = coerce(rule, item, value, place);
  }
  for (const item of rule.inputs) if (env[item.name] === null) env[item.name] = (item.default_from ? env[item.default_from] : item.default) ?? null;
  return env;
}
const statesMoney = (rule, node) => leaves(node).some((leaf) => (leaf.tag === "Figure" || leaf.tag === "Lookup") && rule.figures[leaf.name].kind === "money");
/** The inputs that a formula reads; what it only asks to be given does not count. */
function needsOf(rule, node) {
  return leaves(node).flatMap((leaf) => {
    if (leaf.tag === "Input") return [leaf.name];
    if (leaf.tag === "Lookup" || leaf.tag === "Covered") return [rule.figures[leaf.name].table.by];
    return leaf.tag === "Term" ? needsOf(rule, rule.terms.find((term) => term.name === leaf.name).node) : [];
  });
}
