// The task pane: asks the server, shows what it says, writes the formula into the selected cell.
// Every text of the server goes in as textContent; nothing is ever parsed as HTML.
import { keepToken, token } from "./bridge.js";

const $ = (id) => document.getElementById(id);
const state = { host: false, where: null, sheet: null, fields: {}, formulas: {}, asked: 0, dayCell: "" };

function make(tag, { text, ...rest } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(rest)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  if (text !== undefined) element.textContent = text;
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

// --- the server ---

class Refused extends Error {}

async function ask(path, data, blob = false) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: token() },
      body: JSON.stringify(data),
    });
  } catch {
    throw new Refused("连不上服务器。请确认服务器已启动，网络畅通，再试一次。");
  }
  if (response.ok) return blob ? response : response.json();
  if (response.status === 401) openToken();
  const told = await response.text();
  let message = told;
  try {
    message = JSON.parse(told).error.message;
  } catch {
    /* a refusal in plain words */
  }
  throw new Refused(message || `服务器回答 ${response.status}`);
}

let toastTimer;
function toast(text, bad = false) {
  const box = $("toast");
  box.textContent = text;
  box.className = bad ? "bad" : "";
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (box.hidden = true), bad ? 8000 : 4000);
}

const guarded = (run) => async (...args) => {
  try {
    await run(...args);
  } catch (error) {
    if (!(error instanceof Refused)) console.error(error);
    toast(error instanceof Refused ? error.message : `没有成功：${error.message ?? error}`, true);
  }
};

function later(run, wait) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, wait);
  };
}

// --- the token ---

function openToken() {
  $("token-form").hidden = false;
  $("token").focus();
}

$("token-open").addEventListener("click", () => {
  $("token-form").hidden = !$("token-form").hidden;
  if (!$("token-form").hidden) openToken();
});
$("token-form").addEventListener("submit", guarded(async (event) => {
  event.preventDefault();
  keepToken($("token").value.trim());
  await begin();
  $("token-form").hidden = true;
  toast("口令已保存，自定义函数也随即可用");
}));

// --- finding a provision ---

const BADGES = { 施行: "on", 征求意见稿: "draft" };
const badge = (status) => make("span", { className: `badge ${BADGES[status] ?? "off"}`, text: status });

const search = guarded(async () => {
  const number = ++state.asked;
  const { found } = await ask("/api/search", {
    text: $("text").value, city: $("city").value, theme: $("theme").value, on: $("day").value,
  });
  if (number !== state.asked) return; // a later search has overtaken this one
  $("count").textContent = found.length ? `共 ${found.length} 条` : "没有找到。可换个说法，如“技改”“贷款”“5G”，或放宽城市和主题。";
  $("found").replaceChildren(...found.map((line) => make("li", {}, make("button", {
    type: "button", onclick: () => open({ city: line.city, rule: line.id }),
  },
    make("div", { className: "name", text: line.title }, badge(line.status)),
    make("div", { className: "about", text: `${line.city_label}　${line.number}　${line.at}` }),
    make("div", { className: "about", text: [line.theme, line.nature].filter(Boolean).join("　") }),
  ))));
});
const searchSoon = later(search, 250);
$("text").addEventListener("input", searchSoon);
for (const id of ["city", "theme"]) $(id).addEventListener("change", search);
function setDay(cell) {
  state.dayCell = cell;
  $("day-hint").textContent = cell ? `取自单元格 ${cell}，公式随它变动` : "";
  $("day-hint").hidden = !cell;
  return state.sheet ? open(state.where, true) : search();
}
$("day").addEventListener("change", () => setDay(""));
const pickDay = guarded(async () => {
  const cell = await selectedCell();
  const day = asDay(cell.value);
  if (!day) throw new Refused(`${cell.address} 不是日期。请选中申报日期所在的单元格。`);
  $("day").value = day;
  await setDay(cell.address);
});

