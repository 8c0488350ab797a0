// Exact numbers: a fraction of two BigInt, reading what people write, showing it, one rounding to the cent.
// Nothing here passes through a binary float: a Number is taken by the digits that print it.

class Fraction {
  constructor(n, d) { this.n = n; this.d = d; }
}
const ZERO = new Fraction(0n, 1n), ONE = new Fraction(1n, 1n);
const POWERS = Array.from({ length: 80 }, (_, i) => 10n ** BigInt(i));
const power = (places) => POWERS[places] ?? 10n ** BigInt(places);

/** Digits with at most one point, few enough to be counted exactly -> a fraction; null for any other text. */
function simple(text) {
  const { length } = text;
  if (!length || length > 16) return null;
  let digits = 0, point = -1;
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i) - 48;
    if (code >= 0 && code < 10) digits = digits * 10 + code;
    else if (code === -2 && point < 0 && i && i < length - 1) point = i;
    else return null;
  }
  if (digits > Number.MAX_SAFE_INTEGER) return null;
  return new Fraction(BigInt(digits), point < 0 ? 1n : POWERS[length - 1 - point]);
}
/** "1234.50", "1E+7" -> a fraction; null where the text is no number. */
function decimal(text) {
  const short = simple(text);
  if (short) return short;
  const found = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!found) return null;
  const part = found[3] ?? "", shift = Number(found[4] ?? 0) - part.length;
  if (Math.abs(shift) > 400) return null;
  const n = BigInt(found[1] + found[2] + part);
  return shift < 0 ? new Fraction(n, power(-shift)) : new Fraction(n * power(shift), 1n);
}
const whole = (number) => new Fraction(BigInt(number), 1n);
const magnitude = (x) => (x.n < 0n ? new Fraction(-x.n, x.d) : x);

