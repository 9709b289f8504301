/**
 * The package as a user gets it: packed, installed into an empty prefix, and run from there, out of sight of the
 * checkout.
 */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, expect, type TestContext, test } from "vitest";
import { COMMANDS } from "../../src/cli/descriptions/index.ts";
import type { WhoHoldsDocument } from "../../src/index.ts";
import { connection, ROLLBACK, WAL, WRITE } from "../support/connection.ts";
import { npmVariables } from "../support/environment.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { runs } from "../support/kill.ts";
import { NOBODY } from "../support/namespace.ts";
import { isRoot, need } from "../support/skip.ts";
import { SOAK } from "../support/soak.ts";
import { NODE } from "../support/sqlock.ts";
import { until } from "../support/until.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Bytes. What it was when this was written: docs/contributing.md. */
const MAX_PACKED = 1_000_000;
const MAX_UNPACKED = 3_150_000;
/** Of the files of dist/ that are loaded. */
const MAX_JAVASCRIPT = 2_050_000;

/** For who has the checkout. */
const NOT_FOR_USERS = ["docs/contributing.md"];

interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly mode: number; readonly size: number }[];
}

let folder: string;
let packed: Packed;
/** Where the package was installed, or why it was not. */
let prefix: string | { readonly skipped: string };
/** Node.js 18, or null where it cannot be had. */
let oldNode: Promise<string | null>;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "sqlock-test-")));
  for (const [name, mode] of [
    [".", 0o755],
    ["home", 0o755],
    ["tmp", 0o1777],
    ["data", 0o755],
  ] as const) {
    mkdirSync(join(folder, name), { recursive: true });
    chmodSync(join(folder, name), mode);
  }
  oldNode = SOAK ? getOldNode() : Promise.resolve(null); // while the package is installed
  const { stdout } = await execa("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
    cwd: ROOT,
  });
  [packed] = JSON.parse(stdout) as [Packed];
  prefix = await install(join(folder, packed.filename));
}, 900_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Into an empty prefix. A compiler works for a minute on better-sqlite3: outside of the soak it is the one that the
 * checkout has compiled.
 */
async function install(tarball: string): Promise<typeof prefix> {
  const there = process.env["SQLOCK_TEST_BIN"];
  if (there !== undefined) return normalize(join(dirname(there), "../../../..")); // npm run test:node has done it
  const into = join(folder, "prefix");
  const { exitCode, stderr } = await execa(
    "npm",
    ["install", "--global", "--prefix", into, `--ignore-scripts=${!SOAK}`, tarball],
    { cwd: folder, reject: false, env: npmVariables() },
  );
  if (exitCode === 0 && !SOAK) await finishInstallation(join(into, "lib/node_modules/sqlock"));
  if (exitCode === 0) return into;
  if (/\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED)\b/.test(stderr))
    return { skipped: "a registry of npm packages" };
  throw new Error(stderr);
}

async function getOldNode(): Promise<string | null> {
  const name = `node-${process.platform}-${process.arch}`;
  const args = ["install", "--prefix", join(folder, "old"), "--prefer-offline", "--no-save", `${name}@18`];
  const { exitCode } = await execa("npm", args, { reject: false, timeout: 120_000, env: npmVariables() });
  return exitCode === 0 ? join(folder, "old/node_modules", name, "bin/node") : null;
}

/** What the install scripts of better-sqlite3 and of sqlock do. */
async function finishInstallation(root: string): Promise<void> {
  for (const part of ["lib", "package.json", "build/Release/better_sqlite3.node"])
    cpSync(join(ROOT, "node_modules/better-sqlite3", part), join(root, "node_modules/better-sqlite3", part), {
      recursive: true,
    });
  await execa(NODE, [join(root, "bin/build-code-cache.js"), "--installed"]);
}

function installed(context: TestContext): string {
  need(context, typeof prefix === "string", typeof prefix === "string" ? "" : prefix.skipped);
  return prefix as string;
}

interface Ran {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly cwd?: string;
  readonly uid?: number;
}

