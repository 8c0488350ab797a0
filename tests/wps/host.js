// A stand-in for WPS, made after its documentation and its tool wpsjs: custom functions by namespace and name, arguments
// as functions.json declares them, synchronous; an exception is an error value. Calls as JSON lines in, answers out.
"use strict";
const fs = require("node:fs"), path = require("node:path"), vm = require("node:vm");
const folder = process.argv[2], single = process.argv[3], told = new Map(), called = new Map();
for (const one of JSON.parse(fs.readFileSync(path.join(folder, "functions.json"), "utf8")).functions) told.set(one.name, one);
const wps = {
  AddCustomFunction(namespace, name, call) {
    if (namespace !== "XLPOLICY" || !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || called.has(name)) throw new Error(`refused: ${name}`);
    if (call.length !== told.get(name).parameters.length) throw new Error(`${name}: ${call.length} parameters`);
    called.set(name, call);
  },
};
const context = vm.createContext({ wps });
vm.runInContext(fs.readFileSync(path.join(folder, "main.js"), "utf8"), context);
if (context.OnAddinLoad() !== true) throw new Error("OnAddinLoad");

/** An argument as its declared type has it; `single`: how a single cell arrives where rows of cells are declared. */
function handed(value, type) {
  if (value === undefined || !type.startsWith("any[][]")) return value;
  return Array.isArray(value) || single === "scalar" ? value : [[value]];
}
function answer({ name, args }) {
  const { parameters, result } = told.get(name);
  if (args.length > parameters.length) return { thrown: "too many arguments" };
  try {
    const given = parameters.map(({ type }, i) => handed(args[i], type));
    const made = called.get(name)(...given);
    if (result.type === "any[][]" && !(Array.isArray(made) && made.every(Array.isArray))) throw new Error("no rows of cells");
    return { made };
  } catch (error) {
    return { thrown: error.message, code: error.code ?? "defect" };
  }
}
const lines = fs.readFileSync(0, "utf8").split("\n").filter(Boolean);
process.stdout.write(JSON.stringify({ functions: [...called.keys()], answers: lines.map((line) => answer(JSON.parse(line))) }));
