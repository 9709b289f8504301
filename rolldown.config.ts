import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { defineConfig, type Plugin } from "rolldown";

/** All other libraries are bundled: a program of few files starts sooner. better-sqlite3 is compiled code. */
const external = ["better-sqlite3", /^node:/];

/** commander loads node:child_process for subcommands that are programs: sqlock has none. Measured: 4 ms. */
const commanderPatch: Plugin = patch("commander/lib/command.js", (code) =>
  replaced(code, "require('node:child_process')", "{}"),
);

/**
 * cli-table3 measures every cell several times, and shortens all of it for a debug message with each line that it
 * draws: with string-width's pattern of all emoji, that is nearly all of its time (measured: 3 ms each). It has no
 * option for either.
 */
const tablePatches: readonly Plugin[] = [
  patch("cli-table3/src/utils.js", (code) =>
    replaced(code, "require('string-width')", `require(${JSON.stringify(resolve("src/render/width.ts"))}).default`),
  ),
  patch("cli-table3/src/cell.js", (code) => replaced(code, "utils.truncate(this.content, 10, this.truncate)", "''")),
];

/** Changes one file of a library. The build fails where the bundle does not hold that file. */
function patch(file: string, change: (code: string) => string): Plugin {
  let met = false;
  return {
    name: `patch-${file}`,
    transform(code, id) {
      if (!id.endsWith(`/node_modules/${file}`)) return null;
      met = true;
      return change(code);
    },
    buildEnd(error) {
      if (error === undefined && !met) throw new Error(`nothing to patch: ${file} is not in the bundle`);
    },
  };
}

/** The build fails where a new version of a library no longer has the text. */
function replaced(code: string, from: string, to: string): string {
  if (!code.includes(from)) throw new Error(`nothing to replace: ${from}`);
  return code.replace(from, () => to);
}

/** rolldown gives its helpers a file of their own: main.cjs has a copy, so that who-holds loads one file. */
const helpersInMain: Plugin = {
  name: "helpers-in-main",
  generateBundle(_, bundle) {
    const { main, helpers } = { main: bundle["main.cjs"], helpers: bundle["rolldown-runtime.cjs"] };
    if (main?.type !== "chunk" || helpers?.type !== "chunk") throw new Error("the bundle has other files than before");
    const copy = `(() => { const exports = {}; ${helpers.code}; return exports; })()`;
    main.code = replaced(main.code, 'require("./rolldown-runtime.cjs")', copy);
  },
};

/** In ASCII, V8 holds the program in one byte a character, and the launcher reads it without decoding. */
const asciiOnly: Plugin = {
  name: "ascii-only",
  generateBundle(_, bundle) {
    for (const part of Object.values(bundle)) if (part.type === "chunk") part.code = toAscii(part.code);
  },
};

