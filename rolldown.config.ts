import { defineConfig, type Plugin } from "rolldown";

const external = ["better-sqlite3", "execa", "ps-list", /^node:/];

/** commander loads node:child_process, a quarter of the start-up, for subcommands that are programs of their own: sqlock has none. */
const withoutChildProcess: Plugin = {
  name: "commander-without-child-process",
  transform: (code, id) => (/\/commander\/lib\/command\.js$/.test(id) ? code.replace("require('node:child_process')", "{}") : null),
};

/** chalk loads node:tty and the network with it to guess at colours: sqlock tells it what to use. */
const withoutColourGuess: Plugin = {
  name: "chalk-without-colour-guess",
  load: (id) =>
    /\/chalk\/source\/vendor\/supports-color\/index\.js$/.test(id)
      ? "export const createSupportsColor = () => false; export default { stdout: false, stderr: false };"
      : null,
};

export default defineConfig([
  {
    // One file of CommonJS for the command line: every other form starts more slowly (npm run bench).
    input: { main: "src/main.ts" },
    platform: "node",
    external,
    plugins: [withoutChildProcess, withoutColourGuess],
    output: { dir: "dist/cli", format: "cjs", entryFileNames: "[name].cjs", codeSplitting: false, dynamicImportInCjs: false, minify: true, cleanDir: true },
  },
  {
    input: { index: "src/index.ts" },
    platform: "node",
    external,
    output: { dir: "dist", format: "esm" },
  },
  {
    input: { bench: "test/bench/bench.ts" },
    platform: "node",
    external: [...external, /^[^./]/],
    output: { dir: "build", format: "esm", cleanDir: true },
  },
]);
