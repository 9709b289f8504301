import { resolve } from "node:path";
import { defineConfig, type Plugin } from "rolldown";

const external = ["better-sqlite3", "cli-progress", "execa", "ps-list", /^node:/];

/**
 * commander loads node:child_process, a quarter of the start-up, for subcommands that are programs of their own: sqlock
 * has none.
 */
const withoutChildProcess: Plugin = {
  name: "commander-without-child-process",
  transform: (code, id) =>
    /\/commander\/lib\/command\.js$/.test(id) ? replaced(code, "require('node:child_process')", "{}") : null,
};

/** chalk loads node:tty and the network with it to guess at colours: sqlock tells it what to use. */
const withoutColourGuess: Plugin = {
  name: "chalk-without-colour-guess",
  load: (id) =>
    /\/chalk\/source\/vendor\/supports-color\/index\.js$/.test(id)
      ? "export const createSupportsColor = () => false; export default { stdout: false, stderr: false };"
      : null,
};

/**
 * cli-table3 measures every cell several times, and shortens all of it for a debug message with each line that it
 * draws: with string-width's pattern of all emoji, that is nearly all of its time.
 */
const quickTables: Plugin = {
  name: "quick-cli-table3",
  transform: (code, id) => {
    if (/\/cli-table3\/src\/utils\.js$/.test(id))
      return replaced(
        code,
        "require('string-width')",
        `require(${JSON.stringify(resolve("src/render/width.ts"))}).default`,
      );
    if (/\/cli-table3\/src\/cell\.js$/.test(id))
      return replaced(code, "utils.truncate(this.content, 10, this.truncate)", "''");
    return null;
  },
};

/**
 * The command explain, with all that it knows, is a file of its own, which nothing else reads. The launcher's `require`
 * finds it from bin/.
 */
const explainApart: Plugin = {
  name: "explain-apart",
  resolveId: (id) =>
    /\/features\/explain\/index\.ts$/.test(id) ? { id: "../dist/explain/explain.cjs", external: true } : null,
};

/** So is the command integrity, and the worker that it starts. */
const integrityApart: Plugin = {
  name: "integrity-apart",
  resolveId: (id) =>
    /\/commands\/integrity\.ts$/.test(id) ? { id: "../dist/integrity/integrity.cjs", external: true } : null,
};

/** And the command journal-mode. */
const journalModeApart: Plugin = {
  name: "journal-mode-apart",
  resolveId: (id) =>
    /\/commands\/journal-mode\.ts$/.test(id) ? { id: "../dist/journal-mode/journal-mode.cjs", external: true } : null,
};

/** And the command kill. */
const killApart: Plugin = {
  name: "kill-apart",
  resolveId: (id) => (/\/commands\/kill\.ts$/.test(id) ? { id: "../dist/kill/kill.cjs", external: true } : null),
};

/** And the command watch, with the thread that it starts. */
const watchApart: Plugin = {
  name: "watch-apart",
  resolveId: (id) => (/\/commands\/watch\.ts$/.test(id) ? { id: "../dist/watch/watch.cjs", external: true } : null),
};

/** And the command stress, with its worker. */
const stressApart: Plugin = {
  name: "stress-apart",
  resolveId: (id) => (/\/commands\/stress\.ts$/.test(id) ? { id: "../dist/stress/stress.cjs", external: true } : null),
};

/** And the look with lsof: with execa and ps-list it takes longer to load than all that a look at /proc needs. */
const lsofApart: Plugin = {
  name: "lsof-apart",
  resolveId: (id) => (/\/lsof\/collect\.ts$/.test(id) ? { id: "../dist/lsof/lsof.cjs", external: true } : null),
};

