// One process for many claims: a script's path as argument, claims as JSON lines in, what it says of each as JSON lines out.
"use strict";
const xlpolicy = require(process.argv[2]);

/** What JSON cannot write: {"decimal": "0.10"}, {"integer": "10"}, {"day": "2026-01-01"}, {"float": "nan"}. */
function value(written) {
  if (written === null || typeof written !== "object" || Array.isArray(written)) return written;
  if ("decimal" in written) return xlpolicy.decimal(written.decimal);
  if ("integer" in written) return BigInt(written.integer);
  if ("day" in written) return new xlpolicy.Day(written.day);
  return Number(written.float);
}
/** How an enterprise with these projects stands to every provision of a city. */
function standings(projects, on, city) {
  const { LAW, match, meetings, known } = xlpolicy.engine, entries = match(LAW.words, projects, on, city);
  return entries.map((entry) => ({ ...entry, met: known(entry) ? meetings(entry, entries) : [] })).map(({ found: { document, rule }, kind, amount, lacks, defaults, checks, project, met }) => ({
    rule: `${document.key}/${rule.id}`, kind, project, met: met.length, amount: ["payable", "presumed"].includes(kind) ? xlpolicy.engine.fixed(amount).replaceAll(",", "") : "",
    lacks: lacks.map(({ name }) => name), defaults: known({ kind }) ? defaults.length : 0, checks,
  }));
}
function answer({ city, rule, inputs, on, policy, whole, ahead }) {
  try {
    const read = (stated) => Object.fromEntries(Object.entries(stated).map(([name, written]) => [name, value(written)]));
    if (ahead) return xlpolicy.ahead(city, rule, read(inputs), ahead, { on, policy });
    if (whole) return standings([inputs, ...whole].map(read), on, city);
    return xlpolicy.dump(xlpolicy.assess(city, rule, read(inputs), { on, policy }));
  } catch (error) {
    if (!(error instanceof xlpolicy.PolicyError)) throw error;
    return { error: error.code, item: error.item, message: error.message };
  }
}
const lines = require("node:fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
process.stdout.write(lines.map((line) => JSON.stringify(answer(JSON.parse(line)))).join("\n"));
