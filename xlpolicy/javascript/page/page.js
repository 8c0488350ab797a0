// The page: what is typed goes to the engine at every keystroke, what it says is shown. Nothing is stored or sent.
(() => {
  const {
    LAW, catalog, decide, ahead, match, status, period, clean, today, show, kindOf, plain, fixed, upper, parseMoney, parseRate, compare, coerce, Unreadable, STEPS, Fraction,
  } = xlpolicy.engine;
  const { PolicyError } = xlpolicy, ARTICLES = PAGE.articles;
  // beyond these a number without its unit may be meant in another one
  const ONE_PERCENT = new Fraction(1n, 100n), SMALL = new Fraction(10000n, 1n), LARGE = new Fraction(1000000000n, 1n);
  const at = (id) => document.getElementById(id);
  /** An element with its attributes and children; texts are texts, never markup. */
  function make(name, attributes = {}, ...inside) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value === true) element.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
    }
    element.append(...inside.flat().filter((part) => part !== null && part !== undefined && part !== ""));
    return element;
  }
  const day = () => at("day").value || today();
  const city = () => at("city").value;
  const unit = () => at("unit").value;
  let shown = null;

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
      make("div", { class: "columns" }, form, make("div", { id: "result" })),
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

  /** One field: label, control, help, what was read, what is wrong. `fields` holds the control by the input's name. */
  function field(item, help, fields, value, changed) {
    const id = `in-${item.name}-${fields.size}`, about = `${id}-help ${id}-echo ${id}-doubt ${id}-wrong`;
    const common = { id, "aria-describedby": about, oninput: changed, "aria-required": help.need === "必填" ? "true" : null };
    let control;
    if (item.type === "boolean" || item.choices.length) {
      const options = item.type === "boolean" ? [["是", "是"], ["否", "否"]] : item.choices.map((c) => [String(c.value), c.label]);
      control = make("select", common, make("option", { value: "" }, "未填"),
        options.map(([key, label]) => make("option", { value: key }, label)));
    } else if (item.type === "date") control = make("input", { ...common, type: "date" });
    else control = make("input", { ...common, type: "text", inputmode: { integer: "numeric", rate: "decimal" }[item.type] });
    if (value) control.value = value;
    const echo = make("span", { class: "echo", id: `${id}-echo` }), wrong = make("span", { class: "wrong", id: `${id}-wrong` });
    const doubt = make("span", { class: "doubt warn", id: `${id}-doubt` });
    const box = make("div", { class: "field" },
      make("label", { for: id }, item.label, make("span", { class: "need" }, `　${help.need}`)),
      make("div", { class: "row" }, control, make("span", { class: "quiet" }, item.type === "money" ? "" : help.unit)),
      make("span", { class: "help", id: `${id}-help` }, help.text), echo, doubt, wrong);
    fields.set(item.name, { item, control, echo, doubt, wrong, box });
    return box;
  }
  /** What stands in a field as the engine takes it: an amount without its unit in the page's, a bare rate in percent. */
  function stated({ item, control }) {
    const text = control.value.trim();
    if (!text) return null;
    if (item.type === "money") return yuanOf(text, unit()) ?? text;
    return item.type === "rate" && isBare(text) ? `${clean(text)}%` : text;
  }
  const isBare = (text) => /^[\d,]*\.?\d+$/.test(clean(text));
  function yuanOf(text, of) {
    try {
      return parseMoney(text, of);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return null;
    }
  }
  /** Whether an amount takes another worth in another unit: it is written without one. */
  const unitless = (text) => compare(yuanOf(text, "元"), yuanOf(text, "万元")) !== 0;
  /** A number without its unit that may be meant in another one; "" where it is what anybody would read. */
  function doubted({ item, control }, read) {
    const text = control.value.trim();
    if (read.n <= 0n) return "";
    if (item.type === "rate") {
      return isBare(text) && compare(read, ONE_PERCENT) < 0 ? `没有写“%”的按百分数读，这里是 ${show(read, "rate")}；请核对，写明“%”` : "";
    }
    if (!unitless(text) || (compare(read, LARGE) < 0 && compare(read, SMALL) >= 0)) return "";
    return `没有写单位，按${unit()}读是 ${plain(read)} 元；请核对，写明单位，如“${text}${compare(read, LARGE) < 0 ? "万元" : "元"}”`;
  }
  function echoed(entry) {
    const value = stated(entry);
    entry.echo.textContent = "";
    entry.wrong.textContent = "";
    entry.control.removeAttribute("aria-invalid");
    entry.doubt.textContent = "";
    if (value === null || !["money", "rate"].includes(entry.item.type)) return;
    try {
      const money = entry.item.type === "money", read = money ? parseMoney(value) : parseRate(value), words = money && upper(read);
      entry.echo.textContent = money ? `＝ ${plain(read)} 元${words ? `（${words}）` : ""}` : `＝ ${show(read, "rate")}`;
      entry.doubt.textContent = doubted(entry, read);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
  }
  /** What is doubted of the fields, for whoever looks at the amounts alone. */
  const doubts = (fields) => [...fields.values()].filter(({ doubt }) => doubt.textContent)
    .map(({ item, doubt }) => make("p", { class: "warn" }, `“${item.label}”${doubt.textContent}`));
  function complain(fields, error) {
    let told = false;
    for (const name of error.item.split(",")) {
      const entry = fields.get(name);
      if (!entry || error.code === "missing_input") continue;
      entry.wrong.textContent = error.message;
      entry.control.setAttribute("aria-invalid", "true");
      told = true;
    }
    return told;
  }

  function calculate() {
    const version = current(), inputs = {};
    for (const [name, entry] of shown.fields) {
      echoed(entry);
      const value = stated(entry);
      if (value !== null) inputs[name] = value;
    }
    const parts = [];
    try {
      parts.push(...decision(version, decide(LAW.words, version, inputs, day()), inputs));
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      const waiting = error.code === "missing_input";
      if (!waiting) complain(shown.fields, error);
      const missing = waiting ? error.item.split(",").map((name) => version.rule.byName[name]?.label).filter(Boolean) : [];
      parts.push(missing.length ? make("p", { class: "quiet", role: "status" }, `还要填：${missing.join("、")}`)
        : make("p", { class: "bad", role: "status" }, error.message));
    }
    parts.splice(1, 0, ...doubts(shown.fields));
    at("result").replaceChildren(...parts, paper(version));
    at("bar").textContent = parts[0].textContent;
  }
  /** What was filled in, for the printed page. */
  function paper({ rule }) {
    const rows = [...shown.fields].filter(([, { control }]) => control.value.trim()).map(([name, { item, control }]) => {
      const text = control.value.trim(), mark = item.type === "money" && stated({ item, control }) !== text && unitless(text) ? unit() : "";
      const value = item.choices.find((c) => String(c.value) === text)?.label ?? (item.type === "rate" ? stated({ item, control }) : text + mark);
      return make("tr", {}, make("th", { scope: "row" }, rule.byName[name].label), make("td", {}, value));
    });
    return make("div", { class: "paper" }, make("h3", {}, `填报（申报日期 ${day()}）`), make("table", {}, rows));
  }
  function decision(version, made, inputs) {
    const { rule } = version, open = made.open.length, out = [];
    const trial = version.warnings.length > 0 && !version.tail, sum = `${trial ? "试算" : "核定"} ${fixed(made.amount)} 元`;
    const state = open ? ["warn", "尚不能判断"] : made.eligible ? [trial ? "warn" : "good", sum] : ["bad", "不符合条件，不予补助"];
    out.push(make("p", { class: `amount ${state[0]}`, role: "status", id: "amount" }, state[1]));
    if (made.eligible) out.push(make("p", { class: "quiet" }, `${upper(made.amount)}（${rule.shown.nature}）　依据：${made.basis}`));
    for (const warning of version.warnings) out.push(make("p", { class: "warn" }, warning));
    for (const reason of made.reasons) out.push(make("p", { class: open ? "warn" : "bad" }, reason));
    out.push(...nearby(version, inputs));
    out.push(make("h3", {}, "计算过程"), make("ol", { class: "steps" }, made.steps.map((step) =>
      make("li", {}, `${step.what}：${step.formula} → ${step.value}`, make("span", { class: "at" }, `（${step.at}）`)))));
    const notes = [...made.warnings.map((text) => ["提醒", text]), ...made.remarks];
    if (notes.length) {
      out.push(make("h3", {}, "读法和提醒"), make("ul", {}, notes.map(([label, text]) =>
        make("li", {}, make("span", { class: "tag" }, label), text))));
    }
    return out;
  }
  /** 还差多少: of every number that was filled in, what lies ahead. */
  function nearby(version, inputs) {
    const out = [];
    for (const [name, { item, control }] of shown.fields) {
      if (!STEPS[item.type] || item.choices.length || !control.value.trim()) continue;
      const say = (value) => (item.type === "money" ? `${plain(value)} 元` : show(value, kindOf(item), item.unit));
      for (const step of ahead(LAW.words, version, inputs, day(), item)) {
        out.push(make("li", {}, `“${item.label}”再多 ${say(step.more)}（到 ${say(step.value)}）：${step.what}，${step.what.startsWith("超出") ? "" : `可得 ${fixed(step.amount)} 元`}`.replace(/，$/, "")));
      }
    }
    return out.length ? [make("div", { class: "ahead" }, make("strong", {}, "还差多少"), make("ul", {}, out))] : [];
  }
  /** The law beside the amount. */
  function law({ document: home, rule }) {
    const out = [], listed = (title, texts) => texts.length && out.push(make("h3", {}, title), make("ul", {}, texts.map((text) => make("li", {}, text))));
    const article = ARTICLES[`${home.key}/${rule.id}`];
    if (article) out.push(make("h3", {}, "原文"), make("p", {}, article));
    if (rule.amount === null) out.push(make("p", {}, `本条不在这份文件里计算金额。${rule.refer_to}`));
    listed("条件", rule.shown.conditions);
    if (rule.shown.formula) listed("算法", [rule.shown.formula, ...rule.shown.limits]);
    listed("口径", rule.shown.readings.map(([question, option, whose]) => `${question}：${option}（${whose}）`));
    listed("与别的申报一起时", rule.shown.effects.map(([kind, text, source]) => `${kind}：${text}（${source}）`));
    if (rule.departments.length) listed("责任单位", [rule.departments.join("、")]);
    return make("div", { class: "screen" }, out);
  }

  // --- everything that one enterprise may apply for ---

  const facts = new Map();
  function askFacts() {
    const kept = Object.fromEntries([...facts].map(([label, { control }]) => [label, control.value]));
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
          facts.set(key, { rules: [rule] });
          sections.get(theme).push([key, item, rule.shown.help[item.name]]);
        }
      }
    }
    at("facts").replaceChildren(...[...sections].map(([theme, items]) => make("details", { open: true }, make("summary", {}, theme),
      items.map(([key, item, help]) => {
        const { rules } = facts.get(key), entry = new Map();
        const box = field({ ...item, name: `f-${facts.size}-${key.length}`, label: key }, { ...help, need: `${rules.length} 条要用` }, entry, kept[key], stand);
        const [made] = entry.values();
        facts.set(key, { rules, ...made, item });
        return box;
      }))));
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
  function stand() {
    const said = {}, unread = [];
    for (const [key, entry] of facts) {
      echoed(entry);
      const value = stated(entry);
      if (value === null) continue;
      try {
        coerce(entry.rules[0], entry.item, value, "");
        said[key] = value;
      } catch (error) {
        if (!(error instanceof PolicyError)) throw error;
        entry.wrong.textContent = error.message;
        entry.control.setAttribute("aria-invalid", "true");
        unread.push(key);
      }
    }
    const entries = match(LAW.words, said, day(), city());
    for (const { reasons, item, found } of entries) {
      if (!item) continue;
      for (const name of item.split(",")) {
        const entry = facts.get(found.rule.shown.facts[name]);
        if (entry) { entry.wrong.textContent = reasons[0]; entry.control.setAttribute("aria-invalid", "true"); }
      }
    }
    const blank = entries.filter((entry) => entry.kind === "unknown").length;
    const out = [make("p", { role: "status" }, Object.entries(KINDS).map(([kind, [label]]) =>
      `${label} ${entries.filter((entry) => entry.kind === kind).length} 条`).join("，") + `；另有 ${blank} 条没有填到。金额是各条单独测算，不能相加：互相排斥的写在各条下面。`)];
    if (unread.length) out.push(make("p", { class: "bad" }, `读不出来的 ${unread.length} 项没有算在内：${unread.map((key) => `“${key}”`).join("、")}。请改正。`));
    out.push(...doubts(facts));
    for (const [kind, [label, tone, why]] of Object.entries(KINDS)) {
      const mine = entries.filter((entry) => entry.kind === kind);
      if (!mine.length) continue;
      out.push(make("h3", { class: tone }, `${label}（${mine.length}）`), make("p", { class: "quiet" }, why),
        make("ul", { class: "standing" }, mine.map((entry) => line(entry, entries))));
    }
    at("standing").replaceChildren(...out);
  }
  function line({ found, amount, lacks, reasons, kind }, entries) {
    const { rule, document: home } = found, known = kind === "payable" || kind === "presumed";
    return make("li", {},
      make("strong", {}, rule.title, known ? `　${fixed(amount)} 元（${rule.shown.nature}）` : ""),
      make("span", { class: "quiet" }, `${home.name} ${rule.at}　${rule.shown.mode}`),
      lacks.length ? make("p", { class: "warn" }, `${lacks.length === 1 ? "只差一项" : `差 ${lacks.length} 项`}：${lacks.map((item) => rule.shown.facts[item.name]).join("、")}`) : "",
      reasons.map((reason) => make("p", { class: "bad" }, reason)),
      known ? rivals(rule, entries) : "",
      make("button", { type: "button", class: "screen", onclick: () => carry(found) }, "算这一条"));
  }
  /** With which of the others listed it cannot be had, and by which rule. */
  function rivals(rule, entries) {
    const having = new Map(entries.filter(({ kind }) => kind === "payable" || kind === "presumed")
      .map(({ found }) => [`${found.document.key}/${found.rule.id}`, found.rule.title]));
    return rule.shown.excludes.flatMap(([kind, text, source, others]) => {
      const mine = others.filter((key) => having.has(key)).map((key) => having.get(key));
      return mine.length ? make("p", { class: "quiet" }, make("span", { class: "tag" }, kind), `与${mine.join("、")}：${text}（${source}）`) : [];
    });
  }
  function carry(found) {
    const values = {};
    for (const item of found.rule.inputs) {
      const entry = facts.get(found.rule.shown.facts[item.name]);
      if (entry) values[item.name] = entry.control.value;
    }
    turn("one");
    open(found, values);
  }

  // --- the whole ---

  function turn(which) {
    for (const name of ["one", "all"]) {
      at(name).hidden = name !== which;
      at(`to-${name}`).setAttribute("aria-pressed", String(name === which));
    }
    if (which === "all") { askFacts(); stand(); }
  }
  function refresh() {
    if (!at("all").hidden) { askFacts(); stand(); }
    else if (shown) {
      const values = Object.fromEntries([...shown.fields].map(([name, { control }]) => [name, control.value]));
      open(current(), values);
    } else list();
  }
  const options = (select, entries) => select.replaceChildren(...entries.map(([value, label]) => make("option", { value }, label)));
  const cities = new Map(catalog.documents.map((home) => [home.city, home.city_label]));
  options(at("city"), [["", "全部"], ...cities]);
  options(at("theme"), [["", "全部"], ...[...new Set(catalog.documents.flatMap((home) => home.rules.flatMap((rule) => rule.themes)))].map((name) => [name, name])]);
  at("day").value = today();
  at("about").textContent = `${catalog.documents.length} 份文件，${catalog.documents.reduce((sum, home) => sum + home.rules.length, 0)} 条。在本机计算，不联网，不保存填写的内容。`;
  at("versions").replaceChildren(make("p", {}, `由 xlpolicy ${LAW.version} 于 ${PAGE.made} 生成${PAGE.adopted ? "，按本单位选定的口径" : ""}。测算结果供参考，以主管部门核定为准。`),
    make("p", { class: "screen" }, catalog.documents.map((home) => `${home.name}（${home.digest.slice(0, 12)}）`).join("；")));
  at("text").addEventListener("input", list);
  at("theme").addEventListener("input", list);
  at("fact-text").addEventListener("input", narrow);
  at("facts").addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["city", "day"]) at(id).addEventListener("input", refresh);
  at("unit").addEventListener("input", () => { if (!at("all").hidden) stand(); else if (shown) calculate(); });
  at("to-one").addEventListener("click", () => turn("one"));
  at("to-all").addEventListener("click", () => turn("all"));
  list();
  const [where, id] = decodeURIComponent(location.hash.slice(1)).split("/");
  if (catalog.versions.has(`${where}\n${id}`)) open(catalog.newest(where, id, day()));
})();
