// The worksheet functions in WPS: cells and ranges in, values out; a refusal is thrown, which the host shows as an error
// value, and SUBSIDY_WHY of the same call says it in words. `ADDIN` comes with the file: names, help, words.

const { engine, PolicyError } = xlpolicy;
const { LAW, catalog, decide, status, clean, today, plain, upper, parseMoney, dayOf, over, Unreadable, Fraction } = engine;
const { refuse, nearest, predicate, leaves, showYuan, coerce, compare, Interval, Cut, Astray, DividedByZero, floor, whole, times, minus, STEPS, show, kindOf, fixed } = engine;
const NAMED_OPTIONS = { 单位: "unit", unit: "unit", 日期: "on", 申报日期: "on", on: "on", 文件: "policy", policy: "policy", 出错行: "faults" };
/** What is asked for where rows that have no amount shall say why, and the others stand. */
const IN_WORDS = "写明";
const YUAN = { 元: 0, 千元: 3, 万元: 4, 百万元: 6, 亿元: 8 };
const CELL_ERRORS = new Set(["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!", "#BLOCKED!"]);
const LAST_SERIAL = 2958466;

/** A refusal of the call itself, in the shape of the law's refusals. */
class Refused extends Error {
  constructor(code, where, got, expected, remedy) {
    const due = expected && !remedy.includes(expected) ? `；应为：${expected}` : "";
    super(`${where ? `${where}：` : ""}${`${got}${due}${remedy ? `。请${remedy.replace(/^请/, "")}` : ""}`.replace(/。+$/, "")}。`);
    Object.assign(this, { code, got });
  }
}
const refused = (error) => error instanceof PolicyError || error instanceof Refused;
const wrong = (where, got, expected, remedy, code = "invalid_input") => { throw new Refused(code, where, got, expected, remedy); };

// --- cells and ranges ---

const blank = (value) => value === null || value === undefined || (typeof value === "string" && !value.trim());
/** What is asked for a name or a day, of which none is 0: a blank cell, or a 0 that may be one. */
const unstated = (value) => blank(value) || value === 0;
/** A number of a cell to the 15 digits that a spreadsheet shows and compares; anything else as it is. */
const asShown = (value) => (typeof value === "number" ? Number(value.toPrecision(15)) : value ?? null);
/** A cell, a row or rows of cells -> rows of one length. */
function grid(value) {
  if (!Array.isArray(value)) return [[asShown(value)]];
  const rows = value.map((row) => (Array.isArray(row) ? row : [row])), width = rows.reduce((most, row) => Math.max(most, row.length), 1);
  return rows.length ? rows.map((row) => Array.from({ length: width }, (_, i) => asShown(row[i]))) : [[null]];
}
const single = (area) => area.length === 1 && area[0].length === 1;
const sizeOf = (area) => `${area.length} 行 ${area[0].length} 列`;
function errorOf(value) {
  if (typeof value === "string" ? !CELL_ERRORS.has(value) : value === null || typeof value !== "object") return null;
  return new Refused("error_cell", "", `引用的单元格是错误值 ${typeof value === "string" ? value : "#VALUE!"}`, "数值或文字", "先改正被引用的单元格");
}
/** Of whole columns the rows down to the last that says anything, the same of all. */
function trimmed(areas) {
  if (!areas.some((area) => area.length > ADDIN.mostRows)) return areas;
  const told = (area) => { let rows = area.length; while (rows && area[rows - 1].every(blank)) rows -= 1; return rows; };
  const last = Math.max(1, ...areas.map(told));
  return areas.map((area) => (area.length > ADDIN.mostRows ? area.slice(0, last) : area));
}
/** A serial number (1900 system) -> a day; anything else as it is. */
function serialDay(value) {
  if (typeof value !== "number" || value < 1 || value >= LAST_SERIAL) return value;
  const day = new Date(Date.UTC(1899, 11, 30) + (Math.floor(value) + (value < 60 ? 1 : 0)) * 86400000);
  return day.toISOString().slice(0, 10);
}
/** The text of one cell: what something is called. */
function words(value, what) {
  const area = grid(value), [[cell]] = area, error = errorOf(cell);
  if (error && single(area)) wrong(what, error.got, "数值或文字", "先改正被引用的单元格");
  if (!single(area) || unstated(cell)) wrong(what, single(area) ? "是空白" : `是 ${sizeOf(area)}的区域`, "一个单元格或一段文字", `填写${what}`);
  return String(cell).trim();
}