function toAscii(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const PYTHON_TRACER = "src/in-program/python";

/** Python is not compiled: its files are copied. */
const pythonTracer: Plugin = {
  name: "python-tracer",
  generateBundle() {
    for (const name of readdirSync(PYTHON_TRACER)) {
      if (!name.endsWith(".py")) continue;
      this.emitFile({ type: "asset", fileName: `python/${name}`, source: readFileSync(join(PYTHON_TRACER, name)) });
    }
  },
};

const STYLE = "src/page/style";
/** In this order: where two rules fit, the later one counts. dark.css follows the colours that it changes. */
const STYLES = ["colours", "base", "tables", "plots", "timeline", "details", "narrow", "print"];

/** The style of the pages: in one file, without comments and indentation. */
const pageStyle: Plugin = {
  name: "page-style",
  generateBundle() {
    const read = (name: string) => readFileSync(`${STYLE}/${name}.css`, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
    const names = readdirSync(STYLE).map((name) => name.replace(/\.css$/, ""));
    const unknown = names.filter((name) => name !== "dark" && !STYLES.includes(name));
    if (unknown.length > 0) throw new Error(`${STYLE} has files that no page gets: ${unknown.join(", ")}`);
    const [colours = "", ...others] = STYLES.map(read);
    const source = [colours, ...darkRules(read("dark")), ...others].join("\n").replace(/\s*\n\s*/g, "\n");
    this.emitFile({ type: "asset", fileName: "page.css", source: source.trim() });
  },
};

/** For who has chosen it with the button, and for a system that is dark: not on paper. */
function darkRules(rule: string): string[] {
  const of = (root: string) => replaced(rule, ":root", root);
  return [
    `@media screen {\n${of(':root[data-theme="dark"]')}}`,
    `@media screen and (prefers-color-scheme: dark) {\n${of(':root:not([data-theme="light"])')}}`,
  ];
}

/** It stands between script tags. */
const inScript: Plugin = {
  name: "in-script",
  generateBundle(_, bundle) {
    for (const part of Object.values(bundle)) {
      if (part.type !== "chunk") continue;
      if (/<\/script|<!--/i.test(part.code)) throw new Error(`${part.fileName} would end the script of a page`);
      if (part.imports.length > 0) throw new Error(`${part.fileName} needs ${part.imports.join(", ")}`);
    }
  },
};

export default defineConfig([
  {
    // Every command but who-holds is a file of its own, loaded by import() when it is called.
    input: { main: "src/main.ts" },
    platform: "node",
    external,
    plugins: [commanderPatch, ...tablePatches, helpersInMain, asciiOnly],
    preserveEntrySignatures: "allow-extension",
    output: {
      dir: "dist/cli",
      format: "cjs",
      entryFileNames: "[name].cjs",
      chunkFileNames: "[name].cjs",
      dynamicImportInCjs: false,
      minify: true,
      cleanDir: true,
      // With all that it imports in one file: who-holds loads nothing else.
      codeSplitting: { groups: [{ name: "main", test: /\/src\/main\.ts$/ }] },
    },
  },
  {
    // Processes and a thread of their own. What they share with the command line is here once more: main.cjs would
    // have to load it from a second file.
    input: {
      integrity: "src/features/integrity/worker/main.ts",
      "journal-mode": "src/features/journal-mode/worker/main.ts",
      stress: "src/features/stress/worker/main.ts",
      remove: "src/worker/remove/main.ts",
      sampler: "src/features/watch/sampler-thread.ts",
      report: "src/features/report/read-thread.ts",
    },
    platform: "node",
    external,
    output: {
      dir: "dist/workers",
      format: "cjs",
      entryFileNames: "[name].cjs",
      chunkFileNames: "[name].cjs",
      minify: true,
      cleanDir: true,
    },
  },
  {
    // What runs inside of recorded programs, on all versions of Node.js, and the files for Python.
    input: { node: "src/in-program/node/main.ts", "node-tracer": "src/in-program/node/tracing.ts" },
    platform: "node",
    external: [/^node:/],
    plugins: [pythonTracer],
    output: { dir: "dist/in-program", format: "cjs", entryFileNames: "[name].cjs", minify: true, cleanDir: true },
  },
  {
    // The script and the style of the pages that sqlock writes: src/features/report puts them into the file.
    input: { report: "src/page/main.ts" },
    platform: "browser",
    plugins: [asciiOnly, inScript, pageStyle],
    output: { dir: "dist/page", format: "iife", entryFileNames: "[name].js", minify: true, cleanDir: true },
  },
  {
    // Each is one file: a page loads no other.
    input: { stress: "src/page/stress.ts" },
    platform: "browser",
    plugins: [asciiOnly, inScript],
    output: { dir: "dist/page", format: "iife", entryFileNames: "[name].js", minify: true },
  },
  {
    // The library: it starts the command line (src/index.ts).
    input: { index: "src/index.ts" },
    platform: "node",
    external,
    output: { dir: "dist", format: "esm" },
  },
  {
    // What npm run starts. Not in the package.
    input: {
      bench: "test/bench/bench.ts",
      damage: "test/damage/main.ts",
      docs: "scripts/docs.ts",
      imports: "scripts/imports/main.ts",
      "prune-types": "scripts/prune-types.ts",
      "line-length": "scripts/line-length.ts",
      "test-node": "scripts/test-node.ts",
      compare: "scripts/compare/main.ts",
      picture: "scripts/picture/main.ts",
    },
    platform: "node",
    external: [/^[^./]/],
    output: { dir: "build", format: "esm", cleanDir: true },
  },
]);
