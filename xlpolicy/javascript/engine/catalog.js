// Which provision applies: city, id, date, pinned document; names and aliases; what is in force when.

/** A refusal: a stable code for programs, a sentence for people, both by its name in the table that comes with the law. */
class PolicyError extends Error {
  constructor(kind, gaps) {
    const told = LAW.refusals[kind], text = (name) => filled(told[name], gaps);
    const [where, got, expected, remedy] = ["where", "got", "expected", "remedy"].map(text);
    const due = expected && !remedy.includes(expected) ? `；应为：${expected}` : "";
    const what = `${got}${due}${remedy ? `。请${remedy.replace(/^请/, "")}` : ""}`;
    super(`${where ? `${where}：` : ""}${what.replace(/。+$/, "")}。`);
    Object.assign(this, { code: told.code, item: text("item"), got });
  }
}
const refuse = (kind, gaps) => { throw new PolicyError(kind, gaps); };

// --- the name that was meant ---

/** How much of two texts is the same: twice what they share in blocks, by what both have (difflib's ratio). */
function likeness(left, right) {
  const a = [...left], b = [...right];
  const shared = (from, to, start, end) => {
    let size = 0, i = from, j = start, above = new Map();
    for (let x = from; x < to; x += 1) {
      const runs = new Map();
      for (let y = start; y < end; y += 1) {
        if (a[x] !== b[y]) continue;
        const run = (above.get(y - 1) ?? 0) + 1;
        runs.set(y, run);
        if (run > size) [size, i, j] = [run, x - run + 1, y - run + 1];
      }
      above = runs;
    }
    return size && size + shared(from, i, start, j) + shared(i + size, to, j + size, end);
  };
  return (2 * shared(0, a.length, 0, b.length)) / (a.length + b.length);
}
/** The names (at most six) that hold the word, else the one most like it, else none. */
function near(word, names) {
  const wanted = word.toLowerCase(), latin = /^[\x00-\x7f]*$/.test(wanted);
  const inside = [...wanted].length > 2 || !latin ? names.filter((name) => name.toLowerCase().includes(wanted)) : [];
  if (inside.length) return inside.slice(0, 6);
  let best = 0.5, found = null;
  for (const name of names) {
    const lower = name.toLowerCase(), like = likeness(lower, wanted);
    if (like > best || (like === best && (found === null || lower > found))) [best, found] = [like, lower];
  }
  return found === null ? [] : [names.find((name) => name.toLowerCase() === found)];
}
/** A remedy: the names that hold the word, else the nearest one, else the first few. */
function nearest(word, candidates) {
  const names = [...new Set(candidates)], found = near(word, names);
  if (found.length > 1) return `从相近的名称中选用：${found.join("、")}`;
  if (found.length) return `核对名称，是否想写“${found[0]}”`;
  return names.length ? `从下列名称中选用：${names.slice(0, 8).join("、")}${names.length > 8 ? "等" : ""}` : "核对名称";
}
/** What somebody wrote for a name: whatever is no text, or too long for one, is no known name either. */
const nameOf = (said) => (typeof said === "string" && [...said].length <= 200 ? said : shown(said));

/** Records written as [tag, field, ...] -> objects; numbers -> fractions, days stay ISO texts. */
function decode(data, fields, ids) {
  const again = (item) => decode(item, fields, ids);
  if (!Array.isArray(data)) return data;
  const [tag, ...rest] = data;
  if (tag === "D") return decimal(rest[0]);
  if (tag === "d") return rest[0];
  if (tag === "t") return rest.map(again);
  if (tag === "m") return Object.fromEntries(Object.entries(rest[0]).map(([key, value]) => [key, again(value)]));
  const record = { tag: tag.replace("n.", "") };
  fields[tag].forEach((name, i) => { record[name] = again(rest[i]); });
  if (record.tag === "Choose") record.id = ids.get(JSON.stringify(data));
  return record;
}