// --- the pairs of a call ---

function nameOf(value) {
  const [[name]] = grid(value);
  if (typeof name === "string" && name.trim()) return clean(name);
  return wrong("函数参数", `“${unstated(name) ? "空白" : plainly(name)}”不是输入项名称`, "文字名称", "把名称用引号括起；主要输入项只能写一个，其余写成 名称,数值", "unknown_input");
}
const plainly = (value) => (typeof value === "boolean" ? (value ? "True" : "False") : String(value));
/** Names in a row over columns of values, or in a column beside them; a blank name leaves its values out. */
function block(name, area) {
  const names = grid(name), listed = names.flat(), [rows, columns] = [names.length, names[0].length], [height, width] = [area.length, area[0].length];
  if (rows > 1 && columns > 1) wrong("函数参数", `名称的区域是 ${sizeOf(names)}`, "一行或一列名称", "重选名称的区域");
  let parts;
  if (width === listed.length && rows === 1) parts = listed.map((_, i) => area.map((row) => [row[i]]));
  else if (height === listed.length && (columns === 1 || width === 1)) parts = area.map((row) => [row]);
  else if (height === 1 && width === listed.length) parts = area[0].map((cell) => [[cell]]);
  else wrong("函数参数", `名称有 ${listed.length} 个，数值的区域是 ${sizeOf(area)}`, "每个名称一列（或一行）数值", "把名称和数值选成一样多");
  return listed.map((item, i) => [item, parts[i]]).filter(([item]) => !blank(item)).map(([item, part]) => [nameOf(item), part]);
}
function pairs(tail) {
  if (tail.length % 2) wrong("函数参数", "名称和数值没有成对", '成对书写，如 "含税投资额",C2', "补上缺的名称或数值");
  const out = [], seen = new Set();
  for (let i = 0; i < tail.length; i += 2) {
    if (Array.isArray(tail[i]) && !single(grid(tail[i]))) out.push(...block(tail[i], grid(tail[i + 1])));
    else out.push([nameOf(tail[i]), grid(tail[i + 1])]);
  }
  for (const [written] of out) {
    const key = NAMED_OPTIONS[written.toLowerCase()] ?? written;
    if (seen.has(key)) wrong("函数参数", `“${written}”写了两次`, "每项只写一次", "删去一个");
    seen.add(key);
  }
  return out;
}
const unitOf = (unit) => (`${unit}元` in YUAN ? `${unit}元` : unit);
function checkedUnit(said) {
  const unit = unitOf(said);
  if (!(unit in YUAN)) wrong("单位", `单位“${unit}”不认识`, Object.keys(YUAN).join("、"), '写 "单位","万元" 或不写（元）');
  return unit;
}

/** The arguments after city and provision as columns; `told`: a blank cell came as one, so that a 0 is a 0. */
function readCall(args) {
  const areas = trimmed(args.map(grid)), given = args.map((arg, i) => (Array.isArray(arg) ? areas[i] : arg));
  const [value, tail] = given.length % 2 ? [given[0], given.slice(1)] : [null, given];
  const columns = new Map([["", grid(value)], ...pairs(tail)]);
  let shape = [1, 1], owner = "";
  for (const [name, area] of columns) {
    if (single(area) || (area.length === shape[0] && area[0].length === shape[1])) continue;
    if (shape[0] * shape[1] !== 1) {
      wrong("函数参数", `“${name}”的区域是 ${sizeOf(area)}，${owner}是 ${shape[0]} 行 ${shape[1]} 列`, "同样大小的区域，或一个单元格", "把两个区域选成一样大");
    }
    shape = [area.length, area[0].length];
    owner = name ? `“${name}”` : "主要输入";
  }
  if (shape[0] > ADDIN.mostRows) wrong("函数参数", `区域有 ${shape[0]} 行`, `不超过 ${ADDIN.mostRows} 行`, "只选有数据的行");
  const flat = new Map([...columns].map(([name, area]) => [name, area.flat()])), size = shape[0] * shape[1];
  const told = areas.some((area) => !single(area) && area.some((row) => row.includes(null)));
  return { shape, size, flat, told, spoken: spokenFaults(flat) };
}
/** Whether the call asks for the reasons in the rows that have no amount. */
function spokenFaults(flat) {
  const said = [...flat].filter(([name]) => NAMED_OPTIONS[name] === "faults").flatMap(([, cells]) => cells).filter((cell) => !blank(cell));
  for (const cell of said) if (clean(String(cell)) !== IN_WORDS) wrong("出错行", `“${plainly(cell)}”不认识`, IN_WORDS, `写 "出错行","${IN_WORDS}"，或不写这一对`);
  return said.length > 0;
}
function rowOf({ flat, told }, number) {
  const row = { value: null, inputs: {}, on: null, policy: null, unit: "元", told };
  for (const [name, cells] of flat) {
    const cell = cells.length > 1 ? cells[number] : cells[0], error = errorOf(cell), option = NAMED_OPTIONS[name.toLowerCase()];
    if (error) throw error;
    if (name === "") row.value = cell;
    else if (option === undefined) row.inputs[name] = cell;
    else if (!blank(cell) && (told || cell !== 0)) row[option] = option === "on" ? serialDay(cell) : option === "unit" ? unitOf(clean(String(cell))) : String(cell).trim();
  }
  return row;
}
/** A row of a range that states nothing: all that differs from row to row is blank. */
function empty({ flat, size }, number) {
  const told = [...flat.values()].filter((cells) => cells.length > 1);
  return size > 1 && told.every((cells) => blank(cells[number]));
}

