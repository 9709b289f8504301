/** The lines are those of the source, where what runs was made from it. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "rolldown";
import { expect, test } from "vitest";
import { story, told } from "../../support/node-trace.ts";
import { runTraced } from "../../support/program-trace.ts";
import { tempFolder } from "../../support/temp.ts";

const MODULES = join(import.meta.dirname, "../../../node_modules");

const SOURCE = `import Database from "better-sqlite3";

interface Padding {
  one: number;
}

const padding: Padding = { one: 1 };
const db = new Database("a.db");

db.exec("create table t(a)");
db.exec("begin immediate");
db.exec(\`insert into t values (\${padding.one})\`);
`;

/** What programs set that have source maps of their own: here each line is 100 more. */
const OWN_STACKS = `
const wrapCallSite = (s) => \`    at f (\${s.getFileName()}:\${s.getLineNumber() + 100}:1)\`;
Error.prepareStackTrace = (error, sites) => [String(error), ...sites.map((s) => wrapCallSite(s))].join("\\n");
`;

/** None that maps lines: it tells each call. */
const NOISY_STACKS = `
Error.prepareStackTrace = (error, sites) => { console.log("called"); return error.message.length + sites.join(); };
`;

async function project(): Promise<string> {
  const folder = tempFolder();
  symlinkSync(MODULES, join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "src/main.ts"), SOURCE);
  await build({
    input: join(folder, "src/main.ts"),
    external: ["better-sqlite3"],
    logLevel: "silent",
    output: { file: join(folder, "main.mjs"), sourcemap: "inline", minify: true },
  });
  return folder;
}

test("by --enable-source-maps", async () => {
  const cwd = await project();
  const run = await runTraced([process.execPath, "--enable-source-maps", "main.mjs"], { cwd });
  const events = told(run.messages).filter(({ type }) => type !== "close");
  expect(run.stderr).toBe("");
  expect(events.map(({ lines }) => lines[0])).toEqual([8, 10, 11, 12]);
  expect(new Set(events.flatMap(({ files }) => files))).toEqual(new Set([join(cwd, "src/main.ts")]));
});

test("by the program's own way to write stacks, once for each place", async () => {
  const cwd = await project();
  writeFileSync(join(cwd, "own.mjs"), OWN_STACKS);
  const run = await runTraced([process.execPath, "--import", "./own.mjs", "main.mjs"], { cwd });
  const plain = await runTraced([process.execPath, "main.mjs"], { cwd });
  const lines = (all: typeof run) => told(all.messages).map((event) => event.lines[0] ?? 0);
  expect(lines(run).slice(0, 2)).toEqual(
    lines(plain)
      .slice(0, 2)
      .map((line) => line + 100),
  );
});

test("what a program writes stacks with for another purpose is not called, and the lines are those of V8", async () => {
  const cwd = await project();
  writeFileSync(join(cwd, "noisy.mjs"), NOISY_STACKS);
  const run = await runTraced([process.execPath, "--import", "./noisy.mjs", "main.mjs"], { cwd });
  const plain = await runTraced([process.execPath, "main.mjs"], { cwd });
  expect(run.stdout).toBe(plain.stdout);
  const lines = (all: typeof run) => new Set(told(all.messages).map((event) => event.lines[0]));
  expect(lines(run)).toEqual(lines(plain));
});

test.for(["forks", "threads", "vmThreads"])("a test that leaves a transaction open, in vitest: %s", async (pool) => {
  const cwd = await project();
  const file = SOURCE.replace("const padding", 'import { test } from "vitest";\ntest("one", () => {\nconst padding');
  writeFileSync(join(cwd, "src/one.test.ts"), `${file}});\n`);
  const vitest = join(MODULES, "vitest/vitest.mjs");
  const run = await runTraced([process.execPath, vitest, "run", "--pool", pool], { cwd });
  expect(run).toMatchObject({ code: 0, stderr: "" });
  const events = told(run.messages).slice(0, 4);
  expect(story(events)).toEqual(["open", "a create table t(a)", "b begin immediate", "w insert into t values (1)"]);
  expect(events.map(({ files, lines }) => [files[0], lines[0]])).toEqual(
    [10, 12, 13, 14].map((line) => [join(cwd, "src/one.test.ts"), line]),
  );
  expect(events.every(({ thread }) => (thread === null) === (pool === "forks"))).toBe(true);
});
