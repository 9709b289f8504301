/**
 * `npm run test:node -- 22`: gets that Node.js (any version that npm understands), packs sqlock, installs the package
 * with it as a user does, and has the system tests start that one. Vitest itself runs on the Node.js that is here. With
 * `--all` it is every system test, with file names behind the version those, and otherwise some, with those of the
 * package, which start every subcommand.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { ALL_REQUIRED } from "../test/support/programs.ts";

const CHOSEN = ["wal", "rollback", "json", "kill", "journal-mode", "integrity", "ordinary-user", "explain"]
  .map((name) => `test/system/${name}.test.ts`)
  .concat("test/package");

const [version, ...rest] = process.argv.slice(2);
if (version === undefined) throw new Error("give a version of Node.js: npm run test:node -- 22");
const files =
  rest.length === 0 ? CHOSEN : rest.includes("--all") ? ["test/system", "test/alone", "test/package"] : rest;

const folder = mkdtempSync(join(tmpdir(), "sqlock-node-"));
try {
  chmodSync(folder, 0o755); // some tests start sqlock as nobody
  process.exitCode = testWith(version);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function testWith(wanted: string): number {
  // What the package `node` fetches when it is installed; with Node.js's headers, which better-sqlite3 is compiled
  // with.
  const name = `node-${process.platform}-${process.arch}`;
  const got = npm(["install", "--prefix", join(folder, "node"), "--no-save", `${name}@${wanted}`], process.env, "pipe");
  if (got.status !== 0) {
    const why = `Node.js ${wanted} is not available: ${lastError(got.stderr)}`;
    console.log(ALL_REQUIRED ? why : `skipped: ${why}`);
    return ALL_REQUIRED ? 1 : 0;
  }
  const home = join(folder, "node/node_modules", name);
  const node = join(home, "bin/node");
  const env = {
    ...process.env,
    PATH: `${join(home, "bin")}${delimiter}${process.env["PATH"]}`,
    npm_config_nodedir: home,
    JOBS: String(availableParallelism()),
  };
  console.log(
    `Node.js ${spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim()}: sqlock is packed and ` +
      "installed with it ...",
  );

  const packed = npm(["pack", "--ignore-scripts", "--pack-destination", folder], process.env, "pipe");
  const tarball = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  if (packed.status !== 0 || tarball === undefined) throw new Error(`npm pack failed: ${packed.stderr}`);
  const prefix = join(folder, "prefix");
  const installed = npm(["install", "--global", "--prefix", prefix, join(folder, tarball)], env, "inherit");
  if (installed.status !== 0) return 1;

  const tested = spawnSync(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", "--project", "system", "--project", "alone*", ...files],
    {
      stdio: "inherit",
      env: {
        ...process.env,
        SQLOCK_TEST_NODE: node,
        SQLOCK_TEST_BIN: join(prefix, "lib/node_modules/sqlock/bin/sqlock.js"),
      },
    },
  );
  return tested.status ?? 1;
}

function npm(args: readonly string[], env: NodeJS.ProcessEnv, stdio: "pipe" | "inherit") {
  return spawnSync("npm", args, { env, stdio: ["ignore", stdio, stdio], encoding: "utf8" });
}

function lastError(stderr: string): string {
  const said = stderr.split("\n").filter((line) => line.startsWith("npm error") && !line.includes("complete log"));
  return (said.find((line) => !line.startsWith("npm error code")) ?? said[0] ?? stderr)
    .replace("npm error ", "")
    .trim();
}
