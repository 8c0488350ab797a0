// --- the whole ---

function turn(which) {
  for (const name of ["one", "all"]) {
    at(name).hidden = name !== which;
    at(`to-${name}`).setAttribute("aria-pressed", String(name === which));
  }
  if (which === "all") { askFacts(); stand(); }
}
function refresh() {
  if (!at("all").hidden) { askFacts(); stand(); }
  else if (shown) {
    const values = Object.fromEntries([...shown.fields].map(([name, { control }]) => [name, control.value]));
    open(current(), values);
  } else list();
}
const options = (select, entries) => select.replaceChildren(...entries.map(([value, label]) => make("option", { value }, label)));
const cities = new Map(catalog.documents.map((home) => [home.city, home.city_label]));
options(at("city"), [["", "全部"], ...cities]);
options(at("theme"), [["", "全部"], ...[...new Set(catalog.documents.flatMap((home) => home.rules.flatMap((rule) => rule.themes)))].map((name) => [name, name])]);
at("day").value = today();
at("about").textContent = `${catalog.documents.length} 份文件，${catalog.documents.reduce((sum, home) => sum + home.rules.length, 0)} 条。在本机计算，不联网，不保存填写的内容。`;
at("versions").replaceChildren(make("p", {}, `由 xlpolicy ${LAW.version} 于 ${PAGE.made} 生成${PAGE.adopted ? "，按本单位选定的口径" : ""}。测算结果供参考，以主管部门核定为准。`),
  make("p", { class: "screen" }, catalog.documents.map((home) => `${home.name}（${home.digest.slice(0, 12)}）`).join("；")));
at("text").addEventListener("input", list);
at("theme").addEventListener("input", list);
at("fact-text").addEventListener("input", narrow);
at("facts").addEventListener("submit", (event) => event.preventDefault());
for (const id of ["city", "day"]) at(id).addEventListener("input", refresh);
at("unit").addEventListener("input", () => { if (!at("all").hidden) stand(); else if (shown) calculate(); });
at("print").addEventListener("click", () => window.print());
at("to-one").addEventListener("click", () => turn("one"));
at("to-all").addEventListener("click", () => turn("all"));
list();
const [where, id] = decodeURIComponent(location.hash.slice(1)).split("/");
if (catalog.versions.has(`${where}\n${id}`)) open(catalog.newest(where, id, day()));
at("stopped").remove();
