/** `sqlock explain`: from a text, a name or a database to the answer and an exit code. */
import { existsSync } from "node:fs";
import { UserError } from "../errors.ts";
import type { AccessFacts } from "../features/explain/access/facts.ts";
import type { Entry } from "../features/explain/entry.ts";
import type { Explanation } from "../features/explain/explanation.ts";
import * as feature from "../features/explain/index.ts";
import type { Recognition } from "../features/explain/recognise.ts";
import { DEFAULT_STALE_AFTER_MS, inspect } from "../inspect/inspect.ts";
import { type DatabaseReport, isPathError, type Report } from "../model/report.ts";
import { explanationDocument, renderExplanation, renderListing } from "../render/explain/index.ts";
import { renderJson } from "../render/json.ts";
import { pathErrorLine } from "../render/path-error.ts";
import { hasInput, styleOf, writeErr, writeOut } from "../terminal.ts";
import { parseDuration } from "../text/parse-duration.ts";
import { shellQuoted } from "../text/shell.ts";
import { isRootOverOthers } from "../user/isolated.ts";
import { type User, userNamed } from "../user/user.ts";
import { VERSION } from "../version.ts";
import { readStdin } from "./stdin.ts";

export interface ExplainOptions {
  /** As often as it was given. */
  readonly db?: readonly string[];
  readonly json?: boolean;
  readonly list?: boolean;
  /** A name or a number. */
  readonly as?: string;
  readonly elapsed?: string;
  readonly busyTimeout?: string;
  /** As busyTimeout. */
  readonly timeout?: string;
  readonly color?: boolean;
}

/** The words of the command line: a text, a code, or the id of a message or finding. */
interface Words {
  readonly text: string;
  readonly given: boolean;
}

/** @returns the exit code: 0, 1 when nothing was recognised, 2 without an answer, or without one about the database. */
export async function explain(words: readonly string[], options: ExplainOptions): Promise<number> {
  try {
    return await answer({ text: words.join(" "), given: words.length > 0 }, options);
  } catch (error) {
    if (!(error instanceof UserError) || options.json !== true) throw error;
    writeOut(renderJson(explanationDocument(feature.failedExplanation(errorOf(error), null, VERSION))));
    return error.exitCode;
  }
}

async function answer(words: Words, options: ExplainOptions): Promise<number> {
  const db = databaseOf(options);
  if (options.list === true) return list(words, options);
  const busyTimeout = options.busyTimeout ?? options.timeout;
  const timing = {
    elapsedMs: options.elapsed === undefined ? null : parseDuration("--elapsed", options.elapsed, { zero: true }),
    timeoutMs: busyTimeout === undefined ? null : parseDuration("--busy-timeout", busyTimeout, { zero: true }),
  };
  const as = userAskedFor(options, db);
  const named = words.text === "" ? null : feature.lookUp(words.text, feature.KNOWLEDGE.entries);
  const { recognition, error } = named === null ? await recognise(words, db) : NOTHING;
  const report =
    db === null
      ? null
      : await inspect([db], { locksOnly: false, staleAfterMs: DEFAULT_STALE_AFTER_MS, source: "system" });
  const access = accessTo(report, as, feature.entryAskedFor({ named, recognition }));
  const explanation =
    error === null
      ? feature.explain(feature.KNOWLEDGE, {
          named,
          recognition,
          timing,
          report,
          database: db,
          access,
          version: VERSION,
        })
      : feature.failedExplanation(errorOf(error), report, VERSION);
  if (options.json === true) writeOut(renderJson(explanationDocument(explanation)));
  else {
    writeOut(renderExplanation(explanation, await styleOf(options.color)));
    writeErr(errorLines(error, report));
  }
  return feature.exitCodeOf(explanation);
}

function databaseOf({ db = [] }: ExplainOptions): string | null {
  if (db.length < 2) return db[0] ?? null;
  throw new UserError("usage", "--db is given twice", "explain inspects one database; sqlock who-holds takes several");
}

