/** `sqlock explain`: a text, a name or a database in, the answer out, exit code. */
import { existsSync } from "node:fs";
import { UserError } from "../errors.ts";
import type { Explanation } from "../features/explain/explanation.ts";
import type { Lines } from "../features/explain/lines.ts";
import type { Recognition } from "../features/explain/recognise.ts";
import { DEFAULT_STALE_AFTER_MS, inspect } from "../inspect/inspect.ts";
import { isPathError } from "../model/report.ts";
import { renderJson } from "../render/json.ts";
import { pathErrorLine } from "../render/path-error.ts";
import { hasInput, styleOf, writeErr, writeOut } from "../terminal.ts";
import { parseDuration } from "../text/parse-duration.ts";
import { VERSION } from "../version.ts";
import { readStdin } from "./stdin.ts";

export interface ExplainOptions {
  /** As often as it was given. */
  readonly db?: readonly string[];
  readonly json?: boolean;
  readonly list?: boolean;
  readonly elapsed?: string;
  readonly busyTimeout?: string;
  /** As busyTimeout. */
  readonly timeout?: string;
  readonly color?: boolean;
}

type Engine = typeof import("../features/explain/index.ts");

/** @returns the exit code: 0, 1 when nothing was recognised, 2 without an answer, or without one on the database. */
export async function explain(words: readonly string[], options: ExplainOptions): Promise<number> {
  const engine = await import("../features/explain/index.ts");
  try {
    return await answer(engine, words.join(" "), words.length > 0, options);
  } catch (error) {
    if (!(error instanceof UserError) || options.json !== true) throw error;
    writeOut(renderJson(engine.failedExplanation(told(error), null, VERSION)));
    return error.exitCode;
  }
}

async function answer(engine: Engine, text: string, given: boolean, options: ExplainOptions): Promise<number> {
  const { KNOWLEDGE: knowledge } = engine;
  const db = options.db?.[0];
  if (options.db !== undefined && options.db.length > 1) {
    throw new UserError(
      "usage",
      "--db is given twice",
      "explain looks at one database; sqlock who-holds takes several",
    );
  }
  if (options.list === true) {
    if (given || db !== undefined)
      throw new UserError(
        "usage",
        "--list takes no text and no --db",
        "it lists all that explain knows; leave one of them out",
      );
    const all = engine.listing(knowledge, VERSION);
    writeOut(options.json === true ? renderJson(all) : engine.renderListing(all, await styleOf(options.color)));
    return 0;
  }
  const busyTimeout = options.busyTimeout ?? options.timeout;
  const timing = {
    elapsedMs: options.elapsed === undefined ? null : parseDuration("--elapsed", options.elapsed, { zero: true }),
    timeoutMs: busyTimeout === undefined ? null : parseDuration("--busy-timeout", busyTimeout, { zero: true }),
  };
  const named = text === "" ? null : engine.lookUp(text, knowledge.entries);
  const { recognition, error } = named === null ? await recognise(engine, text, given, db) : NOTHING;
  const report =
    db === undefined
      ? null
      : await inspect([db], { locksOnly: false, staleAfterMs: DEFAULT_STALE_AFTER_MS, source: "system" });
  const explanation =
    error === null
      ? engine.explain(knowledge, { named, recognition, timing, report, database: db ?? null, version: VERSION })
      : engine.failedExplanation(told(error), report, VERSION);
  if (options.json === true) writeOut(renderJson(explanation));
  else {
    writeOut(engine.renderExplanation(explanation, await styleOf(options.color)));
    if (error !== null) writeErr(pathErrorLine({ error }));
    for (const entry of report?.databases ?? []) if (isPathError(entry)) writeErr(pathErrorLine(entry));
  }
  return engine.exitCodeOf(explanation);
}

interface Recognised {
  readonly recognition: Recognition | null;
  /** The text is none: then the database can still be asked of. */
  readonly error: UserError | null;
}

const NOTHING: Recognised = { recognition: null, error: null };

/** What is in the text. @throws UserError when there is none, and no database is asked of. */
async function recognise(engine: Engine, text: string, given: boolean, db: string | undefined): Promise<Recognised> {
  const lines = new engine.Lines();
  const recogniser = new engine.Recogniser(engine.KNOWLEDGE.entries);
  if (given && text !== "-") {
    for (const line of [...lines.push(Buffer.from(text)), ...lines.end()]) recogniser.push(line);
  } else if (given || hasInput()) {
    await readStdin(lines, (line) => recogniser.push(line));
  } else if (db !== undefined) {
    return NOTHING;
  } else {
    throw new UserError(
      "usage",
      "there is no text to explain",
      "give it (sqlock explain 'database is locked'), or pipe it in (... 2>&1 | sqlock explain)",
    );
  }
  const recognition = recogniser.finish();
  const error = recognition.tallies.length > 0 ? null : unreadable(lines, text);
  return { recognition: error === null ? recognition : null, error };
}

function unreadable({ empty, noise }: Lines, text: string): UserError | null {
  if (noise)
    return new UserError(
      "not-a-text",
      "this is binary data, not a text, and no message is in it",
      "give the error message or the log",
    );
  if (empty)
    return new UserError(
      "empty-text",
      "the text is empty",
      "give the error message or the log, or see sqlock explain --list",
    );
  if (/^\S+$/.test(text) && text !== "-" && existsSync(text)) {
    return new UserError(
      "usage",
      `${text} is a file, not an error message`,
      `read it with sqlock explain < ${text}, or look at it with --db ${text}`,
    );
  }
  return null;
}

function told({ code, message, hint }: UserError): Explanation["error"] {
  return { code, message, hint };
}