// --- one claim ---

/** What a value without a name is, in the documents of the city. */
const firstInputs = (city, rule) => new Set(catalog.of(city, rule).filter((v) => v.rule.inputs.length).map((v) => v.rule.inputs[0].name));
function foundFor(city, rule, row) {
  checkedUnit(row.unit);
  const day = row.on === null ? null : dayOf(row.on);
  return [catalog.find(city, rule, day ?? (row.policy === null ? today() : null), row.policy), day];
}
/** The inputs as the rules take them: amounts in 元, days as days, the value under its input's name. */
function statedBy({ rule, document }, row) {
  const names = new Map(rule.inputs.flatMap((item) => [item.name, item.label, clean(item.label)].map((name) => [name, item])));
  const inputs = { ...row.inputs }, first = rule.inputs[0];
  if (rule.amount !== null && !blank(row.value)) {
    if (!first) wrong(`${document.name} ${rule.at}`, `“${rule.title}”不需要填数值`, "没有输入项", "去掉数值再算", "unknown_input");
    inputs[first.name in inputs ? `${first.name} ` : first.name] = row.value;
  }
  for (const [key, value] of Object.entries(inputs)) {
    const item = names.get(key) ?? names.get(clean(key));
    if (item && value !== null) inputs[key] = asInput(item, value, row, item === first);
  }
  return inputs;
}
function asInput(item, value, { unit, told }, first) {
  const other = item.default_from || !(item.default instanceof Fraction ? item.default.n === 0n : item.default === 0 || item.default === false);
  const doubtful = value === 0 && !told;
  if (doubtful && ["enum", "text", "date"].includes(item.type)) return null;
  if (doubtful && other && !(first && item.required)) {
    wrong(item.name, `“${item.label}”是 0，也可能是空白单元格，这里分不清`, "写明的数值", '在空着的格里打一个空格，或从公式里删去这一项；确实是 0 的，写文字 "0"');
  }
  if (item.type === "date") return typeof value === "number" && serialDay(value) !== value ? new xlpolicy.Day(serialDay(value)) : value;
  if (item.type !== "money" || unit === "元") return value;
  try {
    return parseMoney(value, unit);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return value;
  }
}
const inUnit = (amount, unit) => Number(plain(over(amount, xlpolicy.decimal(`1E+${YUAN[unit]}`))).replaceAll(",", ""));

function subsidyOf(found, row, day) {
  const made = decide(LAW.words, found, statedBy(found, row), day);
  if (made.open.length) throw new Refused("undecided", made.basis, made.reasons.join("；"), "", "");
  return inUnit(made.amount, row.unit);
}
function whyOf(found, row, day, several) {
  const { rule, document } = found;
  const used = several && rule.inputs.length && !blank(row.value) ? `数值用作${rule.inputs[0].label}（${document.name}本条的第一个输入项）。` : "";
  try {
    const made = decide(LAW.words, found, statedBy(found, row), day);
    const nature = made.amount.n && rule.nature !== "entitlement" ? [["性质", rule.shown.nature]] : [], said = [];
    for (const [label, text] of [...nature, ...made.warnings.map((text) => ["提醒", text]), ...made.remarks]) {
      const last = said[said.length - 1], short = text.replace(/。+$/, "");
      if (last?.[0] === label) last[1].push(short);
      else said.push([label, [short]]);
    }
    return used + [made.explanation, ...said.map(([label, texts]) => `${label}：${texts.join("；")}`)].join("。");
  } catch (error) {
    if (!refused(error)) throw error;
    return used + error.message;
  }
}