/** A program that knows nothing of the checkout, nor of who runs the tests. */
async function run(program: string, args: readonly string[], { cwd = "/", uid }: RunOptions = {}): Promise<Ran> {
  const { exitCode, stdout, stderr } = await execa(program, args, {
    cwd,
    reject: false,
    stdin: "ignore",
    timeout: 60_000,
    extendEnv: false,
    env: {
      PATH: `${dirname(NODE)}:/usr/bin:/bin`,
      HOME: join(folder, "home"),
      TMPDIR: join(folder, "tmp"),
      NO_COLOR: "1",
    },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return { code: exitCode, stdout, stderr };
}

/** A database that Python holds in a write transaction. */
async function held(name: string, mode = ROLLBACK): Promise<{ readonly database: string; readonly holder: Holder }> {
  const database = join(folder, "data", name);
  const holder = await startHolder();
  await holder.run(connection(database, ...mode, ...WRITE));
  return { database, holder };
}

/** One that nobody holds, with a row in it. */
async function free(name: string): Promise<string> {
  const { database, holder } = await held(name);
  await holder.run('c.execute("commit"); c.close()');
  await holder.end();
  return database;
}

/** Every file of a folder of the checkout. */
function filesOf(name: string): string[] {
  return readdirSync(join(ROOT, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .sort();
}

const paths = () => packed.files.map(({ path }) => path).sort();

test("its files are those that a user needs", () => {
  const top = new Set(paths().map((path) => path.split("/")[0]));
  expect([...top].sort()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "bin",
    "dist",
    "docs",
    "man",
    "package.json",
  ]);
  const loaded = loadedFiles();
  const others = paths().filter((path) => !/^(dist\/types|docs|man)\//.test(path) && !loaded.has(path));
  expect(others).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "bin/build-code-cache.js",
    "bin/package.json",
    "bin/sqlock.js",
    "dist/cli/main.cjs",
    ...filesOf("dist/in-program"),
    "dist/index.js",
    ...filesOf("dist/page"),
    "dist/workers/integrity.cjs",
    "dist/workers/journal-mode.cjs",
    "dist/workers/remove.cjs",
    "dist/workers/report.cjs",
    "dist/workers/sampler.cjs",
    "dist/workers/stress.cjs",
    "package.json",
  ]);
  expect(paths().filter((path) => path.startsWith("docs/"))).toEqual(
    filesOf("docs").filter((path) => !NOT_FOR_USERS.includes(path)),
  );
  expect(paths().filter((path) => path.startsWith("man/"))).toEqual(filesOf("man"));
});

/** Every file that the program or a worker loads, directly or through others: how many they are is the bundler's. */
function loadedFiles(): ReadonlySet<string> {
  const loaded = new Set<string>();
  const follow = (path: string) => {
    for (const [, name = ""] of readFileSync(join(ROOT, path), "utf8").matchAll(/\brequire\("\.\/([^"]+)"\)/g)) {
      const next = join(dirname(path), name);
      if (next === "dist/cli/main.cjs" || loaded.has(next)) continue;
      loaded.add(next);
      follow(next);
    }
  };
  for (const path of paths().filter((each) => /^dist\/(cli\/main|workers\/[^/]+)\.cjs$/.test(each))) follow(path);
  return loaded;
}

test("its types are those that the library's are made of", () => {
  const seen = new Set<string>();
  const follow = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, to = ""] of readFileSync(join(ROOT, path), "utf8").matchAll(/\bfrom "(\.[^"]+)\.ts"/g))
      follow(join(dirname(path), `${to}.d.ts`));
  };
  follow("dist/types/index.d.ts");
  expect(paths().filter((path) => path.startsWith("dist/types/"))).toEqual([...seen].sort());
});

