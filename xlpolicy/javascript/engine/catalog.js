// Which provision applies: city, id, date, pinned document; names and aliases; what is in force when.

/** A refusal: a stable code for programs, a sentence for people. */
class PolicyError extends Error {
  constructor(code, got, { where = "", item = "", expected = "", remedy = "" } = {}) {
    const told = expected && remedy.includes(expected) ? "" : expected && `；应为：${expected}`;
    const what = `${got}${told}${remedy ? `。请${remedy.replace(/^请/, "")}` : ""}`;
    super(`${where ? `${where}：` : ""}${what.replace(/。$/, "")}。`);
    Object.assign(this, { code, got, where, item, expected, remedy });
  }
}

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
    this.found = new Map();
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
      }
    }
  }
  read(data, law) {
    const document = { ...data };
    const rule = (entry) => {
      const ids = new Map(entry.choices.map((node, i) => [JSON.stringify(node), i]));
      const made = decode(entry.rule, law.fields, ids);
      Object.assign(made, { told: entry.told, shown: entry.shown, chosen: entry.choices.map((node) => decode(node, law.fields, ids)) });
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
  city(name) {
    const key = this.cities.get(clean(String(name)).toLowerCase());
    if (key === undefined) {
      throw new PolicyError("unknown_city", `没有“${shown(name)}”的政策`, {
        where: "城市", item: "city", expected: [...new Set(this.documents.map((d) => d.city_label))].join("、"), remedy: "核对名称",
      });
    }
    return key;
  }
  document(key) {
    const found = this.numbers.get(spelled(String(key)));
    if (!found) {
      throw new PolicyError("unknown_policy", `没有代号为“${shown(key)}”的文件`, {
        where: "文件", item: "policy", expected: this.documents.map((d) => d.key).join("、"), remedy: "核对名称",
      });
    }
    return found;
  }
  ruleId(city, name) {
    const said = String(name);
    if (this.versions.has(`${city}\n${said}`)) return said;
    const wanted = clean(said).toLowerCase(), ids = new Set();
    for (const d of this.documents) {
      if (d.city !== city) continue;
      for (const rule of d.rules) {
        if ([rule.id, rule.title, ...rule.aliases].some((alias) => clean(alias).toLowerCase() === wanted)) ids.add(rule.id);
      }
    }
    if (ids.size > 1) {
      const told = [...ids].sort().map((id) => `${this.versions.get(`${city}\n${id}`)[0].rule.title}（${id}）`).join("、");
      throw new PolicyError("ambiguous_rule", `“${said}”对应多个条款：${told}`, {
        where: "条款", item: "rule", expected: "唯一的条款编号", remedy: "写明其中一个编号",
      });
    }
    if (!ids.size) {
      throw new PolicyError("unknown_rule", `没有“${shown(said)}”这个条款`, { item: "rule", expected: "条款编号或名称", remedy: "核对名称" });
    }
    return [...ids][0];
  }
  of(city, rule) {
    const key = this.city(city);
    return this.versions.get(`${key}\n${this.ruleId(key, rule)}`);
  }
  /** The provision that applies on a day, or in the pinned document whatever the day. */
  find(city, rule, on, policy) {
    const key = [city, rule, on, policy].join("\n");
    if (!this.found.has(key)) this.found.set(key, this.paid(this.search(city, rule, on, policy), on));
    return this.found.get(key);
  }
  /** As it is paid by the bureau's rate of the year, where it has one. */
  paid(found, on) {
    return { ...found, rule: found.rule.paid[String(on).slice(0, 4)] ?? found.rule };
  }
  search(cityName, ruleName, on, policy) {
    const having = this.of(cityName, ruleName), city = this.city(cityName);
    if (policy) {
      const document = this.document(policy);
      if (document.city !== city) {
        throw new PolicyError("unknown_policy", `${document.key} 是${document.city_label}的文件`, {
          where: "文件", item: "policy", remedy: "核对文件和城市",
        });
      }
      const found = having.find((version) => version.document === document);
      if (!found) {
        throw new PolicyError("unknown_rule", `${document.name}里没有“${ruleName}”这个条款`, {
          where: document.key, item: "rule", expected: `${document.name}里的条款`,
          remedy: `改写文件（这一条在${having.map((version) => version.document.name).join("、")}里），或不写文件、按日期选用`,
        });
      }
      return this.pinned(found, on);
    }
    let live = having.filter((version) => inForce(version, on));
    if (!live.length) {
      live = having.filter((v) => !v.document.draft && inTail(v, on)).map((v) => ({ ...v, tail: true }));
    }
    if (live.length > 1) {
      throw new PolicyError("ambiguous_rule", `${on} 有多份文件都规定了 ${live[0].rule.id}（${live.map((v) => v.document.key).join("、")}）`, {
        where: "条款", item: "rule", expected: "一份文件", remedy: "指定其中一份",
      });
    }
    if (live.length) return live[0];
    const spans = having.map((version) => this.span(version)).join("；"), [first] = having, { earlier } = first.rule;
    const where = `${first.document.city_label} ${first.rule.id}`, expected = "申报日期在文件有效期内";
    if (earlier && on < (first.rule.valid_from ?? on)) {
      throw new PolicyError("not_in_force", `${on} 适用的是${earlier}，不是${first.document.name}（${spans}）`, {
        where, item: "on", expected, remedy: `按${earlier}办理（没有载入，这一日期的申报不能测算），或载入该文件`,
      });
    }
    throw new PolicyError("not_in_force", `${on} 没有正在施行的“${first.rule.title}”（${spans}）`, {
      where, item: "on", expected, remedy: "核对申报日期；只作测算时指定文件",
    });
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
    return { ...found, warnings: [`${this.span(found)}，${on} 不在有效期内，本次按指定文件测算`], tail: inTail(found, on) };
  }
  span({ document, rule }) {
    if (document.draft) return `${document.name}为征求意见稿`;
    const [first, last] = period(document, rule);
    const start = document.first_day && first === document.valid_from ? `（${document.first_day}）` : "";
    return `${document.name}本条自 ${first}${start} ${last ? `至 ${last} 有效` : "起有效，文件未写有效期止"}`;
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