/** Null: --as is not given. @throws UserError */
function userAskedFor({ as }: ExplainOptions, db: string | null): User | null {
  if (as === undefined) return null;
  if (db === null)
    throw new UserError(
      "usage",
      "--as needs a database",
      "it tries the files as that user: give --db DATABASE as well",
    );
  const user = userNamed(as);
  if (user === null)
    throw new UserError("usage", `there is no user ${as}`, "give a user name or a user id (getent passwd lists them)");
  if (user.uid !== process.geteuid?.() && !isRootOverOthers())
    throw new UserError("usage", `only root can act as user ${as}`, "run it with sudo, or as that user");
  return user;
}

/** Null: no user is given and missing permissions do not cause the message, or there are several databases. */
function accessTo(report: Report | null, as: User | null, entry: Entry | null): AccessFacts | null {
  const databases = (report?.databases ?? []).filter((each): each is DatabaseReport => !isPathError(each));
  const [database, ...more] = databases;
  if (as !== null && more.length > 0)
    throw new UserError(
      "usage",
      `--as inspects one database, but there are ${databases.length} here`,
      "give the path of one",
    );
  const asked = as !== null || entry?.triesAccess === true;
  const none = database === undefined || more.length > 0 || database.files.length === 0;
  return none || !asked ? null : feature.tryAccess(database, as);
}

async function list(words: Words, options: ExplainOptions): Promise<number> {
  if (words.given || options.db !== undefined || options.as !== undefined)
    throw new UserError(
      "usage",
      "--list takes no text and no --db",
      "it lists everything that explain knows; use one or the other",
    );
  const listing = feature.listing(feature.KNOWLEDGE, VERSION);
  writeOut(options.json === true ? renderJson(listing) : renderListing(listing, await styleOf(options.color)));
  return 0;
}

interface Recognised {
  readonly recognition: Recognition | null;
  /** Why the text cannot be explained; the database can be inspected all the same. */
  readonly error: UserError | null;
}

const NOTHING: Recognised = { recognition: null, error: null };

/** What is in the text. @throws UserError where there is neither a text nor a database. */
async function recognise({ text, given }: Words, db: string | null): Promise<Recognised> {
  const lines = new feature.Lines();
  const recogniser = new feature.Recogniser(feature.KNOWLEDGE.entries);
  if (given && text !== "-") {
    for (const line of [...lines.push(Buffer.from(text)), ...lines.end()]) recogniser.push(line);
  } else if (given || hasInput()) {
    await readStdin(lines, (line) => recogniser.push(line));
  } else if (db !== null) {
    return NOTHING;
  } else {
    throw new UserError(
      "usage",
      "there is no text to explain",
      "give it as an argument (sqlock explain 'database is locked'), or pipe it in (... 2>&1 | sqlock explain)",
    );
  }
  const recognition = recogniser.finish();
  const error = recognition.tallies.length > 0 ? null : unreadable(lines, text);
  return { recognition: error === null ? recognition : null, error };
}

function unreadable({ empty, binary }: feature.Lines, text: string): UserError | null {
  if (binary)
    return new UserError(
      "not-a-text",
      "this is binary data, not text, and it contains no message",
      "give the error message or the log",
    );
  if (empty)
    return new UserError(
      "empty-text",
      "the text is empty",
      "give the error message or the log, or see sqlock explain --list",
    );
  if (/^\S+$/.test(text) && text !== "-" && existsSync(text) && feature.topicsOf(text).length === 0) {
    return new UserError(
      "usage",
      `${text} is a file, not an error message`,
      `read it with sqlock explain < ${shellQuoted(text)}, or inspect it with --db ${shellQuoted(text)}`,
    );
  }
  return null;
}

function errorOf({ code, message, hint }: UserError): NonNullable<Explanation["error"]> {
  return { code, message, hint };
}

/** Of the text, and of a database that could not be inspected. */
function errorLines(error: UserError | null, report: Report | null): string {
  const errors = [
    ...(error === null ? [] : [{ error: errorOf(error) }]),
    ...(report?.databases.filter(isPathError) ?? []),
  ];
  return errors.map(pathErrorLine).join("");
}