// a date of a cell (a serial number, or text such as 2026/6/30) as 2026-06-30; null for anything else
function asDay(value) {
  if (typeof value === "number" && value >= 61 && value < 2958466) {
    return new Date((Math.floor(value) - 25569) * 86400000).toISOString().slice(0, 10);
  }
  const parts = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(String(value).trim());
  return parts && [parts[1], parts[2].padStart(2, "0"), parts[3].padStart(2, "0")].join("-");
}
$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});

// --- one provision ---

const question = (rename = (reference) => reference) => ({
  ...state.where, on: $("day").value, on_reference: state.dayCell && rename(state.dayCell), unit: $("unit").value,
  fields: Object.fromEntries(Object.entries(state.fields).map(([name, field]) => [
    name, { value: field.value, reference: field.reference ? rename(field.reference) : "" },
  ])),
});

const open = guarded(async (where, keep = false) => {
  const sheet = await ask("/api/provision", { ...where, on: $("day").value, unit: $("unit").value });
  if (!keep) state.fields = {};
  state.where = where;
  state.sheet = sheet;
  $("finder").hidden = true;
  $("sheet").hidden = false;
  $("title").replaceChildren(sheet.title, badge(sheet.status));
  $("cite").textContent = `${sheet.city_label}　${sheet.number}　${sheet.at}`;
  const pinned = $("pinned");
  pinned.hidden = !where.policy && !sheet.warnings.length;
  pinned.replaceChildren(
    sheet.warnings.length ? `${sheet.warnings.join("；")}。` : `按指定文件测算：${sheet.number}。`,
    where.policy ? make("button", {
      type: "button", className: "link", text: "改按申报日期", onclick: () => open({ city: where.city, rule: where.rule }, true),
    }) : "",
  );
  showFields(sheet);
  showLaw(sheet);
  showPast(sheet);
  if (!keep) showTab("fill");
  window.scrollTo(0, 0);
  await calculate();
});

$("back").addEventListener("click", () => {
  state.sheet = null;
  $("sheet").hidden = true;
  $("finder").hidden = false;
  search();
});

const TABS = ["fill", "law", "past"];
function showTab(chosen) {
  for (const name of TABS) {
    $(name).hidden = name !== chosen;
    $(`tab-${name}`).setAttribute("aria-selected", String(name === chosen));
  }
}
TABS.forEach((name, place) => {
  $(`tab-${name}`).addEventListener("click", () => showTab(name));
  $(`tab-${name}`).addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = TABS[(place + step + TABS.length) % TABS.length];
    showTab(next);
    $(`tab-${next}`).focus();
  });
});

// --- its fields ---

function showFields(sheet) {
  $("fields").replaceChildren(...sheet.inputs.map(field));
  const counts = sheet.computable;
  for (const id of ["fields", "actions"]) $(id).hidden = !counts;
  document.querySelector(".units").hidden = !counts;
  if (!counts) {
    $("result").replaceChildren(make("div", { className: "card none" },
      make("p", { text: "本条不在本文件计算金额。" }), sheet.refer_to ? make("p", { text: `去处：${sheet.refer_to}` }) : ""));
  }
}

