// --- choosing ---

/** One word for what people and documents say in several. */
const alike = (text) => clean(text).toLowerCase()
  .replace(/利息补[贴助]|贴息补[贴助]/g, "贴息").replace(/补贴|奖励|奖金|资助|扶持/g, "补助").replace(/技术改造/g, "技改");
/** The name itself before its beginning, before a part of it, before what stands further off; null for no hit. */
function rank(rule, words) {
  const places = rule.places ??= [
    [rule.title, rule.id, ...rule.aliases], [...rule.themes, rule.at, rule.recipient],
    [...Object.values(rule.figures).map((figure) => figure.label), ...rule.inputs.map((item) => item.label)],
  ].map((texts) => texts.map(alike).join("\n"));
  const ranks = words.map((word) => places.findIndex((place) => place.includes(word))), said = words.join("");
  if (ranks.includes(-1)) return null;
  const names = words.length ? places[0].split("\n") : [];
  return names.includes(said) ? -2 : names.some((name) => name.startsWith(said)) ? -1 : Math.max(0, ...ranks);
}
const ORDER = ["施行", "未施行", "失效", "征求意见稿"];
function search() {
  const words = at("text").value.split(/\s+/).map(alike).filter(Boolean), theme = at("theme").value, best = [];
  for (const [key] of catalog.versions) {
    const [where, id] = key.split("\n");
    if (city() && where !== city()) continue;
    const found = catalog.newest(where, id, day()), place = rank(found.rule, words);
    if (place === null || (theme && !found.rule.themes.includes(theme))) continue;
    best.push([place, ORDER.indexOf(status(found, day())), found]);
  }
  return best.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((entry) => entry[2]);
}
function list() {
  const found = search();
  at("count").textContent = found.length ? `找到 ${found.length} 条` : "没有找到。换一个词，或把城市、主题改为“全部”。";
  at("found").replaceChildren(...found.map((version) => {
    const { rule, document: home } = version, state = status(version, day());
    return make("li", {}, make("button", { type: "button", onclick: () => open(version) },
      make("strong", {}, rule.title),
      make("span", { class: "quiet" }, `${home.city_label}　${home.name} ${rule.at}　${rule.shown.nature}`, state === "施行" ? "" : `　${state}`)));
  }));
}

// --- one provision ---

function open(version, values = {}) {
  const { rule, document: home } = version;
  shown = { city: home.city, rule: rule.id, fields: new Map() };
  at("choose").hidden = true;
  const [first, last] = period(home, rule), state = status(version, day());
  const form = make("form", { autocomplete: "off", onsubmit: (event) => event.preventDefault() });
  if (rule.amount !== null) {
    for (const item of rule.inputs) form.append(field(item, rule.shown.help[item.name], shown.fields, values[item.name], calculate));
  }
  const sheet = at("sheet");
  sheet.replaceChildren(
    make("div", { class: "actions" },
      make("button", { type: "button", onclick: close }, "‹ 返回"),
      make("button", { type: "button", onclick: () => open(current()) }, "清空"),
      make("button", { type: "button", class: "main", onclick: () => window.print() }, "打印")),
    make("h2", { id: "title", tabindex: "-1" }, rule.title),
    make("p", {}, `${home.name} ${rule.at}　《${home.title}》`),
    make("p", { class: "quiet" }, `${home.draft ? "征求意见稿" : `有效期 ${first ?? "未定"} 至 ${last ?? "未写明"}`}　${rule.shown.nature}　${rule.shown.mode}　${rule.shown.funding}`,
      rule.recipient ? `　对象：${rule.recipient}` : ""),
    state === "施行" || home.draft ? "" : make("p", { class: "warn" }, `${day()} ${state}。`),
    make("div", { class: "columns" }, form, make("div", { id: "result" }, make("p", { id: "amount", role: "status" }), make("div", { id: "told" }))),
    make("p", { id: "bar", "aria-hidden": "true" }),
    make("div", { id: "law" }, law(version)),
  );
  sheet.hidden = false;
  location.replace(`#${home.city}/${rule.id}`);
  at("title").focus();
  calculate();
}
function close() {
  shown = null;
  at("sheet").hidden = true;
  at("choose").hidden = false;
  location.replace("#");
  list();
  at("text").focus();
}
const current = () => catalog.newest(shown.city, shown.rule, day());

