/** Frameworks' own tests end the same way under the tracer as without it, and what it writes keeps to its format. */
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { type Ended, streamTraced } from "../../support/program-trace.ts";
import { tempFolder } from "../../support/temp.ts";
import { TraceCheck } from "../../support/trace-check.ts";
import { frameworkPython, frameworkSources } from "./sources.ts";
import { SUITES, type Suite } from "./suites.ts";

/** How each test ended, by its name. */
type Outcomes = Readonly<Record<string, string>>;

interface Prepared {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly outcomes: string;
}

for (const suite of SUITES)
  test(suite.name, async (context) => {
    const sources = await frameworkSources(context);
    const [bare, traced] = [prepare(suite, sources), prepare(suite, sources)];
    const check = new TraceCheck();
    const command = [frameworkPython(), ...suite.command] as const;
    const [without, under] = await Promise.all([
      runBare(command, bare),
      streamTraced(command, (line) => check.take(line), { ...traced, isSlow: suite.isUnread ?? false }),
    ]);

    const [expected, found] = [outcomesOf(bare, without), outcomesOf(traced, under)];
    expect(Object.values(expected).filter((outcome) => outcome === "passed").length).toBeGreaterThanOrEqual(
      suite.atLeast,
    );
    expect(differences(suite, expected, found), tail(under)).toEqual([]);
    expect(check.problems).toEqual([]);
    expect(check.counts.get("call") ?? 0).toBeGreaterThan(10);
    // In a pipe that is full, there may still be room for the last message, which is short.
    expect(check.dropped > 0 || !check.counts.has("bye")).toBe(suite.isUnread ?? false);
  });

/** Nothing is written to the sources: tests that write beside themselves are copied. */
function prepare({ copied, paths }: Suite, sources: string): Prepared {
  const [cwd, outcomes] = [tempFolder(), join(tempFolder(), "outcomes.json")];
  if (copied !== undefined) cpSync(join(sources, copied), cwd, { recursive: true });
  const place = (path: string) =>
    copied !== undefined && path.split("/")[0] === copied ? join(cwd, path.slice(copied.length)) : join(sources, path);
  const path = [import.meta.dirname, ...paths.map(place), join(sources, "packages")].join(":");
  const env = { SUITE_OUTCOMES: outcomes, PYTHONPATH: path, PYTHONHASHSEED: "0", TMPDIR: tempFolder() };
  return { cwd, env: { ...process.env, ...env }, outcomes };
}

async function runBare([program, ...args]: readonly [string, ...string[]], { cwd, env }: Prepared): Promise<Ended> {
  const { stdout, stderr, exitCode, signal } = await execa(program, args, { cwd, env, stdin: "ignore", reject: false });
  return { stdout, stderr, code: exitCode ?? null, signal: signal ?? null };
}

/** @throws Error where the run did not come to its end. */
function outcomesOf({ outcomes }: Prepared, ended: Ended): Outcomes {
  if (!existsSync(outcomes)) throw new Error(`the tests did not end: ${ended.code} ${ended.signal}\n${tail(ended)}`);
  return JSON.parse(readFileSync(outcomes, "utf8")) as Outcomes;
}

function differences({ exceptions = [] }: Suite, bare: Outcomes, traced: Outcomes): string[] {
  return [...new Set([...Object.keys(bare), ...Object.keys(traced)])]
    .filter((name) => bare[name] !== traced[name] && !exceptions.some((exception) => exception.name.test(name)))
    .map((name) => `${name}: ${bare[name]}, under the tracer ${traced[name]}`);
}

function tail({ stdout, stderr }: Ended): string {
  return `${stdout.slice(-10_000)}\n${stderr.slice(-10_000)}`;
}
