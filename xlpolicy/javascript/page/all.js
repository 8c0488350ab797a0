// --- everything that one enterprise may apply for ---

/** What is asked, by name; what was said of each project (and its loan, its object), by the same names. */
const facts = new Map(), projects = [{ name: "", said: {} }];
let now = 0;
/** What a project is called: as somebody named it, by its number where two have one name. */
function called(number) {
  const name = projects[number].name.trim(), place = `第 ${number + 1} 个项目`;
  if (!name) return place;
  return projects.some((other, i) => i !== number && clean(other.name) === clean(name)) ? `${name}（${place}）` : name;
}
/** The projects as buttons, and what may be done to the one that is shown. */
function showProjects() {
  const several = projects.length > 1, button = (attributes, onclick, text = "") => make("button", { type: "button", ...attributes, onclick }, text);
  const many = several ? projects.map((_, i) => button({ "aria-pressed": String(i === now) }, () => turnTo(i))) : [];
  const more = button({ id: "more" }, add, "＋ 另一个项目、另一笔贷款"), fewer = button({}, remove), about = make("p", { class: "quiet" });
  const name = make("input", { id: "named", type: "text", autocomplete: "off", value: projects[now].name });
  /** The texts alone: a name is typed without its field being made anew, which would break off an input method. */
  const label = () => {
    many.forEach((one, i) => { one.textContent = called(i); });
    fewer.textContent = `删去“${called(now)}”`;
    about.textContent = `下面填的是“${called(now)}”。各个项目只看自己填的：企业的情况和条件，用到的项目都要填。`;
  };
  name.addEventListener("input", () => { projects[now].name = name.value; label(); stand(); });
  label();
  at("projects").replaceChildren(...many, more, ...(several ? [make("label", {}, "项目或贷款名称", name), fewer, about] : []));
}
function add() {
  projects.push({ name: "", said: {} });
  turnTo(projects.length - 1);
  at("named").focus();
}
function remove() {
  projects.splice(now, 1);
  turnTo(Math.max(0, now - 1));
  at("more").focus();
}
function turnTo(number) {
  now = number;
  askFacts();
  stand();
}
function note(key, control) {
  projects[now].said[key] = control.value;
  stand();
}
function askFacts() {
  const sections = new Map();
  facts.clear();
  for (const home of catalog.documents) {
    if (home.draft || (city() && home.city !== city())) continue;
    for (const rule of home.rules) {
      if (rule.amount === null || status({ document: home, rule }, day()) !== "施行") continue;
      for (const item of rule.inputs) {
        const key = rule.shown.facts[item.name];
        if (facts.has(key)) { facts.get(key).rules.push(rule); continue; }
        const theme = rule.themes[0] ?? "其他";
        if (!sections.has(theme)) sections.set(theme, []);
        facts.set(key, { rules: [rule], number: facts.size });
        sections.get(theme).push([key, item, rule.shown.help[item.name]]);
      }
    }
  }
  at("facts").replaceChildren(...[...sections].map(([theme, items]) => make("details", { open: true }, make("summary", {}, theme),
    items.map(([key, item, help]) => {
      const { rules, number } = facts.get(key), entry = new Map();
      const box = field({ ...item, name: `f-${number}`, label: key }, { ...help, need: `${rules.length} 条要用` }, entry, projects[now].said[key], (event) => note(key, event.target));
      const [made] = entry.values();
      facts.set(key, { rules, ...made, item });
      return box;
    }))));
  showProjects();
  narrow();
}
function narrow() {
  const words = at("fact-text").value.split(/\s+/).map(alike).filter(Boolean);
  for (const [key, { box, rules }] of facts) {
    const text = [key, ...rules.map((rule) => rule.title)].map(alike).join("\n");
    box.hidden = !words.every((word) => text.includes(word));
  }
  for (const section of at("facts").children) section.hidden = ![...section.querySelectorAll(".field")].some((box) => !box.hidden);
}
const KINDS = {
  payable: ["可得", "good", "条件都已填明"], presumed: ["待核实", "warn", "下列条件没有填，暂按符合计算，不算可得"],
  missing: ["还要填", "warn", "填了才能判断"], refused: ["不符合", "bad", "按填写的情况"],
};
/** What was said of a project, as the engine takes it; what of it cannot be read, what is doubted, what was written. */
function heardOf({ said }, number) {
  const out = { facts: {}, unread: [], doubted: [], filled: [] }, whose = projects.length > 1 ? `${called(number)}：` : "";
  for (const [key, { item, rules, ...entry }] of facts) {
    const text = (said[key] ?? "").trim(), value = stated(item, text);
    if (number === now) echoed({ item, ...entry });
    if (value === null) continue;
    out.filled.push([key, item, text]);
    const { doubt } = heard(item, text);
    if (doubt) out.doubted.push([`${whose}${key}`, doubt]);
    try {
      coerce(rules[0], item, value, "");
      out.facts[key] = value;
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      if (number === now) accuse(entry, error.message);
      out.unread.push(`${whose}${key}`);
    }
  }
  return out;
}
function stand() {
  const each = projects.map(heardOf), unread = each.flatMap((one) => one.unread);
  const entries = match(LAW.words, each.map((one) => one.facts), day(), city());
  for (const { reasons, item, found, project } of entries) {
    for (const name of item && project === now ? item.split(",") : []) {
      const entry = facts.get(found.rule.shown.facts[name]);
      if (entry) accuse(entry, reasons[0]);
    }
  }
  const blank = entries.filter((entry) => entry.kind === "unknown").length;
  const counts = Object.entries(KINDS).map(([kind, [label]]) => `${label} ${entries.filter((entry) => entry.kind === kind).length} 条`).join("，");
  speak("counts", `${counts}；另有 ${blank} 条没有填到。金额是各条单独测算，不能相加：互相排斥的、合用封顶的写在各条下面，由主管部门一起核算。`);
  const out = [];
  if (unread.length) out.push(make("p", { class: "bad" }, `读不出来的 ${unread.length} 项没有算在内：${unread.map((key) => `“${key}”`).join("、")}。请改正。`));
  out.push(...doubts(each.flatMap((one) => one.doubted)));
  for (const [kind, [label, tone, why]] of Object.entries(KINDS)) {
    const mine = entries.filter((entry) => entry.kind === kind);
    if (!mine.length) continue;
    out.push(make("h3", { class: tone }, `${label}（${mine.length}）`), make("p", { class: "quiet" }, why),
      make("ul", { class: "standing" }, mine.map((entry) => line(entry, entries))));
  }
  each.forEach(({ filled }, i) => out.push(paper(`${projects.length > 1 ? `${called(i)} ` : ""}填报（申报日期 ${day()}）`, filled)));
  at("entries").replaceChildren(...out);
}
function line(entry, entries) {
  const { found, amount, lacks, defaults, checks, reasons, kind, inputs, project } = entry, { rule, document: home } = found;
  return make("li", {},
    make("strong", {}, rule.title, projects.length > 1 ? `（${called(project)}）` : "", known(entry) ? `　${fixed(amount)} 元（${rule.shown.nature}）` : ""),
    make("span", { class: "quiet" }, `${home.name} ${rule.at}　${rule.shown.mode}`),
    lacks.length ? make("p", { class: "warn" }, `${lacks.length === 1 ? "只差一项" : `差 ${lacks.length} 项`}：${lacks.map((item) => rule.shown.facts[item.name]).join("、")}`) : "",
    known(entry) && defaults.length ? make("p", { class: "quiet" }, `没有填、按默认计的：${defaults.map((item) => rule.shown.facts[item.name]).join("、")}`) : "",
    checks.map((note) => make("p", { class: "warn" }, note)),
    reasons.map((reason) => make("p", { class: "bad" }, reason)),
    kind === "refused" ? nearby(found, inputs, "（没有填的条件暂按符合）", ["达到门槛"]) : "",
    known(entry) ? meetings(entry, entries).map(([what, text, source, met]) =>
      make("p", { class: "quiet" }, make("span", { class: "tag" }, what), `${met.length ? `与${told(met, entry)}：` : ""}${text}（${source}）`)) : "",
    make("button", { type: "button", class: "screen", onclick: () => carry(found, project) }, "算这一条"));
}
/** The entries that another meets, by name, those of its own project first; of many the first few. */
function told(met, { project }) {
  const inside = (other) => Number(other.project !== project);
  const names = [...met].sort((a, b) => inside(a) - inside(b) || a.project - b.project).map((other) => (other.project === project ? "" : `${called(other.project)}的`) + other.found.rule.title);
  return `${names.slice(0, 5).join("、")}${names.length > 5 ? `等 ${names.length} 条` : ""}`;
}
function carry(found, project) {
  const { said } = projects[project], values = {};
  for (const item of found.rule.inputs) values[item.name] = said[found.rule.shown.facts[item.name]];
  turn("one");
  open(found, values);
}