/** A call by rows. `one(found, row, day, several)`; what a refusal of a row becomes: `failed(error)`. */
function eachRow(cityCell, ruleCell, args, one, failed) {
  const city = words(cityCell, "城市"), rule = words(ruleCell, "条款"), firsts = firstInputs(city, rule), call = readCall(args);
  if (call.size > 1 && firsts.size > 1) oneMeaning(city, rule, call);
  const done = Array.from({ length: call.size }, (_, number) => {
    if (empty(call, number)) return "";
    try {
      const row = rowOf(call, number), [found, day] = foundFor(city, rule, row);
      return one(found, row, day, call.size === 1 && firsts.size > 1);
    } catch (error) {
      if (!refused(error)) throw error;
      return failed(error, number, call);
    }
  });
  return Array.from({ length: call.shape[0] }, (_, r) => done.slice(r * call.shape[1], (r + 1) * call.shape[1]));
}
/** Refuses rows that reach documents which would read a value without a name differently. */
function oneMeaning(city, rule, call) {
  const meant = new Map();
  for (let number = 0; number < call.size; number += 1) {
    try {
      const row = rowOf(call, number);
      if (blank(row.value)) continue;
      const [{ rule: { inputs: [first] }, document }] = foundFor(city, rule, row);
      if (first) meant.set(first.name, `${document.name}用作“${first.label}”（${first.name}）`);
    } catch (error) {
      if (!refused(error)) throw error;
    }
  }
  if (meant.size > 1) {
    wrong("没有写名称的数值", `各行适用的文件不同，同一列数值的含义也不同：${[...meant.values()].join("，")}`,
      `成对书写，如 "${[...meant.keys()][0]}",数值`, "把输入项的名称写成一对，各文件的行分开计算");
  }
}
/** The host knows no error in one cell of a range. A text among amounts would be left out of a sum unseen: where one row
 *  has no amount, the whole is an error that names it, unless the call asks for words. */
function throwing(error, number, call) {
  const { size, shape, spoken } = call;
  if (size === 1) throw error;
  if (spoken) return inItsRow(error, number, call);
  const at = shape[1] === 1 ? `区域第 ${number + 1} 行` : `区域第 ${Math.floor(number / shape[1]) + 1} 行第 ${(number % shape[1]) + 1} 列`;
  throw Object.assign(new Error(`${at}：${error.message}`), { code: error.code });
}
const asText = (error) => error.message;
/** Of results that are texts, or where words are asked for: the row says why, the others stand. */
function inItsRow(error, number, { size }) {
  if (size === 1) throw error;
  return `不能计算：${error.message}`;
}

/** A function of cells over cells and ranges of one shape; a blank first cell gives "". */
function lifted(one, ...args) {
  const areas = trimmed(args.map(grid)), shape = areas.find((area) => !single(area)) ?? areas[0];
  areas.forEach((area, i) => {
    if (single(area) || (area.length === shape.length && area[0].length === shape[0].length)) return;
    wrong("", `第 ${i + 1} 个参数的区域是 ${sizeOf(area)}`, `${sizeOf(shape)}，或一个单元格`, "把区域选成一样大");
  });
  return shape.map((line, r) => line.map((_, c) => {
    const cells = areas.map((area) => (single(area) ? area[0][0] : area[r][c])), error = cells.map(errorOf).find(Boolean);
    try {
      if (error) throw error;
      return blank(cells[0]) ? "" : one(...cells);
    } catch (failure) {
      if (!refused(failure)) throw failure;
      return inItsRow(failure, 0, { size: shape.length * shape[0].length });
    }
  }));
}
function statusOf(name, day, provision) {
  if (name === 0) return "";
  const document = catalog.document(String(name).trim()), on = unstated(day) ? today() : dayOf(serialDay(day));
  const rule = unstated(provision) ? { valid_from: null } : catalog.find(document.city, String(provision), null, document.key).rule;
  return status({ document, rule }, on);
}
function upperOf(value, said) {
  const unit = checkedUnit(unstated(said) ? "元" : clean(String(said))), about = `金额（${unit}），如 800000 或“80万元”`;
  try {
    const amount = parseMoney(value, unit), below = amount.n < 0n, words = upper(below ? new Fraction(-amount.n, amount.d) : amount);
    if (!words) wrong("金额", `大得不合常理（${plainly(value)}）`, about, "改正金额");
    return below && words !== "零元整" ? `负${words}` : words;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return wrong("金额", error.message, about, "改正金额");
  }
}