test("it is no larger than it was meant to be", () => {
  expect(packed.name).toBe("sqlock");
  console.log(`the package: ${packed.size} bytes, ${packed.unpackedSize} unpacked, ${packed.files.length} files`);
  expect(packed.size).toBeLessThan(MAX_PACKED);
  expect(packed.unpackedSize).toBeLessThan(MAX_UNPACKED);
  expect(packed.files.find(({ path }) => path === "bin/sqlock.js")?.mode).toBe(0o755);
  const javascript = packed.files.filter(({ path }) => /^dist\/.*\.c?js$/.test(path));
  expect(javascript.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(MAX_JAVASCRIPT);
});

test("the links of its pages lead to files that are in it", () => {
  const all = [...paths(), ...NOT_FOR_USERS];
  const there = new Set(all.flatMap((path) => [path, `${dirname(path)}/`, `${dirname(dirname(path))}/`]));
  const pages = paths().filter((path) => path.endsWith(".md"));
  const broken = pages.flatMap((page) =>
    [...readFileSync(join(ROOT, page), "utf8").matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
      .map(([, to = ""]) => to)
      .filter((to) => !/^[a-z]+:/.test(to) && !there.has(normalize(join(dirname(page), to))))
      .map((to) => `${page}: ${to}`),
  );
  expect(broken).toEqual([]);
});

test("bin/sqlock: --version and help", async (context) => {
  const sqlock = join(installed(context), "bin/sqlock");
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expect(await run(sqlock, ["--version"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(version),
    stderr: "",
  });
  const { stdout, ...rest } = await run(sqlock, ["help"]);
  expect(rest).toEqual({ code: 0, stderr: "" });
  for (const { name: command } of COMMANDS) {
    expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
    expect(await run(sqlock, ["help", command])).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringContaining(`Usage: sqlock ${command}`),
    });
  }
});

test("man sqlock", async (context) => {
  const page = join(installed(context), "share/man/man1/sqlock.1");
  expect(readFileSync(page, "utf8")).toContain(".TH SQLOCK 1");
});

test("V8's compiled code was stored for this Node.js when it was installed, and V8 takes it", async (context) => {
  const root = join(installed(context), "lib/node_modules/sqlock");
  const cache = readdirSync(join(root, "dist/cli")).filter((name) => name.endsWith(".cache"));
  const { stdout: name } = await run(NODE, ["-p", '"main.cjs." + process.version + "-" + process.arch + ".cache"']);
  expect(cache).toEqual([name]);
  const program =
    `process.argv = ["", "", "--version"]; console.log(require(${JSON.stringify(join(root, "bin/sqlock.js"))}` +
    ").script.cachedDataRejected)";
  expect((await run(NODE, ["-e", program])).stdout).toMatch(/^false$/m);
});

/** A copy of what was installed, to be edited; `parts` of it. */
function copyOf(root: string, parts: readonly string[]): string {
  const copy = mkdtempSync(join(folder, "copy-"));
  for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true });
  return copy;
}

test("a program that was edited never runs compiled code of another one", async (context) => {
  const copy = copyOf(join(installed(context), "lib/node_modules/sqlock"), ["bin", "dist", "package.json"]);
  const sqlock = join(copy, "bin/sqlock.js");
  const main = join(copy, "dist/cli/main.cjs");
  const help = async () => (await run(NODE, [sqlock, "help"])).stdout;
  expect(await help()).toContain("Show which processes hold a SQLite database,");
  // V8 compares lengths, and this one stays as it was.
  writeFileSync(
    main,
    readFileSync(main, "latin1").replace("Show which processes hold a S", "Show whicH processes hold a S"),
    "latin1",
  );
  expect(await help()).toContain("Show whicH processes hold a SQLite database,");
  rmSync(copy, { recursive: true });
});

test("compiled code that is missing or damaged is not used", async (context) => {
  const copy = copyOf(join(installed(context), "lib/node_modules/sqlock"), ["bin", "dist", "package.json"]);
  const name = readdirSync(join(copy, "dist/cli")).find((file) => file.endsWith(".cache")) ?? "";
  const cache = join(copy, "dist/cli", name);
  const whole = readFileSync(cache);
  const flipped = Buffer.from(whole);
  const text = readFileSync(join(copy, "dist/cli/main.cjs")).length;
  for (let at = text + 500; at < whole.length; at += 5000) flipped.writeUInt8(whole.readUInt8(at) ^ 1, at);
  for (const damaged of [flipped, whole.subarray(0, -1), whole.subarray(0, text), Buffer.from("no code of V8's")]) {
    writeFileSync(cache, damaged);
    expect(await run(NODE, [join(copy, "bin/sqlock.js"), "explain", "5"])).toMatchObject({ code: 0, stderr: "" });
  }
  rmSync(cache);
  expect(await run(NODE, [join(copy, "bin/sqlock.js"), "explain", "5"])).toMatchObject({ code: 0, stderr: "" });
  rmSync(copy, { recursive: true });
});

