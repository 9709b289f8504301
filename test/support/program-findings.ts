/** What a recording finds in a program: the patterns, and their lines of code as the text that stands there. */
import { copyFileSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect } from "vitest";
import type { CallSite } from "../../src/recording/lines.ts";
import type { Pattern, PatternId } from "../../src/recording/summary/pattern.ts";
import { folderOfUser, linesOf, recordScript, type Traced, type TracedScript, textAt } from "./call-sites.ts";

const PROGRAMS = join(import.meta.dirname, "../system/call-sites/programs");

/** Records one of the programs of test/system/call-sites/programs; `beside`: further files of it. */
export async function recordProgram(
  path: string,
  given: Omit<TracedScript, "folder" | "name">,
  beside: readonly string[] = [],
): Promise<Traced> {
  const folder = folderOfUser();
  for (const each of beside) copyFileSync(join(PROGRAMS, each), join(folder, basename(each)));
  return recordScript(readFileSync(join(PROGRAMS, path), "utf8"), { ...given, folder, name: basename(path) });
}

export function patternsOf(traced: Traced): readonly Pattern[] {
  return linesOf(traced, "summary").flatMap(({ patterns }) => patterns);
}

export interface Finding {
  readonly id: PatternId;
  /** The name of its file, or of a database in memory. */
  readonly database: string;
  /** What stands at the lines of its evidence, by name; `pause.after` for one further down. */
  readonly lines: Readonly<Record<string, string>>;
  /** Of the sentence; `{openedAt}` stands for that line as `app.py:12`. */
  readonly says: string;
  readonly pattern?: object;
}

/** The evidence has these lines, and the end screen tells them. */
export function expectFinding(traced: Traced, { id, database, lines, says, pattern = {} }: Finding): void {
  const all = patternsOf(traced);
  const found = all.filter((each) => each.id === id && basename(each.path) === database);
  expect(found, `${id} of ${database} in ${all.map((each) => `${each.id} of ${each.path}`).join(", ")}`).toHaveLength(
    1,
  );
  expect(found[0]).toMatchObject(pattern);
  let text = says;
  for (const [name, code] of Object.entries(lines)) {
    const site = siteOf(found[0]?.evidence, name);
    expect(site === null ? null : codeAt(site), `${name} of ${id}`).toBe(code);
    if (site !== null) text = text.replaceAll(`{${name}}`, `${basename(site.file)}:${site.line}`);
  }
  expect(traced.stderr).toContain(text);
}

function siteOf(evidence: unknown, name: string): CallSite | null {
  let value = evidence;
  for (const part of name.split(".")) value = (value as Record<string, unknown> | undefined)?.[part];
  return (value ?? null) as CallSite | null;
}

function codeAt(site: CallSite): string | null {
  return textAt(readFileSync(site.file, "utf8"), site);
}
