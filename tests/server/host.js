// Stands in for Excel, and for nothing else: Office.js, the functions' runtime and every script of the server are real.
// Appended to the script that follows office.js, so that it is there before anything asks for the host.
{
  const cells = (globalThis.stub = { selected: "A1", sheet: "测算表", values: {}, formulas: {}, books: [], functions: {} });
  const supported = (set, version) => ["ExcelApi", "CustomFunctionsRuntime", "SharedRuntime"].includes(set) && Number(version) < 2;
  const info = { host: "Excel", platform: "PC" };
  const onReady = (callback) => {
    const ready = Promise.resolve(info);
    if (callback) ready.then(callback);
    return ready;
  };
  // Office.js and the functions' runtime both define Office.context for good: each gets an Office of its own to do so
  const office = (host) => {
    const kept = Object.entries(Office).filter(([name]) => name !== "context");
    globalThis.Office = Object.assign(Object.fromEntries(kept), host);
  };
  globalThis.installHost = () => {
    office({ onReady, context: { requirements: { isSetSupported: supported }, diagnostics: {} } });
    globalThis.Excel = excel;
    const associate = CustomFunctions.associate.bind(CustomFunctions);
    CustomFunctions.associate = (name, run) => {
      cells.functions[name] = run;
      associate(name, run);
    };
  };
  office({});
  class Cell {
    getCell() {
      return this;
    }
    load() {}
    get address() {
      return `${cells.sheet}!${cells.selected}`;
    }
    get values() {
      return [[cells.values[cells.selected] ?? ""]];
    }
    set formulas(matrix) {
      if (cells.refuse) throw new Error(cells.refuse);
      cells.formulas[this.address] = matrix[0][0];
    }
    worksheet = { load() {}, name: cells.sheet };
  }
  const excel = {
    RequestContext: class {
      workbook = { name: "工作簿1.xlsx", load() {}, getSelectedRange: () => new Cell() };
      async sync() {}
    },
    run: (work) => work(new excel.RequestContext()),
    createWorkbook: async (base64) => cells.books.push(base64),
  };
  document.write('<script src="/static/vendor/office-js/16.0.20308.15050/dist/custom-functions-runtime.js"></' + 'script>');
  document.write("<script>installHost()</" + "script>");
}