test("a checkout that was not built says so in a line", async () => {
  const copy = copyOf(ROOT, ["bin", "package.json"]);
  expect(await run(NODE, [join(copy, "bin/sqlock.js"), "who-holds", "x"])).toEqual({
    code: 2,
    stdout: "",
    stderr: `sqlock is not built: there is no ${copy}/dist/cli/main.cjs; run npm install in ${copy}`,
  });
  rmSync(copy, { recursive: true });
});

test("a Node.js that is too old is refused, whatever is asked", async (context) => {
  if (!SOAK) return; // to get it takes longer than all else here
  const node = await oldNode;
  need(context, node !== null, "a registry of npm packages that has Node.js 18");
  for (const command of [
    "who-holds",
    "explain",
    "integrity",
    "journal-mode",
    "kill",
    "watch",
    "record",
    "report",
    "stress",
    "--version",
  ]) {
    const { code, stdout, stderr } = await run(node as string, [join(ROOT, "bin/sqlock.js"), command, "x"]);
    expect({ command, code, stdout }).toEqual({ command, code: 2, stdout: "" });
    const needed = "sqlock needs Node.js 20.19 or later; not 21, nor 22 before 22.12";
    expect(stderr).toMatch(new RegExp(`^${needed} \\(this is 18\\.\\d+\\.\\d+\\)$`));
  }
});

test("a Node.js that is later, but too old in another way, is refused too", async (context) => {
  const root = join(installed(context), "lib/node_modules/sqlock");
  // 21, and 22 before 22.3.
  const without = join(folder, "without-built-in-modules.cjs");
  writeFileSync(without, "delete process.getBuiltinModule;");
  const { code, stdout, stderr } = await run(NODE, ["--require", without, join(root, "bin/sqlock.js"), "--version"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^sqlock needs Node\.js 20\.19 or later; not 21, nor 22 before 22\.12 \(this is .+\)$/);
});

test("it starts where a loader hook gives the text of each module, as TypeScript loaders do", async (context) => {
  const root = join(installed(context), "lib/node_modules/sqlock");
  const hook = join(folder, "hook.mjs");
  writeFileSync(
    hook,
    `import { readFileSync } from "node:fs";
     export async function load(url, context, nextLoad) {
       const loaded = await nextLoad(url, context);
       return loaded.format === "commonjs" ? { ...loaded, source: readFileSync(new URL(url)) } : loaded;
     }`,
  );
  const database = await free("loader-hook");
  for (const command of ["who-holds", "integrity", "journal-mode"]) {
    const options = ["--no-warnings", `--experimental-loader=${hook}`];
    expect(await run(NODE, [...options, join(root, "bin/sqlock.js"), command, database])).toMatchObject({
      code: 0,
      stderr: "",
    });
  }
});

test("where install scripts may not run, what needs SQLite says so, and the rest works", async (context) => {
  const root = join(installed(context), "lib/node_modules/sqlock");
  const copy = join(folder, "not-built");
  const built = new RegExp(`^${root}/node_modules/better-sqlite3/(build|deps|src)$`);
  cpSync(root, copy, { recursive: true, filter: (from) => !built.test(from) });
  const sqlock = join(copy, "bin/sqlock.js");
  const database = await free("not-built");
  expect(await run(sqlock, ["who-holds", database])).toMatchObject({ code: 0, stderr: "" });
  expect(await run(sqlock, ["journal-mode", database])).toMatchObject({ code: 0, stderr: "" });
  const why = "SQLite cannot be loaded: better-sqlite3 was not built when sqlock was installed";
  const remedy =
    "install sqlock again, with this Node.js and with install scripts allowed (npm: --allow-scripts=better-sqlite3)";
  expect(await run(sqlock, ["integrity", database])).toEqual({
    code: 2,
    stderr: "",
    stdout: `${database}: not checked: ${why}\n  To do: ${remedy}`,
  });
  const line = `sqlock: ${why}; ${remedy}`;
  expect(await run(sqlock, ["journal-mode", database, "wal"])).toEqual({ code: 2, stderr: line, stdout: "" });
  expect(await run(sqlock, ["stress", "--duration", "500ms"])).toEqual({ code: 2, stderr: line, stdout: "" });
  expect(await run(sqlock, ["demo"])).toMatchObject({ code: 2, stderr: line });
  rmSync(copy, { recursive: true });
});

test("who-holds", async (context) => {
  const sqlock = join(installed(context), "bin/sqlock");
  const { database, holder } = await held("who-holds", WAL);
  const { stdout, ...rest } = await run(sqlock, ["who-holds", database]);
  expect(rest).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(new RegExp(`^ *${holder.pid} .*WRITE`, "m"));
  const { databases } = JSON.parse((await run(sqlock, ["who-holds", "--json", database])).stdout) as WhoHoldsDocument;
  expect(databases).toMatchObject([
    { path: database, journalMode: "wal", holders: [{ pid: holder.pid, activity: "writing" }] },
  ]);
});

test("explain", async (context) => {
  const sqlock = join(installed(context), "bin/sqlock");
  const { database, holder } = await held("explain");
  const { stdout, ...rest } = await run(sqlock, ["explain", "database is locked", "--db", database]);
  expect(rest).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^database is locked\n {2}SQLITE_BUSY/);
  expect(stdout).toContain(String(holder.pid));
});

