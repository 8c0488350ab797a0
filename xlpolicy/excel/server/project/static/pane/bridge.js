// What the functions' JavaScript expects of the page around it: configuration, HTTP helper, the token.
// The pane and the functions share one runtime (manifest: SharedRuntime), so the token that the clerk saves in the pane
// goes with every call of a function, in the header Authorization.
import "../js/config.js";
import "../js/utils.js";

const KEY = "xlpolicyToken";
let kept = "";

export function token() {
  try {
    return localStorage.getItem(KEY) ?? kept;
  } catch {
    return kept; // no storage in this frame: the token lasts as long as the page
  }
}

export function keepToken(value) {
  kept = value;
  try {
    localStorage.setItem(KEY, value);
  } catch {
    /* see above */
  }
}

globalThis.getAuth = async () => ({ token: token(), provider: "" });
// amounts and texts do not depend on the region: no need to ask Excel for it before each call
globalThis.xlwings = { getCultureInfoName: async () => null, getDateFormat: async () => null };

// Whole columns are cut behind the last row that any of them fills before they travel: B:B alone is 6 MB of blanks.
const WHOLE = 200000; // as in the wrappers of the workbook
const blank = (cell) => cell === "" || cell === null || cell === undefined;
const isArea = (item) => Array.isArray(item) && Array.isArray(item[0]) && !Array.isArray(item[0][0]);

export function trimmed(args) {
  const areas = args.flatMap((item) => (isArea(item) ? [item] : Array.isArray(item) ? item.filter(isArea) : []));
  const long = areas.filter((area) => area.length > WHOLE);
  if (!long.length) return args;
  let last = 1;
  for (const area of long) {
    let row = area.length;
    while (row > last && area[row - 1].every(blank)) row--;
    last = row;
  }
  const cut = (item) => (isArea(item) ? (item.length > WHOLE ? item.slice(0, last) : item) : Array.isArray(item) ? item.map(cut) : item);
  return args.map(cut);
}

const { post } = globalThis.xwRequest;
globalThis.xwRequest.post = (url, body, options) =>
  post(url, Array.isArray(body?.args) ? { ...body, args: trimmed(body.args) } : body, options);