function field(item) {
  const id = `in-${item.name}`;
  const known = state.fields[item.name];
  const absent = /^(同|按)/.test(item.absent) ? item.absent : item.absent && item.absent !== "不考虑" ? `按 ${item.absent}` : "";
  const left = item.need === "视情况" ? `视情况填写${absent ? `，不填${absent}` : ""}` : `可不填${absent ? `，不填${absent}` : ""}`;
  const empty = item.need === "必填" ? "请选择" : left;
  let box;
  if (item.type === "boolean" || item.choices.length) {
    const choices = item.type === "boolean" ? [{ value: "是", label: "是" }, { value: "否", label: "否" }] : item.choices;
    box = make("select", { id }, make("option", { value: "", text: empty }),
      ...choices.map((choice) => make("option", { value: choice.value, text: choice.label })));
  } else {
    const date = item.type === "date"; // typed as 2026-11-25: a browser's own field follows the language it is set to
    box = make("input", {
      id, type: "text", inputMode: date ? "text" : item.type === "integer" ? "numeric" : "decimal",
      placeholder: date ? "如 2026-11-25" : "",
    });
  }
  if (known && !known.reference) box.value = known.value;
  const hint = make("div", { className: "hint" });
  const tell = () => {
    const from = state.fields[item.name]?.reference;
    const chosen = item.type === "boolean" || item.choices.length;
    hint.replaceChildren(...(from
      ? ["取自单元格 ", make("b", { text: from }), "，公式随它变动"]
      : [chosen || item.need === "必填" ? "" : left]));
    hint.hidden = !hint.textContent;
  };
  box.addEventListener("input", () => {
    if (box.value === "") delete state.fields[item.name];
    else state.fields[item.name] = { value: box.value, reference: "" };
    tell();
    calculateSoon();
  });
  if (known?.reference) showValue(box, item.type === "date" ? asDay(known.value) ?? known.value : known.value);
  tell();
  const pick = state.host ? make("button", {
    type: "button", className: "pick", text: "取单元格", title: "用所选单元格的数值，公式引用该单元格",
    onclick: guarded(async () => {
      const cell = await selectedCell();
      state.fields[item.name] = { value: cell.value, reference: cell.address };
      showValue(box, item.type === "date" ? asDay(cell.value) ?? cell.value : cell.value);
      tell();
      await calculate();
    }),
  }) : "";
  return make("div", { className: "field" },
    make("label", { htmlFor: id, text: item.label }, item.need === "必填" ? make("span", { className: "must", text: "*", title: "必填" }) : ""),
    make("div", { className: "box" }, box, item.unit ? make("span", { className: "tail", text: item.unit }) : "", pick), hint);
}

function showValue(box, value) {
  const text = value === true ? "是" : value === false ? "否" : String(value ?? "");
  if (box.tagName === "SELECT" && ![...box.options].some((option) => option.value === text)) {
    const match = [...box.options].find((option) => option.text === text);
    if (match) {
      box.value = match.value;
      return;
    }
    box.append(make("option", { value: text, text }));
  }
  box.value = text;
}

$("unit").addEventListener("change", () => state.where && open(state.where, true));
$("fields").addEventListener("submit", (event) => event.preventDefault());

// --- the amount ---

const note = (label, text) => make("p", { className: "note" }, make("b", { text: label }), text);

const calculate = guarded(async () => {
  if (!state.sheet?.computable) return;
  const number = ++state.asked;
  const told = await ask("/api/calculate", question());
  if (number !== state.asked) return;
  state.formulas = told.formulas;
  showFormula();
  $("result").replaceChildren(told.error ? refusal(told.error) : decision(told));
});
const calculateSoon = later(calculate, 250);

function refusal({ code, message }) {
  if (code !== "missing_input") return make("div", { className: "card bad", role: "alert" }, make("p", { text: message }));
  const left = state.sheet.inputs.filter((item) => item.need === "必填" && !state.fields[item.name]);
  const text = left.length ? `填好 ${left.map((item) => `“${item.label}”`).join("、")} 后显示金额。` : message;
  return make("div", { className: "card" }, make("p", { text }));
}

function decision(told) {
  const shown = told.unit === "元" ? [told.amount, "元"] : [told.in_unit, told.unit];
  return make("div", { className: `card ${told.eligible ? "good" : "none"}` },
    make("span", { className: "kind", text: told.eligible ? told.nature : told.open ? "尚不能判断" : "不符合条件" }),
    make("div", { className: "sum", text: shown[0] }, make("small", { text: shown[1] })),
    told.eligible ? make("p", { className: "upper", text: `${told.unit === "元" ? "" : `${told.amount} 元　`}${told.upper}` }) : "",
    ...told.reasons.map((text) => note(told.open ? "待补" : "不符", text)),
    told.reasons.length ? "" : note("计算", told.explanation),
    note("依据", told.basis),
    told.article ? note("原文", told.article) : "",
    ...told.warnings.map((text) => note("提醒", text)),
    ...told.assumptions.map((text) => note(text.slice(0, 2), text.slice(3))),
    told.steps.length ? make("details", {}, make("summary", { text: `逐步计算（${told.steps.length} 步）` }),
      make("ul", {}, ...told.steps.map((step) => make("li", {},
        make("div", { text: step.what }), make("div", {}, `${step.formula} → `, make("span", { className: "value", text: step.value })),
        make("div", { className: "at", text: step.at }))))) : "",
  );
}