test("integrity", async (context) => {
  const sqlock = join(installed(context), "bin/sqlock");
  const { stdout, ...rest } = await run(sqlock, ["integrity", await free("integrity")]);
  expect(rest).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/: ok \(rollback journal/);
});

test("journal-mode, shown and switched", async (context) => {
  const sqlock = join(installed(context), "bin/sqlock");
  const database = await free("journal-mode");
  expect(await run(sqlock, ["journal-mode", database])).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringContaining("rollback-journal mode"),
  });
  expect(await run(sqlock, ["journal-mode", database, "wal"])).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse((await run(sqlock, ["journal-mode", database, "--json"])).stdout)).toMatchObject({
    after: "wal",
    changed: false,
  });
});

test("stress", async (context) => {
  const sqlock = join(installed(context), "bin/sqlock");
  const { stdout, ...rest } = await run(sqlock, ["stress", "--duration", "500ms"]);
  expect(rest).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("The database is intact.");
});

test("record, and report in all its forms", async (context) => {
  const sqlock = join(installed(context), "bin/sqlock");
  const { database, holder } = await held("record");
  const outputsIn = join(folder, "data", "report");
  mkdirSync(outputsIn);
  const of = (name: string) => join(outputsIn, name);
  const recorded = ["record", "--source", "sampled", "--keep", "1h", "-o", of("recording"), "--for", "500ms", database];
  expect(await run(sqlock, recorded)).toMatchObject({ code: 0, stderr: "" });
  const outputs = ["--html", of("page.html"), "--perfetto", of("trace.json"), "--sqlite", of("recording.db")];
  expect(await run(sqlock, ["report", of("recording"), ...outputs])).toMatchObject({ code: 0, stderr: "" });
  for (const name of ["page.html", "trace.json", "recording.db"])
    expect(statSync(of(name)).size).toBeGreaterThan(1_000);
  expect((await run(sqlock, ["report", of("recording")])).stdout).toContain(String(holder.pid));
});

test("kill", async (context) => {
  const sqlock = join(installed(context), "bin/sqlock");
  const { database, holder } = await held("kill");
  expect(await run(sqlock, ["kill", database, "--pid", String(holder.pid), "--yes"])).toMatchObject({ code: 0 });
  await until("it is gone", async () => !(await runs(holder.pid)));
});

test("watch", async (context) => {
  const sqlock = join(installed(context), "bin/sqlock");
  const { database, holder } = await held("watch");
  const { stdout, ...rest } = await run(sqlock, ["watch", "--for", "1s", "--json", database]);
  expect(rest).toEqual({ code: 0, stderr: "" });
  const events = stdout
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly event: string; readonly pid?: number });
  expect(events.some(({ pid }) => pid === holder.pid)).toBe(true);
  expect(events.at(-1)).toMatchObject({ event: "summary" });
});

test("demo", async (context) => {
  const sqlock = join(installed(context), "bin/sqlock");
  const { stdout, ...rest } = await run(sqlock, ["demo"]);
  expect(rest).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/writer\.js.*WRITE/);
});

