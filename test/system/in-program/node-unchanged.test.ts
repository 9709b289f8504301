/** A program prints the same and ends the same with the tracer as without it. */
import { spawnSync } from "node:child_process";
import { copyFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NODE_TRACER, runTraced } from "../../support/program-trace.ts";
import { tempFolder } from "../../support/temp.ts";

const FOLDER = join(import.meta.dirname, "unchanged");
const MODULES = join(import.meta.dirname, "../../../node_modules");

/** The same file name for both runs: messages have it. */
async function both(name: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const folder = tempFolder();
  symlinkSync(MODULES, join(folder, "node_modules"));
  copyFileSync(join(FOLDER, name), join(folder, name));
  writeFileSync(join(folder, "addon.node"), "no library");
  const variables = { ...process.env, ...env };
  const plain = spawnSync(process.execPath, [name, "plain.db", ...args], {
    cwd: folder,
    env: variables,
    encoding: "utf8",
  });
  const command = [process.execPath, name, "trace.db", ...args] as const;
  const traced = await runTraced(command, { cwd: folder, env: variables });
  const same = (text: string) => text.replace(/(?:plain|trace)\.db/g, "a.db").replace(/\(node:\d+\)/g, "(node)");
  return {
    plain: { stdout: same(plain.stdout), stderr: same(plain.stderr), code: plain.status, signal: plain.signal },
    traced: { stdout: same(traced.stdout), stderr: same(traced.stderr), code: traced.code, signal: traced.signal },
    messages: traced.messages,
  };
}

test.for(["caught.cjs", "callbacks.cjs", "own-stacks.cjs", "shapes.cjs", "addon.cjs"])("%s", async (name) => {
  const { plain, traced, messages } = await both(name);
  expect(traced).toEqual(plain);
  expect(plain.stdout).not.toBe("");
  expect(messages.length > 0).toBe(name !== "addon.cjs");
});

test.for(["exit", "exitCode", "reject", "throw", "signal", "handled", "abort", "missing", "none"])(
  "a program that ends by: %s",
  async (how) => {
    const { plain, traced, messages } = await both("exits.cjs", [how]);
    expect(traced).toEqual(plain);
    expect(messages.some(([type]) => type === "bye")).toBe(how !== "signal" && how !== "abort");
  },
);

test("an error of SQLite that nobody catches: Node.js does not print the line, all else is the same", async () => {
  const { plain, traced } = await both("uncaught.cjs");
  const where = /^\n.*wrappers\.js:\d+\n.*\n *\t*.*\^\n/;
  expect(plain.stderr).toMatch(where);
  expect({ ...traced, stderr: traced.stderr.trimStart() }).toEqual({
    ...plain,
    stderr: plain.stderr.replace(where, ""),
  });
  expect(traced.stderr).not.toContain(NODE_TRACER);
});

test.for([
  ["--stack-trace-limit=3", "caught.cjs"],
  ["--enable-source-maps", "caught.cjs"],
  ["--disable-proto=throw --no-warnings", "shapes.cjs"],
] as const)("with NODE_OPTIONS of the user's own: %s", async ([options, name]) => {
  const { plain, traced } = await both(name, [], { NODE_OPTIONS: options });
  expect(traced).toEqual(plain);
});
