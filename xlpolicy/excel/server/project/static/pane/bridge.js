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