test("as nobody", async (context) => {
  const sqlock = join(installed(context), "bin/sqlock");
  need(context, isRoot, "root");
  const { database, holder } = await held("nobody", WAL);
  const nobody = { uid: NOBODY };
  const { stdout } = await run(sqlock, ["who-holds", "--json", database], nobody);
  expect(JSON.parse(stdout)).toMatchObject({
    databases: [{ holders: [{ pid: holder.pid, complete: false }] }],
    unseen: { remedy: "run with sudo" },
  });
  expect(await run(sqlock, ["integrity", await free("readable")], nobody)).toMatchObject({ code: 0, stderr: "" });
  expect(await run(sqlock, ["stress", "--duration", "500ms"], nobody)).toMatchObject({ code: 0, stderr: "" });
  expect(await run(sqlock, ["demo"], nobody)).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringContaining("writer.js"),
  });
});

test("the library, from a module and from CommonJS", async (context) => {
  const { database, holder } = await held("library");
  const project = projectWith(installed(context));
  const ask = `whoHolds(${JSON.stringify(database)}).then((document) => {
  console.log(document.databases[0].holders[0].pid);
});`;
  writeFileSync(join(project, "module.mjs"), `import { whoHolds } from "sqlock";\n${ask}`);
  writeFileSync(join(project, "common.cjs"), `const { whoHolds } = require("sqlock");\n${ask}`);
  for (const file of ["module.mjs", "common.cjs"]) {
    expect(await run(NODE, [join(project, file)])).toEqual({ code: 0, stdout: String(holder.pid), stderr: "" });
  }
  rmSync(project, { recursive: true });
});

const USE = `import { whoHolds, type WhoHoldsDocument } from "sqlock";

const document: WhoHoldsDocument = await whoHolds("app.sqlite3", { locksOnly: true });
for (const database of document.databases) {
  if ("error" in database) console.error(database.error.code);
  else for (const { pid, activity } of database.holders) console.log(pid.toFixed(), activity satisfies string);
}
// @ts-expect-error: no path
await whoHolds(1);
// @ts-expect-error: no such field
document.databases[0].owner;
`;

test.each([
  ["nodenext", ["--module", "nodenext"], "use.ts"],
  ["nodenext, from CommonJS", ["--module", "nodenext"], "use.cts"],
  ["node16", ["--module", "node16"], "use.ts"],
  ["bundler", ["--module", "esnext", "--moduleResolution", "bundler"], "use.ts"],
])("types: %s", async (_, options, file) => {
  // The compiler and Node.js's types are the checkout's; nothing of sqlock's is. No types of browsers: they take long.
  const project = projectWith(await unpacked());
  symlinkSync(join(ROOT, "node_modules/@types"), join(project, "node_modules/@types"));
  // CommonJS has no await outside of functions.
  writeFileSync(
    join(project, file),
    file.endsWith(".cts") ? `${USE.replace(/^(const document|await)/m, "export async function use() {\n$1")}}\n` : USE,
  );
  const args = [
    ...options,
    "--target",
    "es2022",
    "--lib",
    "es2022",
    "--strict",
    "--noEmit",
    "--types",
    "node",
    join(project, file),
  ];
  expect(await run(join(ROOT, "node_modules/.bin/tsc"), args, { cwd: project })).toEqual({
    code: 0,
    stdout: "",
    stderr: "",
  });
  rmSync(project, { recursive: true });
});

/** A project that has sqlock among its packages, as `npm install` leaves it. */
function projectWith(from: string): string {
  const project = mkdtempSync(join(folder, "project-"));
  mkdirSync(join(project, "node_modules"));
  symlinkSync(join(from, "lib/node_modules/sqlock"), join(project, "node_modules/sqlock"));
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }');
  return project;
}

/** Types need none of the packages that an installation brings. */
async function unpacked(): Promise<string> {
  const into = join(folder, "unpacked");
  const root = join(into, "lib/node_modules/sqlock");
  mkdirSync(root, { recursive: true });
  await execa("tar", ["-xzf", join(folder, packed.filename), "--strip-components=1", "-C", root]);
  return into;
}

test("nothing is left behind", () => {
  expect(["home", "tmp"].flatMap((name) => readdirSync(join(folder, name)))).toEqual([]);
});