/** SUBSIDY_WHY with the name of another function first: the reasons of that function's errors, or what it rests on. */
function reasonsOf(name, args) {
  if (name === "SUBSIDY_MAX") return inWords(() => maximaInWords(...args));
  if (name === "SUBSIDY_NEED") return inWords(() => needInWords(...args));
  try {
    FUNCTIONS[name](...args);
  } catch (error) {
    return [[error.message]];
  }
  return [["没有错误"]];
}
/** Where a row has no maximum, why; else every maximum with its scope and place. */
const maximaInWords = (city, rule, ...args) =>
  badOnly(eachRow(city, rule, args, (found, row) => maximaOf(found, row).map(({ text }) => text).join("；"), (error) => error));
/** Where nothing is enough, why; else the same in a sentence, with the calculation at that value. */
function needInWords(city, rule, ...args) {
  const values = needRows(city, rule, args, needValue, (error) => error);
  return values.flat().some((one) => one instanceof Error) ? badOnly(values) : needRows(city, rule, args, needWhy, asText);
}
/** Of results with errors in them the errors' words alone. */
function badOnly(rows) {
  const bad = rows.flat().some((one) => one instanceof Error);
  return rows.map((row) => row.map((one) => (one instanceof Error ? one.message : bad ? "" : one)));
}
function inWords(call) {
  try {
    return call();
  } catch (error) {
    if (!refused(error)) throw error;
    return [[error.message]];
  }
}
const FUNCTIONS = {
  SUBSIDY: (city, rule, ...args) => eachRow(city, rule, args, subsidyOf, throwing),
  SUBSIDY_WHY: (city, rule, ...args) => {
    const [[first]] = grid(city), other = typeof first === "string" ? first.trim().toUpperCase() : "";
    if (other in FUNCTIONS && other !== "SUBSIDY") return reasonsOf(other, [rule, ...args]);
    const [where, which, ...rest] = other === "SUBSIDY" ? [rule, ...args] : [city, rule, ...args];
    return inWords(() => eachRow(where, which, rest, whyOf, asText));
  },
  SUBSIDY_BASIS: (city, rule, ...args) => eachRow(city, rule, args, ({ document, rule: { at } }) => `${document.name} ${at}`, inItsRow),
  SUBSIDY_MAX: (city, rule, ...args) => eachRow(city, rule, args, (found, row) => inUnit(maximaOf(found, row)[0].amount, row.unit), throwing),
  SUBSIDY_NEED: (city, rule, ...args) => needRows(city, rule, args, needValue, throwing),
  POLICY_STATUS: (document, day = null, rule = null) => lifted(statusOf, document, day, rule),
  RMB_UPPER: (amount, unit = null) => lifted(upperOf, amount, unit),
};
for (const [name, why] of Object.entries(ADDIN.elsewhere)) {
  FUNCTIONS[name] = () => { throw new Refused("not_here", name, "WPS 加载项里没有这个函数", "", why); };
}

/** The arguments that were written: blanks after the last of them were left out, unless a name waits for its value. */
function given(args, least) {
  let last = args.length;
  while (last > least && blank(args[last - 1])) last -= 1;
  const out = args.slice(0, last), head = typeof args[0] === "string" && args[0].trim().toUpperCase() in FUNCTIONS ? 3 : 2, tail = out.slice(head);
  // a value, and names of which the last one waits: what it names is a blank cell
  return tail.length && tail.length % 2 === 0 && typeof grid(tail[0])[0][0] !== "string" ? [...out, null] : out;
}
/** What the host calls, by the function's name. */
const CALLED = Object.fromEntries(Object.entries(ADDIN.functions).map(([name, { least, pairs: paired }]) => [
  name, (...args) => FUNCTIONS[name](...(paired ? given(args, least) : args)),
]));
return CALLED;