function showFormula() {
  $("formula").textContent = state.formulas[$("what").value] ?? "";
}
$("what").addEventListener("change", showFormula);

// --- the workbook ---

async function selectedCell() {
  return Excel.run(async (context) => {
    const cell = context.workbook.getSelectedRange().getCell(0, 0);
    cell.load("address,values");
    await context.sync();
    const value = cell.values[0][0];
    if (value === "") throw new Refused(`${cell.address} 是空白单元格。请先选中有数值的单元格。`);
    return { address: cell.address, value };
  });
}

// a reference to the sheet on which the formula stands needs no sheet name
const without = (sheet) => (reference) => {
  const cut = reference.lastIndexOf("!");
  const name = reference.slice(0, Math.max(cut, 0)).replace(/^'|'$/g, "").replaceAll("''", "'");
  return name === sheet ? reference.slice(cut + 1) : reference;
};

$("insert").addEventListener("click", guarded(async () => {
  if (!state.host) {
    await copy($("formula").textContent);
    return;
  }
  const address = await Excel.run(async (context) => {
    const cell = context.workbook.getSelectedRange().getCell(0, 0);
    cell.worksheet.load("name");
    cell.load("address");
    await context.sync();
    const told = await ask("/api/calculate", question(without(cell.worksheet.name)));
    cell.formulas = [[told.formulas[$("what").value]]];
    await context.sync();
    return cell.address;
  });
  toast(`公式已插入 ${address}`);
}));

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const range = document.createRange();
    range.selectNodeContents($("formula"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    throw new Refused("公式已选中，请按 Ctrl+C 复制。");
  }
  toast("公式已复制，到单元格里粘贴即可");
}

$("form").addEventListener("click", guarded(async () => {
  const unit = ["元", "万元"].includes($("unit").value) ? $("unit").value : "万元";
  const response = await ask("/api/form", unit === $("unit").value ? question() : { ...question(), unit, fields: {} }, true);
  const data = await response.blob();
  if (state.host && Office.context.requirements.isSetSupported("ExcelApi", "1.8")) {
    await Excel.createWorkbook(await base64(data));
    toast("申请表已在新工作簿打开");
    return;
  }
  const link = make("a", { href: URL.createObjectURL(data), download: `申请表_${state.sheet.title}.xlsx` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  toast("申请表已下载");
}));

const base64 = (blob) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
  reader.onerror = () => reject(reader.error);
  reader.readAsDataURL(blob);
});

// --- the article and its history ---

const block = (title, content) => (content ? make("div", { className: "block" }, make("h3", { text: title }), content) : "");
const facts = (rows) => {
  const told = rows.filter(([, text]) => text);
  return told.length ? make("table", {}, make("tbody", {}, ...told.map(([label, text, at]) => make("tr", {},
    make("td", { text: label }), make("td", { text }, at ? make("div", { className: "at", text: at }) : ""))))) : null;
};
const list = (lines) => (lines.length ? make("ul", {}, ...lines.map((line) => make("li", { text: line.text ?? line },
  typeof line !== "string" && line.at ? make("span", { className: "at", text: `（${line.at}）` }) : ""))) : null);