function calculate() {
  const version = current(), inputs = {};
  for (const [name, entry] of shown.fields) {
    echoed(entry);
    const value = stated(entry.item, entry.control.value);
    if (value !== null) inputs[name] = value;
  }
  const { line, kind, parts } = outcome(version, inputs), fields = [...shown.fields.values()];
  const doubted = doubts(fields.map(({ item, doubt }) => [item.label, doubt.textContent]).filter(([, doubt]) => doubt));
  const filled = fields.filter(({ control }) => control.value.trim()).map(({ item, control }) => [item.label, item, control.value.trim()]);
  at("amount").className = kind;
  speak("amount", line);
  at("told").replaceChildren(...doubted, ...parts, paper(`填报（申报日期 ${day()}）`, filled));
  at("bar").textContent = version.rule.amount === null ? "" : line;
}
/** What is said first, how it looks, and what stands below it. */
function outcome(version, inputs) {
  const { rule } = version;
  if (rule.amount === null) return { line: `本条不在这份文件里计算金额。${rule.refer_to}`, kind: "", parts: [] };
  try {
    return decision(version, decide(LAW.words, version, inputs, day()), inputs);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const waiting = error.code === "missing_input";
    if (!waiting) complain(shown.fields, error);
    const missing = waiting ? error.item.split(",").map((name) => rule.byName[name]?.label).filter(Boolean) : [];
    return missing.length ? { line: `还要填：${missing.join("、")}`, kind: "quiet", parts: [] } : { line: error.message, kind: "bad", parts: [] };
  }
}
function decision(version, made, inputs) {
  const { rule } = version, open = made.open.length, out = [];
  const trial = version.warnings.length > 0 && !version.tail, sum = `${trial ? "试算" : "核定"} ${fixed(made.amount)} 元`;
  const state = open ? ["warn", "尚不能判断"] : made.eligible ? [trial ? "warn" : "good", sum] : ["bad", "不符合条件，不予补助"];
  if (made.eligible) out.push(make("p", { class: "quiet" }, `${upper(made.amount)}（${rule.shown.nature}）　依据：${made.basis}`));
  for (const warning of version.warnings) out.push(make("p", { class: "warn" }, warning));
  for (const reason of made.reasons) out.push(make("p", { class: open ? "warn" : "bad" }, reason));
  out.push(...nearby(version, inputs, ""));
  out.push(make("h3", {}, "计算过程"), make("ol", { class: "steps" }, made.steps.map((step) =>
    make("li", {}, `${step.what}：${step.formula} → ${step.value}`, make("span", { class: "at" }, `（${step.at}）`)))));
  const notes = [...made.warnings.map((text) => ["提醒", text]), ...made.remarks];
  if (notes.length) {
    out.push(make("h3", {}, "读法和提醒"), make("ul", {}, notes.map(([label, text]) =>
      make("li", {}, make("span", { class: "tag" }, label), text))));
  }
  return { line: state[1], kind: `amount ${state[0]}`, parts: out };
}
/** 还差多少: of every number that was filled in, what lies ahead (of these steps, where they are named). */
function nearby(version, inputs, note, steps) {
  const out = [];
  for (const item of version.rule.inputs) {
    if (!(item.name in inputs) || !STEPS[item.type] || item.choices.length) continue;
    const say = (value) => (item.type === "money" ? `${plain(value)} 元` : show(value, kindOf(item), item.unit));
    for (const step of ahead(LAW.words, version, inputs, day(), item)) {
      if (steps && !steps.includes(step.what)) continue;
      out.push(make("li", {}, `“${item.label}”再多 ${say(step.more)}（到 ${say(step.value)}）：${step.what}${step.what.startsWith("超出") ? "" : `，可得 ${fixed(step.amount)} 元`}`));
    }
  }
  return out.length ? [make("div", { class: "ahead" }, make("strong", {}, `还差多少${note}`), make("ul", {}, out))] : [];
}
/** The law beside the amount. */
function law({ document: home, rule }) {
  const out = [], listed = (title, texts) => texts.length && out.push(make("h3", {}, title), make("ul", {}, texts.map((text) => make("li", {}, text))));
  const article = ARTICLES[`${home.key}/${rule.id}`];
  if (article) out.push(make("h3", {}, "原文"), make("p", {}, article));
  listed("条件", rule.shown.conditions);
  if (rule.shown.formula) listed("算法", [rule.shown.formula, ...rule.shown.limits]);
  listed("口径", rule.shown.readings.map(([question, option, whose]) => `${question}：${option}（${whose}）`));
  listed("与别的申报一起时", rule.shown.effects.map(([kind, text, source]) => `${kind}：${text}（${source}）`));
  if (rule.departments.length) listed("责任单位", [rule.departments.join("、")]);
  return make("div", { class: "screen" }, out);
}