/** In ASCII, V8 holds the program in one byte a character, and the launcher reads it without decoding. */
const inAscii: Plugin = {
  name: "in-ascii",
  generateBundle(_, bundle) {
    for (const part of Object.values(bundle)) {
      if (part.type === "chunk")
        part.code = part.code.replace(
          /[^\0-\x7f]/g,
          (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
        );
    }
  },
};

/** A library that no longer has the words must not go unnoticed. */
function replaced(code: string, from: string, to: string): string {
  if (!code.includes(from)) throw new Error(`nothing to replace: ${from}`);
  return code.replace(from, to);
}

export default defineConfig([
  {
    // One file of CommonJS for the command line: every other form starts more slowly (npm run bench).
    input: { main: "src/main.ts" },
    platform: "node",
    external,
    plugins: [
      withoutChildProcess,
      withoutColourGuess,
      quickTables,
      explainApart,
      integrityApart,
      journalModeApart,
      killApart,
      watchApart,
      stressApart,
      lsofApart,
      inAscii,
    ],
    output: {
      dir: "dist/cli",
      format: "cjs",
      entryFileNames: "[name].cjs",
      codeSplitting: false,
      dynamicImportInCjs: false,
      minify: true,
      cleanDir: true,
    },
  },
  {
    input: { explain: "src/features/explain/index.ts" },
    platform: "node",
    external,
    output: { dir: "dist/explain", format: "cjs", entryFileNames: "[name].cjs", minify: true, cleanDir: true },
  },
  {
    input: { integrity: "src/commands/integrity.ts" },
    platform: "node",
    external,
    plugins: [withoutColourGuess, quickTables, lsofApart],
    output: {
      dir: "dist/integrity",
      format: "cjs",
      entryFileNames: "[name].cjs",
      codeSplitting: false,
      minify: true,
      cleanDir: true,
    },
  },
  {
    input: { worker: "src/features/integrity/worker/main.ts" },
    platform: "node",
    external,
    output: { dir: "dist/integrity", format: "cjs", entryFileNames: "[name].cjs", minify: true },
  },
  {
    input: { "journal-mode": "src/commands/journal-mode.ts" },
    platform: "node",
    external,
    plugins: [withoutColourGuess, quickTables, lsofApart],
    output: {
      dir: "dist/journal-mode",
      format: "cjs",
      entryFileNames: "[name].cjs",
      codeSplitting: false,
      minify: true,
      cleanDir: true,
    },
  },
  {
    input: { worker: "src/features/journal-mode/worker/main.ts" },
    platform: "node",
    external,
    output: { dir: "dist/journal-mode", format: "cjs", entryFileNames: "[name].cjs", minify: true },
  },
  {
    input: { kill: "src/commands/kill.ts" },
    platform: "node",
    external,
    plugins: [withoutColourGuess, quickTables, lsofApart],
    output: {
      dir: "dist/kill",
      format: "cjs",
      entryFileNames: "[name].cjs",
      codeSplitting: false,
      minify: true,
      cleanDir: true,
    },
  },
  {
    input: { watch: "src/commands/watch.ts" },
    platform: "node",
    external,
    plugins: [withoutColourGuess, quickTables, lsofApart],
    output: {
      dir: "dist/watch",
      format: "cjs",
      entryFileNames: "[name].cjs",
      codeSplitting: false,
      minify: true,
      cleanDir: true,
    },
  },
  {
    input: { sampler: "src/features/watch/sampler-thread.ts" },
    platform: "node",
    external,
    output: { dir: "dist/watch", format: "cjs", entryFileNames: "[name].cjs", minify: true },
  },
  {
    input: { stress: "src/commands/stress.ts" },
    platform: "node",
    external: external.filter((name) => name !== "execa"), // in one file it loads in half the time
    plugins: [withoutColourGuess, quickTables, lsofApart],
    output: {
      dir: "dist/stress",
      format: "cjs",
      entryFileNames: "[name].cjs",
      codeSplitting: false,
      minify: true,
      cleanDir: true,
    },
  },
  {
    input: { lsof: "src/observe/sources/lsof/collect.ts" },
    platform: "node",
    external: external.filter((name) => name !== "execa" && name !== "ps-list"),
    output: {
      dir: "dist/lsof",
      format: "cjs",
      entryFileNames: "[name].cjs",
      codeSplitting: false,
      minify: true,
      cleanDir: true,
    },
  },
  {
    input: { worker: "src/features/stress/worker/main.ts" },
    platform: "node",
    external,
    output: { dir: "dist/stress", format: "cjs", entryFileNames: "[name].cjs", codeSplitting: false, minify: true },
  },
  {
    input: { index: "src/index.ts" },
    platform: "node",
    external,
    output: { dir: "dist", format: "esm" },
  },
  {
    input: {
      bench: "test/bench/bench.ts",
      damage: "test/damage/main.ts",
      docs: "scripts/docs.ts",
      "test-node": "scripts/test-node.ts",
      compare: "scripts/compare/main.ts",
      picture: "scripts/picture/main.ts",
    },
    platform: "node",
    external: [...external, /^[^./]/],
    output: { dir: "build", format: "esm", cleanDir: true },
  },
]);