class DividedByZero extends Error {}
const plus = (a, b) => (a.d === b.d ? new Fraction(a.n + b.n, a.d) : new Fraction(a.n * b.d + b.n * a.d, a.d * b.d));
const minus = (a, b) => (a.d === b.d ? new Fraction(a.n - b.n, a.d) : new Fraction(a.n * b.d - b.n * a.d, a.d * b.d));
const times = (a, b) => new Fraction(a.n * b.n, a.d * b.d);
function over(a, b) {
  if (b.n === 0n) throw new DividedByZero();
  if (b.d === 1n && b.n > 0n) return new Fraction(a.n, a.d * b.n);
  return b.n < 0n ? new Fraction(-a.n * b.d, a.d * -b.n) : new Fraction(a.n * b.d, a.d * b.n);
}
/** How many times b goes into a in full; nothing of an a below zero. */
function goes(a, b) {
  const part = over(a.n < 0n ? ZERO : a, b);
  return new Fraction(part.n / part.d, 1n);
}
/** Below, at or above zero: two fractions, two texts (dates, tokens) or two truths. */
function compare(a, b) {
  if (a instanceof Fraction) {
    const left = a.d === b.d ? a.n : a.n * b.d, right = a.d === b.d ? b.n : b.n * a.d;
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (a === null || b === null || a === undefined || b === undefined) throw new TypeError("not stated");
  return a < b ? -1 : a === b ? 0 : a > b ? 1 : NaN;
}
const same = (a, b) => (a instanceof Fraction && b instanceof Fraction ? compare(a, b) === 0 : a === b);
const least = (a, b) => (compare(b, a) < 0 ? b : a);
const greatest = (a, b) => (compare(b, a) > 0 ? b : a);
const floor = (x) => (x.n >= 0n ? x.n / x.d : -((-x.n + x.d - 1n) / x.d));
const isWhole = (x) => x.n % x.d === 0n;

/** Half up to so many places: the number times ten to that power, as a BigInt. */
function rounded(x, places) {
  const negative = x.n < 0n, n = (negative ? -x.n : x.n) * power(places);
  const half = (2n * n + x.d) / (2n * x.d);
  return negative ? -half : half;
}
/** The one rounding: half up to 0.01. */
const cents = (x) => new Fraction(rounded(x, 2), 100n);

function grouped(digits) {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}
function positional(scaled, places) {
  const negative = scaled < 0n, digits = String(negative ? -scaled : scaled).padStart(places + 1, "0");
  const cut = digits.length - places;
  return [(negative ? "-" : "") + grouped(digits.slice(0, cut)), digits.slice(cut)];
}
/** Two decimals and thousands separators: 240,000.00 */
const fixed = (x) => positional(rounded(x, 2), 2).join(".");
/** Shortest positional notation with thousands separators: 8,000,000 and 0.1 */
function plain(x) {
  let places = 0;
  while (places < 60 && (x.n * power(places)) % x.d !== 0n) places += 1;
  const [head, tail] = positional(rounded(x, places), places);
  const end = tail.replace(/0+$/, "");
  return end ? `${head}.${end}` : head;
}
const showRate = (x) => `${plain(times(new Fraction(rounded(x, 8), power(8)), whole(100)))}%`;
const showYuan = (x) => `${plain(x)}元`;

/** A value as a clerk writes it: 8,000,000元, 3%, 20家, 是, 2026-06-30. */
function show(value, kind, unit = "") {
  if (value === null || value === undefined) return "未填";
  if (typeof value === "boolean") return value ? "是" : "否";
  if (!(value instanceof Fraction)) return String(value);
  if (kind === "money") {
    const fine = new Fraction(rounded(value, 4), 10000n);
    return (compare(value, fine) === 0 ? "" : "约") + plain(fine) + "元";
  }
  return kind === "rate" ? showRate(value) : plain(value) + (unit === "月" ? "个月" : unit);
}

const SPACE = "(?:[\\x1c-\\x1f\\x85]|[^\\S\\ufeff])";
const SPACES = new RegExp(`${SPACE}+`, "g");
const ENDS = new RegExp(`^${SPACE}+|${SPACE}+$`, "g");
const stripped = (text) => text.replace(ENDS, "");
const isBlank = (text) => !(text.charCodeAt(0) > 32 && text.charCodeAt(0) < 127) && !stripped(text);
/** Half-width characters, no white space. */
const clean = (text) => text.normalize("NFKC").replace(SPACES, "").replace(/[−–]/g, "-");
/** A value as it stands, for a message: short, whatever somebody sent. */
function shown(value) {
  const text = [...spelledOut(value)];
  return text.length <= 60 ? text.join("") : `${text.slice(0, 60).join("")}…`;
}
function spelledOut(value) {
  if (typeof value === "boolean") return value ? "是" : "否";
  const number = exactNumber(value);
  if (number) return plain(number).replaceAll(",", "");
  return typeof value === "number" ? String(value).toLowerCase() : Array.isArray(value) ? `[${value}]` : String(value);
}

class Unreadable extends Error {}
/** A table of texts comes with the law: its gaps filled. */
const filled = (text, gaps) => text.replace(/\{(\w+)\}/g, (_, name) => gaps[name]);
const unreadable = (kind, value = "", gaps = {}) => { throw new Unreadable(filled(LAW.unread[kind], { value: shown(value), ...gaps })); };

const SPACED = new RegExp(`[0-9.,]${SPACE}+[0-9.,]`);
const SPACED_THOUSANDS = /(?<![0-9.,])[1-9][0-9]{0,2}(?:[ \u00a0\u202f\u2009][0-9]{3})+(?![0-9,])/g;
const several = (raw) => SPACED.test(stripped(raw.normalize("NFKC")).replace(SPACED_THOUSANDS, "0"));

/** As `clean`, but footnote marks and two numbers in one are refused. */
function numberText(raw) {
  const text = clean(raw), said = stripped(raw);
  if (text.length > 60) unreadable("too_long", said);
  if (/\p{No}/u.test(raw)) unreadable("marks", said);
  if (several(raw)) unreadable("two_numbers", said);
  return text;
}
const ungrouped = (text) => (/^[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?![\d,])/.test(text) ? text.replaceAll(",", "") : text);

/** Any kind of number as it is written; null for the rest. */
function exactNumber(value) {
  if (value instanceof Fraction) return value;
  if (typeof value === "bigint") return new Fraction(value, 1n);
  if (typeof value !== "number") return null;
  return Number.isFinite(value) ? decimal(String(value)) : undefined;
}
function sensible(x, value = x) {
  if (x === undefined) unreadable("endless", value);
  const size = magnitude(x);
  if (size.n !== 0n && (size.n >= size.d * power(41) || size.n * power(40) < size.d)) {
    unreadable("out_of_reason", value);
  }
  return x;
}

const UNITS = { 元: 0, 千元: 3, 万元: 4, 百万元: 6, 亿元: 8 };
const SCALES = { 亿: 8, 千万: 7, 百万: 6, 十万: 5, 万: 4, 千: 3, 百: 2, 十: 1, "": 0 };
const HAN = { 两: 2, 〇: 0 };
[..."零一二三四五六七八九"].forEach((c, i) => { HAN[c] = i; });
[..."零壹贰叁肆伍陆柒捌玖"].forEach((c, i) => { HAN[c] = i; });
const HAN_SCALES = { 十: 1, 拾: 1, 百: 2, 佰: 2, 千: 3, 仟: 3, 万: 4, 亿: 8 };
const D = `[${Object.keys(HAN).filter((c) => HAN[c]).join("")}]`, Z = "[零〇]?";
const FOUR = `(?=[^万亿])(?:${D}[千仟])?(?:${Z}${D}[百佰])?(?:${Z}${D}?[十拾])?(?:${Z}${D})?`;
const WHOLE = `[零〇]|(?:(?:${FOUR}万)?(?:${Z}${FOUR})?亿)?(?:${Z}${FOUR}万)?(?:${Z}${FOUR})?`;
const HAN_MONEY = new RegExp(
  `^(?:(?:(?<whole>${WHOLE})[元圆])?(?:${Z}(?<jiao>${D})角)?(?:${Z}(?<fen>${D})分)?[整正]?|(?<bare>${WHOLE})[整正]?)$`,
);
const HAN_AMBIGUOUS = new RegExp(`^[万亿]|[百佰千仟万亿]${D}(?![十拾百佰千仟])`);
/** Amounts are also written in the long forms of the signs. */
const LONG_FORMS = { 萬: "万", 億: "亿", 圓: "圆", 貳: "贰", 參: "叁", 陸: "陆", 兩: "两", 負: "负" };
const shortForms = (text) => text.replace(/[萬億圓貳參陸兩負]/g, (sign) => LONG_FORMS[sign]);
const scaled = (x, places) => (places ? times(x, new Fraction(power(places), 1n)) : x);

/** What a person wrote for an amount -> yuan; refuses, in Chinese, whatever would have to be guessed. */
function parseMoney(value, unit = "元") {
  if (typeof value === "string") {
    const short = simple(value) ?? (/^\d{1,30}(?:\.\d{1,20})?$/.test(value) ? decimal(value) : null);
    return short ? scaled(short, UNITS[unit]) : moneyText(value, unit);
  }
  const number = exactNumber(value);
  if (number === null) unreadable(typeof value === "boolean" ? "truth_no_money" : "no_money", value);
  return scaled(sensible(number, value), UNITS[unit]);
}

function moneyText(raw, unit) {
  const wrong = () => unreadable("unclear", stripped(raw));
  const named = shortForms(numberText(raw));
  let body = named.replace(/^(人民币|RMB|CNY)/i, "").replace(/([元圆])人民币$/, "$1"), negative = false;
  if (/^[-负]/.test(body)) { negative = true; body = body.slice(1); }
  body = ungrouped(body.replace(/^¥+/, ""));
  if (!body) unreadable("blank");
  const signed = (x) => (negative ? new Fraction(-x.n, x.d) : x);
  if (body[0] in HAN || body[0] in HAN_SCALES) return signed(hanMoney(body, unit, wrong));
  const [, number, yuan] = /^(.+?)(元|圆)?(?:整|正)?$/.exec(body);
  if (/^\d+(?:\.\d+)?$/.test(number)) return sensible(signed(scaled(decimal(number), yuan ? 0 : UNITS[unit])));
  let total = ZERO, last = 99, end = 0;
  for (const part of number.matchAll(/(\d+(?:\.\d+)?)(亿|千万|百万|十万|万|千|百|十)?/g)) {
    const scale = SCALES[part[2] ?? ""];
    if (part.index !== end || scale >= last || (scale === 0 && end && !yuan)) wrong();
    total = plus(total, scaled(decimal(part[1]), scale));
    last = scale;
    end = part.index + part[0].length;
  }
  if (end !== number.length || !end) wrong();
  if (!yuan && !/[万亿]/.test(number)) total = scaled(total, UNITS[unit]);
  return sensible(signed(total));
}

function hanMoney(body, unit, wrong) {
  const found = HAN_MONEY.exec(body);
  const part = found && Object.values(found.groups).find((text) => text !== undefined);
  if (!part || HAN_AMBIGUOUS.test(part)) wrong();
  const { whole: written, bare, jiao, fen } = found.groups;
  let total = 0n, section = 0n, digit = 0n;
  for (const char of written || bare || "") {
    const scale = HAN_SCALES[char];
    if (scale === undefined) digit = BigInt(HAN[char]);
    else if (scale >= 4) {
      total = scale === 8 ? (total + section + digit) * power(8) : total + (section + digit) * power(scale);
      section = digit = 0n;
    } else { section += (digit || 1n) * power(scale); digit = 0n; }
  }
  const yuan = total + section + digit;
  if (bare) return scaled(new Fraction(yuan, 1n), /[万亿]/.test(body) ? 0 : UNITS[unit]);
  return new Fraction(yuan * 100n + BigInt(10 * HAN[jiao ?? "零"] + HAN[fen ?? "零"]), 100n);
}

const HUNDRED = new Fraction(100n, 1n);
/** "3%", 0.03, "25个基点" -> a fraction. */
function parseRate(value) {
  if (typeof value === "string") {
    const short = value.endsWith("%") ? simple(value.slice(0, -1)) : null;
    if (short) return over(short, HUNDRED);
    const found = /^(-?\d+(?:\.\d+)?)(%|‰|个?基点|BP)?$/i.exec(numberText(value));
    if (!found) unreadable("no_rate", stripped(value));
    const shift = { "": 0, "%": 2, "‰": 3 }[found[2] ?? ""] ?? 4;
    return sensible(over(decimal(found[1]), new Fraction(power(shift), 1n)));
  }
  const number = exactNumber(value);
  if (number === null) unreadable(typeof value === "boolean" ? "truth_no_rate" : "no_rate", value);
  return sensible(number, value);
}

// --- days: ISO texts, which sort as the days do ---

const MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const leap = (year) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const monthDays = (year, month) => (month === 2 && leap(year) ? 29 : MONTHS[month - 1]);
const iso = (year, month, day) =>
  `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
const yearOf = (day) => Number(day.slice(0, 4));
/** Days since the first of the year 1. */
function ordinal(day) {
  const [year, month, date] = day.split("-").map(Number), past = year - 1;
  let days = past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) + date;
  for (let m = 1; m < month; m += 1) days += monthDays(year, m);
  return days;
}
function dayBefore(day) {
  const [year, month, date] = day.split("-").map(Number);
  if (date > 1) return iso(year, month, date - 1);
  return month > 1 ? iso(year, month - 1, monthDays(year, month - 1)) : iso(year - 1, 12, 31);
}
function dayAfter(day) {
  const [year, month, date] = day.split("-").map(Number);
  if (date < monthDays(year, month)) return iso(year, month, date + 1);
  return month < 12 ? iso(year, month + 1, 1) : iso(year + 1, 1, 1);
}
/** 2026-06-30, 2026/6/30, 2026年6月30日, a time after it; a moment with its zone is the day it is in China. */
function parseDate(value) {
  const text = typeof value === "string" ? value : "";
  const clock = /(?:T|[^\S\ufeff]+)(\d?\d:\d\d(?::\d\d(?:\.\d+)?)?)[^\S\ufeff]*(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  const found = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(clean(clock ? text.slice(0, clock.index) : text));
  if (!found) unreadable("no_date", value);
  const [year, month, date] = found.slice(1).map(Number);
  const nowhere = () => unreadable("no_such_day", value);
  if (!year || month < 1 || month > 12 || date < 1 || date > monthDays(year, month)) nowhere();
  const day = iso(year, month, date);
  if (!clock) return day;
  const [hour, minute, second] = clock[1].split(":").map((part) => Math.floor(Number(part)));
  if (hour > 23 || minute > 59 || (second ?? 0) > 59) nowhere();
  if (!clock[2]) return day;
  const zone = clock[2] === "Z" ? [0, 0] : [Number(clock[2].slice(1, 3)), Number(clock[2].slice(-2))];
  const east = (clock[2][0] === "-" ? -1 : 1) * (zone[0] * 60 + zone[1]), there = hour * 60 + minute - east + 480;
  return there < 0 ? dayBefore(day) : there >= 1440 ? dayAfter(day) : day;
}

// --- 大写 of cheques ---

const UPPER = "零壹贰叁肆伍陆柒捌玖";
function upper(amount) {
  const total = rounded(amount, 2), yuan = total / 100n, part = Number(total % 100n);
  if (total < 0n || yuan >= 10n ** 16n) return "";
  const text = upperInteger(yuan), jiao = Math.floor(part / 10), fen = part % 10;
  if (!part) return `${text || "零"}元整`;
  let out = text ? `${text}元` : "";
  if (jiao) out += (text && yuan % 10n === 0n ? "零" : "") + `${UPPER[jiao]}角`;
  else if (text) out += "零";
  return out + (fen ? `${UPPER[fen]}分` : "整");
}
function upperInteger(number) {
  let out = "", zero = false;
  const digits = String(number);
  [...digits].forEach((char, position) => {
    const place = digits.length - 1 - position;
    if (char === "0") zero = Boolean(out);
    else {
      out += (zero ? "零" : "") + UPPER[Number(char)] + ["", "拾", "佰", "仟"][place % 4];
      zero = false;
    }
    if (place % 4 === 0 && place) {
      const group = Number(digits.slice(Math.max(0, position - 3), position + 1));
      if (place === 8 || ((place === 4 || place === 12) && group)) {
        out += place === 8 && number >= 10n ** 8n ? "亿" : group ? "万" : "";
      }
      zero = zero && !group;
    }
  });
  return out;
}
