/** `sqlock explain`: a text, a name or a database in, the answer out, exit code. */
import { existsSync } from "node:fs";
import { parseDuration } from "../duration.ts";
import { UserError } from "../errors.ts";
import type { Explanation } from "../explain/explanation.ts";
import { linesOf } from "../explain/lines.ts";
import type { Report } from "../inspect/report.ts";
import { renderJson } from "../output/json.ts";
import { hasInput, styleOf, writeErr, writeOut } from "../terminal.ts";
import { VERSION } from "../version.ts";

export interface ExplainOptions {
  readonly db?: string;
  readonly json?: boolean;
  readonly list?: boolean;
  readonly elapsed?: string;
  readonly timeout?: string;
  readonly color?: boolean;
}

/** @returns the exit code: 0, 1 when nothing was recognised, 2 without an answer, or without one on the database. */
export async function explain(words: readonly string[], options: ExplainOptions): Promise<number> {
  const { failedExplanation } = await import("../explain/explain.ts");
  try {
    return await answer(words, options);
  } catch (error) {
    if (!(error instanceof UserError) || options.json !== true) throw error;
    writeOut(renderJson(failedExplanation(told(error), null, VERSION)));
    return error.exitCode;
  }
}

async function answer(words: readonly string[], options: ExplainOptions): Promise<number> {
  const [{ KNOWLEDGE }, engine] = await Promise.all([import("../explain/knowledge.ts"), import("../explain/explain.ts")]);
  if (options.list === true) {
    const all = engine.listing(KNOWLEDGE, VERSION);
    const { renderListing } = await import("../output/listing.ts");
    writeOut(options.json === true ? renderJson(all) : renderListing(all, await styleOf(options.color)));
    return 0;
  }
  const timing = {
    elapsedMs: options.elapsed === undefined ? null : parseDuration("--elapsed", options.elapsed),
    timeoutMs: options.timeout === undefined ? null : parseDuration("--timeout", options.timeout),
  };
  const text = words.join(" ");
  const { lookUp } = await import("../explain/lookup.ts");
  const named = text === "" || text === "-" ? null : lookUp(text, KNOWLEDGE.entries);
  const { recognition, error } = named === null ? await recognise(text, words.length > 0, options, KNOWLEDGE.entries) : { recognition: null, error: null };
  const report = options.db === undefined ? null : await look(options.db);
  const asked = { named, recognition, timing, report, database: options.db ?? null, version: VERSION };
  const explanation = error === null ? engine.explain(KNOWLEDGE, asked) : engine.failedExplanation(told(error), report, VERSION);
  await print(explanation, error, options);
  return engine.exitCodeOf(explanation);
}

/** What is in the text; nothing when there is none and it is the database that is asked of. @throws UserError */
async function recognise(text: string, given: boolean, { db }: ExplainOptions, entries: import("../explain/explain.ts").Knowledge["entries"]) {
  const { Recogniser } = await import("../explain/recognise.ts");
  const recogniser = new Recogniser(entries);
  let kind: { readonly empty: boolean; readonly noise: boolean };
  if (given && text !== "-") {
    const { lines, ...rest } = linesOf(text);
    kind = rest;
    for (const line of lines) recogniser.push(line);
  } else if (given || hasInput()) {
    const { readStdin } = await import("./stdin.ts");
    kind = await readStdin((line) => recogniser.push(line));
  } else if (db !== undefined) {
    return { recognition: null, error: null };
  } else {
    throw new UserError("usage", "there is no text to explain", "give it (sqlock explain 'database is locked'), or pipe it in (... 2>&1 | sqlock explain)");
  }
  const recognition = recogniser.finish();
  const failed = recognition.tallies.length > 0 ? null : unreadable(kind, text);
  return { recognition: failed === null ? recognition : null, error: failed };
}

function unreadable({ empty, noise }: { readonly empty: boolean; readonly noise: boolean }, text: string): UserError | null {
  if (empty) return new UserError("empty-text", "the text is empty", "give the error message or the log, or see sqlock explain --list");
  if (noise) return new UserError("not-a-text", "this is binary data, not a text, and no message is in it", "give the error message or the log");
  if (/^\S+$/.test(text) && text !== "-" && existsSync(text)) {
    return new UserError("usage", `${text} is a file, not an error message`, `read it with sqlock explain < ${text}, or look at it with --db ${text}`);
  }
  return null;
}

async function look(database: string): Promise<Report> {
  const { DEFAULT_STALE_AFTER_MS, inspect } = await import("../inspect/inspect.ts");
  return inspect([database], { locksOnly: false, staleAfterMs: DEFAULT_STALE_AFTER_MS });
}

async function print(explanation: Explanation, error: UserError | null, options: ExplainOptions): Promise<void> {
  if (options.json === true) return writeOut(renderJson(explanation));
  const [{ renderExplanation }, { errorLine }, { isPathError }] = await Promise.all([
    import("../output/explain-text.ts"),
    import("../output/text.ts"),
    import("../inspect/report.ts"),
  ]);
  writeOut(renderExplanation(explanation, await styleOf(options.color)));
  if (error !== null) writeErr(errorLine({ givenAs: "", error }));
  for (const entry of explanation.whoHolds?.databases ?? []) if (isPathError(entry)) writeErr(errorLine(entry));
}

function told({ code, message, hint }: UserError): { readonly code: string; readonly message: string; readonly hint: string } {
  return { code, message, hint };
}
