/**
 * How long the program waited before the error, where a log says so: on the error's line or in its record, beside the
 * statement that failed, or in words about the failure. Pure.
 */
import { type LogTime, MAX_MS, type Numbered, SPOKEN, toMs } from "./times.ts";

/** `elapsed_ms=5003`, `"durationMs": 5003`. */
const KEYED = /\b(?:elapsed|duration|took|latency)_?(ms|s|seconds)["']?[=:] ?["']?(\d{1,9}(?:\.\d{1,9})?)\b/i;

/** `[5023ms]`, `(5023.1ms)`. */
const BRACKETED = /[[(](\d{1,9}(?:\.\d{1,9})?) ?(ms)[\])]/;

/** A field of a record in several lines: `  "durationMs": 5003,`. */
const FIELD = /^\s+["'[]?\w+["'\]]?: /;

/** A line after the message with nothing else in it: `elapsed: 1.5s`. */
const ALONE = /^\s*(?:elapsed|took|duration|waited(?: for)?|after)\b[^\n]{1,40}$/i;

/** `failed after 0.007 s`. */
const FAILED = /\b(?:failed|gave up|timed out|giving up) (?:after|in)\b/i;

/** What another program did, or what succeeded. */
const UNRELATED = new RegExp(
  [
    String.raw`\b(?:redis|memcached?|kafka|rabbitmq|amqp|postgres\w*|mysql|mariadb|mongo\w*|elastic\w*)\b`,
    String.raw`\b(?:smtp|imap|ldap|dns|ssh|grpc|https?|s3|health\w*|ping|connect(?:ion|ing)? to)\b`,
    String.raw`\b(?:GET|PUT|POST|PATCH|HEAD|OPTIONS)\b`,
    String.raw`\blevel["']?[=:]\s?["']?(?:info|debug|trace)\b|\b(?:INFO|DEBUG|TRACE)\b`,
    String.raw`\b(?:status["']?[=:]?|HTTP\/[\d.]+"?) ?["']?[123]\d\d\b`,
  ].join("|"),
  "i",
);

/** `(5.012) INSERT INTO …; args=…`, as Django logs a statement, also one that failed. */
const DJANGO_STATEMENT = /\((\d{1,6}\.\d{3})\) ([a-z]{4,9})\b/i;

/** `User Create (5003.1ms)  INSERT INTO …`, as Rails logs it. */
const RAILS_STATEMENT = /\((\d{1,9}(?:\.\d{1,3})?)ms\) +([a-z]{4,9})\b/i;

/** `Failed executing DbCommand (30,012ms)`, as Entity Framework logs a statement that failed. */
const EF_STATEMENT = /\bFailed executing DbCommand \((\d{1,3}(?:[,.\u00a0\u202f]?\d{3}){0,3})ms\)/;

/** Statements that wait for a lock. Not SELECT: it may be the statement before the one that failed. */
const WRITES = /^(?:BEGIN|COMMIT|INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP)$/i;
const ANY_STATEMENT = /^(?:BEGIN|COMMIT|SAVEPOINT|INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP|SELECT|PRAGMA)$/i;

const STATEMENT = new RegExp(
  [
    String.raw`\b(?:BEGIN|COMMIT|UPDATE)\b`,
    String.raw`\b(?:[Ii]nsert|INSERT) (?:into|or|INTO|OR)\b`,
    String.raw`\b(?:delete from|DELETE FROM|replace into|REPLACE INTO|update \S{1,200} set)\b`,
  ].join("|"),
);

const CLOCK = /\b(\d\d):(\d\d):(\d\d)[.,](\d{3})/;

/** How many lines from the message it can be. */
const NEAR = 2;
const STATEMENTS_BEFORE = 4;
const COMMAND_BEFORE = 25;

/** A statement after which others ran takes less time, unless it failed. */
const NOTICED_MS = 1000;

/** `hits` are the indices of the lines with the message; `lines` are of one program. */
export function elapsedIn(lines: readonly Numbered[], hits: readonly number[]): LogTime | null {
  const head = headOf(lines, hits);
  const after = Math.max(...hits);
  const own = [
    ...hits,
    ...recordOf(lines, hits),
    ...[after + 1, after + NEAR].filter((at) => ALONE.test(lines[at]?.text ?? "")),
  ];
  const near = [
    ...hits.flatMap((hit) => Array.from({ length: NEAR }, (_, i) => [hit + i + 1, hit - i - 1]).flat()),
    head - 1,
    head - 2,
  ];
  const spoken = near.filter((at) => FAILED.test(lines[at]?.text ?? "") && !UNRELATED.test(lines[at]?.text ?? ""));
  for (const at of [...own, ...spoken]) {
    const line = lines[at];
    const ms = line === undefined ? null : timeOn(line.text, hits.includes(at));
    if (line !== undefined && ms !== null) return { ms, line: line.number };
  }
  return elapsedOfCommand(lines, hits) ?? elapsedOfStatement(lines, head, failedInCommit(lines, Math.min(...hits)));
}

function timeOn(text: string, hit: boolean): number | null {
  const [spoken, keyed, bracketed] = [SPOKEN.exec(text), KEYED.exec(text), hit ? BRACKETED.exec(text) : null];
  return toMs(spoken?.[1], spoken?.[2]) ?? toMs(keyed?.[2], keyed?.[1]) ?? toMs(bracketed?.[1], bracketed?.[2]);
}

/** The other fields of the same record, where each has its own line. */
function recordOf(lines: readonly Numbered[], hits: readonly number[]): number[] {
  const isField = (at: number) => FIELD.test(lines[at]?.text ?? "");
  const found: number[] = [];
  for (const hit of hits) {
    for (let at = hit + 1; isField(at); at++) found.push(at);
    if (isField(hit)) for (let at = hit - 1; isField(at); at--) found.push(at);
  }
  return found;
}

/** Where the error begins: the first line of its traceback, or of the first one in its chain. */
function headOf(lines: readonly Numbered[], hits: readonly number[]): number {
  const hit = Math.min(...hits);
  const traceback = tracebackBefore(lines, hit);
  const other = lines.findLastIndex((line, i) => i < hit && i > traceback && /^\w/.test(line.text));
  if (traceback < 0 || other >= 0) return hit;
  for (let head = traceback; ; ) {
    const before = lines.findLastIndex((line, i) => i < head && line.text.trim() !== "");
    const earlier = IN_A_CHAIN.test(lines[before]?.text ?? "") ? tracebackBefore(lines, before) : -1;
    if (earlier < 0) return head;
    head = earlier;
  }
}

/** Python's sentences between the tracebacks of one chain. */
const IN_A_CHAIN = /^(?:During handling of the above exception|The above exception was the direct cause)/;

function tracebackBefore(lines: readonly Numbered[], at: number): number {
  return lines.findLastIndex((line, i) => i < at && line.text.includes("Traceback (most recent call last)"));
}

/** The statement that failed, which Entity Framework logs before its exception. */
function elapsedOfCommand(lines: readonly Numbered[], hits: readonly number[]): LogTime | null {
  const hit = Math.max(...hits);
  const line = lines.slice(Math.max(0, hit - COMMAND_BEFORE), hit).findLast(({ text }) => EF_STATEMENT.test(text));
  const ms = toMs(EF_STATEMENT.exec(line?.text ?? "")?.[1]?.replace(/\D/g, ""), "ms");
  return line === undefined || ms === null ? null : { ms, line: line.number };
}

/** Python's last line of source before the message: a COMMIT that no log has. */
function failedInCommit(lines: readonly Numbered[], hit: number): boolean {
  const source = lines.slice(Math.max(0, hit - 2), hit).findLast(({ text }) => /^\s+[^\s^~]/.test(text));
  return /\.commit\(\)/.test(source?.text ?? "");
}

/** From the statement that was logged last before the error. */
function elapsedOfStatement(lines: readonly Numbered[], head: number, commit: boolean): LogTime | null {
  const failed = lines.slice(Math.max(0, head - NEAR), head + 1).findLast((line) => CLOCK.test(line.text));
  let followed = false;
  for (let at = head - 1; at >= Math.max(0, head - STATEMENTS_BEFORE); at--) {
    const line = lines[at];
    if (line === undefined) continue;
    const timed = timedStatement(line.text);
    if (timed !== null && !WRITES.test(timed.verb)) {
      followed = true;
      continue;
    }
    if (timed !== null) {
      const other = (commit && !/^commit$/i.test(timed.verb)) || (followed && timed.ms < NOTICED_MS);
      return other ? null : { ms: timed.ms, line: line.number };
    }
    if (!STATEMENT.test(line.text)) continue;
    const [begun, ended] = [clockOf(line.text), failed === undefined || failed === line ? null : clockOf(failed.text)];
    if (begun === null || ended === null || commit) return null;
    const ms = (ended - begun + MAX_MS) % MAX_MS;
    return ms <= MAX_BETWEEN_LINES_MS ? { ms, line: line.number, atMost: true } : null;
  }
  return null;
}

function timedStatement(text: string): { readonly ms: number; readonly verb: string } | null {
  const [django, rails] = [DJANGO_STATEMENT.exec(text), RAILS_STATEMENT.exec(text)];
  const [ms, verb] = [toMs(django?.[1], "s") ?? toMs(rails?.[1], "ms"), django?.[2] ?? rails?.[2] ?? ""];
  return ms !== null && ANY_STATEMENT.test(verb) ? { ms, verb } : null;
}

/** Lines further apart than this do not belong together. */
const MAX_BETWEEN_LINES_MS = 600_000;

/** Ms since midnight. */
function clockOf(text: string): number | null {
  const match = CLOCK.exec(text);
  if (match === null) return null;
  const [hours = 0, minutes = 0, seconds = 0, ms = 0] = match.slice(1).map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
}
