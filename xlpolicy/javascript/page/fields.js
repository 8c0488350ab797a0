// The page: what is typed goes to the engine at every keystroke, what it says is shown. Nothing is stored or sent.
const {
  LAW, catalog, decide, ahead, match, meetings, known, status, period, clean, today, show, kindOf, plain, fixed, upper, parseMoney, parseRate, compare, coerce, Unreadable, STEPS, Fraction,
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
/** Change the line that a screen reader reads out: it stays the same element, a new one would be passed over in silence. */
function speak(id, text) {
  if (at(id).textContent !== text) at(id).textContent = text;
}
const day = () => at("day").value || today();
const city = () => at("city").value;
const unit = () => at("unit").value;
let shown = null;

// --- the fields of a form ---

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
function stated(item, written) {
  const text = written.trim();
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
function doubted(item, written, read) {
  const text = written.trim();
  if (read.n <= 0n) return "";
  if (item.type === "rate") {
    return isBare(text) && compare(read, ONE_PERCENT) < 0 ? `没有写“%”的按百分数读，这里是 ${show(read, "rate")}；请核对，写明“%”` : "";
  }
  if (!unitless(text) || (compare(read, LARGE) < 0 && compare(read, SMALL) >= 0)) return "";
  return `没有写单位，按${unit()}读是 ${plain(read)} 元；请核对，写明单位，如“${text}${compare(read, LARGE) < 0 ? "万元" : "元"}”`;
}
/** How an amount or a rate was read, and what is doubted of it. */
function heard(item, written) {
  const value = stated(item, written), nothing = { echo: "", doubt: "" };
  if (value === null || !["money", "rate"].includes(item.type)) return nothing;
  try {
    const money = item.type === "money", read = money ? parseMoney(value) : parseRate(value), words = money && upper(read);
    const echo = money ? `＝ ${plain(read)} 元${words ? `（${words}）` : ""}` : `＝ ${show(read, "rate")}`;
    return { echo, doubt: doubted(item, written, read) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return nothing;
  }
}
function echoed({ item, control, echo, doubt, wrong }) {
  const said = heard(item, control.value);
  echo.textContent = said.echo;
  doubt.textContent = said.doubt;
  wrong.textContent = "";
  control.removeAttribute("aria-invalid");
}
function accuse({ wrong, control }, why) {
  wrong.textContent = why;
  control.setAttribute("aria-invalid", "true");
}
/** What is doubted of a form, for whoever looks at the amounts alone. `doubted`: pairs of a field's name and the doubt. */
const doubts = (doubted) => doubted.map(([label, doubt]) => make("p", { class: "warn" }, `“${label}”${doubt}`));
/** What was filled in, for the printed page. `filled`: names with item and text. */
function paper(title, filled) {
  const rows = filled.map(([label, item, text]) => {
    const mark = item.type === "money" && stated(item, text) !== text && unitless(text) ? unit() : "";
    const value = item.choices.find((c) => String(c.value) === text)?.label ?? (item.type === "rate" ? stated(item, text) : text + mark);
    return make("tr", {}, make("th", { scope: "row" }, label), make("td", {}, value));
  });
  return make("div", { class: "paper" }, make("h3", {}, title), make("table", {}, rows));
}
function complain(fields, error) {
  let told = false;
  for (const name of error.item.split(",")) {
    const entry = fields.get(name);
    if (!entry || error.code === "missing_input") continue;
    accuse(entry, error.message);
    told = true;
  }
  return told;
}