class Catalog {
  constructor(law) {
    this.words = law.words;
    this.documents = law.documents.map((data) => this.read(data, law));
    this.cities = new Map();
    this.numbers = new Map(this.documents.map((d) => [spelled(d.key), d]));
    this.versions = new Map();
    this.names = new Map();
    this.last = null;
    for (const d of this.documents) {
      for (const name of [d.city, d.city_label, d.city_label.replace(/市$/, ""), ...d.city_aliases]) {
        this.cities.set(clean(name).toLowerCase(), d.city);
      }
      for (const name of [d.number, d.name]) if (name && !this.numbers.has(spelled(name))) this.numbers.set(spelled(name), d);
    }
    for (const d of [...this.documents].sort(newestFirst)) {
      for (const rule of d.rules) {
        const key = `${d.city}\n${rule.id}`;
        this.versions.set(key, [...(this.versions.get(key) ?? []), { document: d, rule, warnings: [], tail: false }]);
        if (!this.names.has(d.city)) this.names.set(d.city, new Map());
        const names = this.names.get(d.city);
        for (const alias of [rule.id, rule.title, ...rule.aliases].map((name) => clean(name).toLowerCase())) {
          if (!names.has(alias)) names.set(alias, new Set());
          names.get(alias).add(rule.id);
        }
      }
    }
  }
  read(data, law) {
    const document = { ...data };
    const rule = (entry) => {
      const ids = new Map(entry.choices.map((node, i) => [JSON.stringify(node), i]));
      const made = decode(entry.rule, law.fields, ids);
      Object.assign(made, { told: entry.told, shown: entry.shown, span: entry.span, chosen: entry.choices.map((node) => decode(node, law.fields, ids)) });
      made.byName = Object.fromEntries(made.inputs.map((item) => [item.name, item]));
      entry.told.conditions.forEach((told, i) => { made.conditions[i].told = told; });
      return made;
    };
    document.rules = data.rules.map((entry) => {
      const paid = Object.entries(entry.paid).map(([year, own]) => [year, rule({ ...entry, ...own })]);
      return Object.assign(rule(entry), { paid: Object.fromEntries(paid) });
    });
    return document;
  }
  city(said) {
    const name = nameOf(said), key = this.cities.get(clean(name).toLowerCase());
    if (key !== undefined) return key;
    const known = [...new Set(this.documents.map((d) => d.city_label))].join("、");
    return refuse("no_city", { name, known, nearest: nearest(name, this.cities.keys()) + LAW.aside });
  }
  label(city) { return this.documents.find((d) => d.city === city).city_label; }
  document(said) {
    const name = nameOf(said), found = this.numbers.get(spelled(name)), keys = this.documents.map((d) => d.key);
    return found ?? refuse("no_document", { name, known: keys.join("、"), nearest: nearest(name, keys) + LAW.aside });
  }
  ruleId(city, said) {
    const name = nameOf(said);
    if (this.versions.has(`${city}\n${name}`)) return name;
    const known = this.names.get(city), ids = [...(known.get(clean(name).toLowerCase()) ?? [])].sort();
    if (ids.length > 1) {
      const told = ids.map((id) => `${this.versions.get(`${city}\n${id}`)[0].rule.title}（${id}）`).join("、");
      refuse("several_provisions", { name, told });
    }
    if (!ids.length) {
      const titles = [...this.documents].sort(newestFirst).filter((d) => d.city === city).flatMap((d) => d.rules.map((rule) => rule.title));
      const word = clean(name), like = near(word, [...known.keys()]);
      refuse("no_provision", { name, city: this.label(city), nearest: nearest(word, like.length ? like : titles) + LAW.aside });
    }
    return ids[0];
  }
  of(city, rule) {
    const key = this.city(city);
    return this.versions.get(`${key}\n${this.ruleId(key, rule)}`);
  }
  /** The provision that applies on a day, or in the pinned document whatever the day. */
  find(city, rule, on, policy = null) {
    const { last } = this;
    if (last && last.city === city && last.rule === rule && last.on === on && last.policy === policy) return last.found;
    const found = this.paid(this.search(city, rule, on, policy), on);
    this.last = { city, rule, on, policy, found };
    return found;
  }
  /** As it is paid by the bureau's rate of the year, where it has one. */
  paid(found, on) {
    return { ...found, rule: found.rule.paid[on ? String(on).slice(0, 4) : ""] ?? found.rule };
  }
  search(cityName, ruleName, on, policy) {
    const city = this.city(cityName);
    if (policy !== null) return this.inDocument(city, nameOf(ruleName), on, this.document(policy));
    const having = this.of(cityName, ruleName);
    let live = having.filter((version) => inForce(version, on));
    if (!live.length) {
      live = having.filter((v) => !v.document.draft && inTail(v, on)).map((v) => ({ ...v, tail: true }));
    }
    const [{ document, rule }] = live.length ? live : having, about = { on, title: rule.title, key: document.key };
    if (live.length > 1) refuse("several_documents", { ...about, keys: live.map((v) => v.document.key).join("、") });
    if (live.length) return live[0];
    const before = on < (rule.valid_from ?? on) ? rule.earlier : "", spans = having.map((v) => v.rule.span).join("；");
    return refuse(before ? "before" : "not_in_force", {
      ...about, before, spans, document: document.name, city: this.label(city),
    });
  }
  inDocument(city, ruleName, on, document) {
    const { key } = document;
    if (document.city !== city) {
      const keys = [...this.documents].sort(newestFirst).filter((d) => d.city === city).map((d) => d.key);
      refuse("document_elsewhere", { key, city: document.city_label, wanted: this.label(city), nearest: nearest(city, keys) });
    }
    const having = this.of(city, ruleName), found = having.find((version) => version.document === document);
    const others = having.map((version) => version.document.name).join("、");
    return found ? this.pinned(found, on) : refuse("not_in_document", { document: document.name, name: ruleName, key, others });
  }
  /** The version that speaks for a day, warned of as if it were pinned. */
  newest(city, rule, on) {
    const having = this.of(city, rule), issued = having.filter((v) => !v.document.draft);
    if (!issued.length) return this.paid(this.pinned(having[0], on), on);
    const begun = issued.find((v) => (v.document.valid_from ?? "") <= on) ?? issued[issued.length - 1];
    return this.paid(this.pinned(issued.find((v) => inForce(v, on)) ?? begun, on), on);
  }
  pinned(found, on) {
    if (found.document.draft) return { ...found, warnings: [this.words.draft] };
    if (!on || inForce(found, on)) return found;
    return { ...found, warnings: [`${found.rule.span}，${on} 不在有效期内，本次按指定文件测算`], tail: inTail(found, on) };
  }
}
const spelled = (name) => clean(name).toLowerCase().replace(/[〔[【]/g, "(").replace(/[〕\]】]/g, ")");
const period = (document, rule) => [rule.valid_from ?? document.valid_from, document.valid_to];
function inForce({ document, rule }, on) {
  const [first, last] = period(document, rule);
  return !document.draft && first !== null && first <= on && (last === null || on <= last);
}
const inTail = ({ document, rule }, on) => rule.tail !== null && document.valid_to !== null && on > document.valid_to;
/** 施行, 未施行, 失效 or 征求意见稿 on a day. */
function status({ document, rule }, on) {
  const [first, last] = period(document, rule);
  if (document.draft) return "征求意见稿";
  if (first === null || on < first) return "未施行";
  return last !== null && on > last ? "失效" : "施行";
}
function newestFirst(a, b) {
  const key = (d) => [d.draft ? 1 : 0, d.valid_from ? -ordinal(d.valid_from) : 0, d.key];
  const [left, right] = [key(a), key(b)];
  for (let i = 0; i < 3; i += 1) if (left[i] !== right[i]) return left[i] < right[i] ? -1 : 1;
  return 0;
}
function today() {
  const now = new Date();
  return iso(now.getFullYear(), now.getMonth() + 1, now.getDate());
}