function showLaw(sheet) {
  const elsewhere = (at) => (at && at !== sheet.at ? at : "");
  $("law").replaceChildren(
    block("出处", facts([
      ["文件", `${sheet.number}　${sheet.document_title}`], ["位置", sheet.at], ["有效期", sheet.span], ["对象", sheet.recipient],
      ["性质", sheet.nature], ["方式", sheet.mode], ["资金", sheet.payer], ["责任单位", sheet.departments.join("、")],
      ["主题", sheet.theme], ["又称", sheet.aliases.join("、")], ["去处", sheet.refer_to],
    ])),
    block("条文里的数字", facts(sheet.figures.map((figure) => [figure.label, figure.text, elsewhere(figure.at)]))),
    block("条件", list(sheet.conditions)),
    block("怎样计算", sheet.amount ? list([
      ...sheet.terms.map((term) => ({ text: `${term.label} ＝ ${term.text}`, at: elsewhere(term.at) })), { text: `金额 ＝ ${sheet.amount}` },
    ]) : null),
    block("封顶", list(sheet.limits.map((limit) => ({ text: limit.text, at: elsewhere(limit.at) })))),
    block("读法", list(sheet.assumptions)),
    block("与其他申报的关系", list(sheet.cross_rules.map((rule) => ({ text: `${rule.kind}：${rule.text}`, at: rule.at })))),
    block("说明", sheet.notes ? list([sheet.notes]) : null),
  );
}

function showPast(sheet) {
  $("past").replaceChildren(
    make("p", { className: "quiet", text: sheet.history.length > 1 ? "本市各份文件里的同一条款，新的在前" : "本市其他文件里没有这一条款" }),
    ...sheet.history.map((line) => make("div", { className: `past${line.current ? " current" : ""}` },
      make("div", { className: "number", text: line.number }, badge(line.status)),
      make("div", { className: "about", text: [line.at, line.span].filter(Boolean).join("　") }),
      make("div", { text: line.title === sheet.title ? line.text : `${line.title}：${line.text}` }),
      line.current ? make("div", { className: "about", text: "正在看的文件" }) : make("button", {
        type: "button", className: "link", text: "按此文件测算",
        onclick: () => open({ city: state.where.city, rule: state.where.rule, policy: line.document }, true).then(() => showTab("fill")),
      }))),
  );
}

// --- start ---

const CITY = "xlpolicyCity";
const remembered = () => {
  try {
    return localStorage.getItem(CITY) ?? "";
  } catch {
    return "";
  }
};
$("city").addEventListener("change", () => {
  try {
    localStorage.setItem(CITY, $("city").value);
  } catch {
    /* no storage in this frame: asked again next time */
  }
});

async function begin() {
  const start = await ask("/api/start", {});
  const options = (items) => items.map(({ value, text }) => make("option", { value, text }));
  $("city").replaceChildren($("city").options[0], ...options(start.cities.map((city) => ({ value: city.key, text: city.label }))));
  $("theme").replaceChildren($("theme").options[0], ...options(start.themes.map((theme) => ({ value: theme, text: theme }))));
  $("unit").replaceChildren(...options(start.units.map((unit) => ({ value: unit, text: unit }))));
  $("unit").value = "万元";
  $("what").replaceChildren(...options(Object.entries(start.offered).map(([value, text]) => ({ value, text }))));
  $("day").value ||= start.today;
  if (start.cities.some((city) => city.key === remembered())) $("city").value = remembered();
  await search();
}

function setHost(host) {
  state.host = host;
  $("insert").textContent = host ? "插入到所选单元格" : "复制公式";
  if (host && !$("day-pick")) {
    $("day").after(make("button", {
      type: "button", id: "day-pick", className: "pick", text: "取单元格", title: "用所选单元格的日期，公式引用该单元格", onclick: pickDay,
    }));
  }
}

setHost(false);
// Office.js answers with no host when the page is open in a browser; the pane then works without a workbook
globalThis.Office?.onReady((info) => {
  setHost(Boolean(info?.host));
  if (state.sheet) showFields(state.sheet);
});
guarded(begin)();
