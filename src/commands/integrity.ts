/** `sqlock integrity`: options in, report out, exit code. */
import { hostname } from "node:os";
import { UserError } from "../errors.ts";
import { Excludes } from "../features/integrity/exclude.ts";
import { databasesBelow } from "../features/integrity/find.ts";
import { checkAll } from "../features/integrity/integrity.ts";
import { Output } from "../features/integrity/output.ts";
import { type MergeChoice, WORTHWHILE_MERGES } from "../features/integrity/protocol.ts";
import { exitCodeOf } from "../features/integrity/report.ts";
import { viewerHere } from "../observe/viewer.ts";
import type { ReportContext } from "../render/integrity/context.ts";
import { reportOf } from "../render/integrity/document.ts";
import { render } from "../render/integrity/index.ts";
import { isReporter, REPORTERS } from "../render/integrity/reporter-names.ts";
import { PLAIN, type Style } from "../render/style.ts";
import { isTerminal, styleOf, writeErr, writeOut } from "../terminal.ts";
import { escapeText } from "../text/escape.ts";
import { parseDuration } from "../text/parse-duration.ts";

export interface IntegrityOptions {
  readonly recursive?: readonly string[];
  readonly exclude?: readonly string[];
  readonly quick?: boolean;
  readonly exact?: boolean;
  readonly foreignKeys?: boolean;
  readonly maxProblems?: string;
  readonly reporter?: string;
  readonly json?: boolean;
  readonly output?: string;
  readonly copy?: boolean;
  readonly allowCompanions?: boolean;
  readonly wait?: string;
  readonly timeout?: string;
  readonly color?: boolean;
}

/** @returns the exit code: 0 all ok, 1 something is corrupt, 2 something was not checked. @throws UserError */
export async function integrity(paths: readonly string[], options: IntegrityOptions): Promise<number> {
  const reporter = reporterOf(options);
  const settings = {
    quick: options.quick === true,
    exact: options.exact === true,
    merges: merges(),
    foreignKeys: options.foreignKeys !== false,
    maxProblems: parseCount("--max-problems", options.maxProblems ?? "100"),
    copy: options.copy === true,
    allowCompanions: options.allowCompanions === true,
    waitMs: parseDuration("--wait", options.wait ?? "5s", { zero: true }),
    timeoutMs: parseDuration("--timeout", options.timeout ?? "10m"),
  };
  if (settings.quick && settings.exact)
    throw new UserError("usage", "--quick and --exact exclude each other", "leave one of them out");
  if (paths.length === 0 && options.recursive === undefined) {
    throw new UserError("usage", "no database was given", "give the path of one, or a folder of databases with -r");
  }
  if (options.exclude !== undefined && options.recursive === undefined)
    throw new UserError("usage", "--exclude is for -r, which was not given", "leave one of the paths out instead");
  const excludes = new Excludes(options.exclude ?? []);
  const output = options.output === undefined || options.output === "-" ? null : new Output(options.output);
  try {
    const found = (options.recursive ?? []).flatMap((folder) => databasesBelow(folder, excludes));
    for (const glob of excludes.unused) writeErr(`sqlock: ${escapeText(unusedText(glob))}\n`);
    const candidates = [...paths.map((path) => ({ path })), ...found];
    const report = reportOf(await checkAll(candidates, settings, isTerminal(2)), settings.quick, viewerHere());
    const text = render(reporter, report, contextOf(output === null ? await styleOf(options.color) : PLAIN));
    if (output === null) writeOut(text);
    else output.write(text);
    return exitCodeOf(report);
  } finally {
    output?.discard();
  }
}

/** Tests of small databases set these to 0. */
function merges(): MergeChoice {
  const { env } = process;
  return {
    always: env["SQLOCK_TEST_MERGE_ROWS"] === "0" || WORTHWHILE_MERGES.always,
    sharedFromUs: env["SQLOCK_TEST_MERGE_SHARED"] === "0" ? 0 : WORTHWHILE_MERGES.sharedFromUs,
  };
}

function unusedText(glob: string): string {
  return `--exclude ${glob} matches nothing: patterns are compared with names, or with paths below the folder of -r`;
}

function contextOf(style: Style): ReportContext {
  const cwd = process.cwd();
  return { style, cwd, root: process.env["GITHUB_WORKSPACE"] || cwd, takenAt: new Date(), hostname: hostname() };
}

function reporterOf({ reporter, json }: IntegrityOptions) {
  const name = reporter ?? (json === true ? "json" : "pretty");
  if (!isReporter(name))
    throw new UserError("usage", `there is no reporter ${JSON.stringify(name)}`, `choose from ${REPORTERS.join(", ")}`);
  if (json === true && name !== "json")
    throw new UserError("usage", `--json and --reporter ${name} exclude each other`, "leave one of them out");
  return name;
}

const MAX_PROBLEMS = 100_000;

function parseCount(option: string, text: string): number {
  const count = /^\d{1,9}$/.test(text.trim()) ? Number(text) : 0;
  if (count < 1 || count > MAX_PROBLEMS) {
    throw new UserError(
      "usage",
      `${option} ${JSON.stringify(text)} is not a number of problems`,
      `give a whole number from 1 to ${MAX_PROBLEMS}`,
    );
  }
  return count;
}
