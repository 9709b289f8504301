/** How long an error waited, and how long it might have, where a log says so. Only what is sure: no number is taken for a time because it is near. */

export interface LogTime {
  readonly ms: number;
  /** The line that it was read from. */
  readonly line: number;
  /** It did not wait longer, but maybe less: read from the times of two lines. */
  readonly atMost?: true;
}

interface Numbered {
  readonly number: number;
  readonly text: string;
}

const UNIT_MS: Record<string, number | undefined> = { ms: 1, s: 1000, min: 60_000 };

function toMs(number: string | undefined, unit: string | undefined): number | null {
  const short = unit
    ?.toLowerCase()
    .replace(/^(?:milliseconds?|msecs?)$/, "ms")
    .replace(/^(?:seconds?|secs?)$/, "s");
  const ms = Number(number) * (UNIT_MS[short ?? ""] ?? Number.NaN);
  return Number.isFinite(ms) && ms <= MOST_MS ? ms : null;
}

/** A day: longer is no wait for a lock. */
const MOST_MS = 86_400_000;

/** `after 5003ms`, `elapsed: 5.01s`, `waited for 5 seconds`; not `retrying after 5s`, nor `generated in 0.0001s`. */
const SPOKEN =
  /(?<!\b(?:try|retry|retrying|again|wait) )\b(?:after|took|elapsed|duration|latency|waited(?: for)?|failed in)\b["']?[ =:]{1,3}["']?(\d{1,9}(?:\.\d{1,9})?) ?(ms|msecs?|milliseconds?|s|secs?|seconds?)\b/i;

/** `elapsed_ms=5003`, `"durationMs": 5003`. */
const KEYED = /\b(?:elapsed|duration|took|latency)_?(ms|s|seconds)["']?[=:] ?["']?(\d{1,9}(?:\.\d{1,9})?)\b/i;

/** `[5023ms]`, `(5023.1ms)`. */
const BRACKETED = /[[(](\d{1,9}(?:\.\d{1,9})?) ?(ms)[\])]/;

/** `(5.012) INSERT INTO …; args=…`, as Django logs a statement, also one that failed. */
const DJANGO_STATEMENT = /\((\d{1,6}\.\d{3})\) (?:BEGIN|COMMIT|SAVEPOINT|INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP|SELECT)\b/i;

/** `User Create (5003.1ms)  INSERT INTO …`, as Rails does. */
const RAILS_STATEMENT = /\((\d{1,9}(?:\.\d{1,3})?)ms\) +(?:BEGIN|COMMIT|SAVEPOINT|INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP|SELECT)\b/i;

const STATEMENT =
  /\b(?:BEGIN|COMMIT|UPDATE)\b|\b(?:[Ii]nsert|INSERT) (?:into|or|INTO|OR)\b|\b(?:delete from|DELETE FROM|replace into|REPLACE INTO|update \S{1,200} set)\b/;

const CLOCK = /\b(\d\d):(\d\d):(\d\d)[.,](\d{3})/;

/** How far from the message it may stand. */
const NEAR = 2;
const STATEMENTS_BEFORE = 4;

/** `hits` are the indices of the lines with the message. */
export function elapsedIn(lines: readonly Numbered[], hits: readonly number[]): LogTime | null {
  const head = headOf(lines, hits);
  const near = [...hits, ...hits.flatMap((hit) => Array.from({ length: NEAR }, (_, i) => [hit + i + 1, hit - i - 1]).flat()), head - 1, head - 2];
  for (const at of near) {
    const line = lines[at];
    if (line === undefined) continue;
    const [spoken, keyed, bracketed] = [SPOKEN.exec(line.text), KEYED.exec(line.text), hits.includes(at) ? BRACKETED.exec(line.text) : null];
    const ms = toMs(spoken?.[1], spoken?.[2]) ?? toMs(keyed?.[2], keyed?.[1]) ?? toMs(bracketed?.[1], bracketed?.[2]);
    if (ms !== null) return { ms, line: line.number };
  }
  return elapsedOfStatement(lines, head);
}

/** Where the error begins: the first line of its traceback, or of its chain of them. */
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

/** From the last statement that was logged before the error. */
function elapsedOfStatement(lines: readonly Numbered[], head: number): LogTime | null {
  const failed = lines.slice(Math.max(0, head - NEAR), head + 1).findLast((line) => CLOCK.test(line.text));
  for (let at = head; at >= Math.max(0, head - STATEMENTS_BEFORE); at--) {
    const line = lines[at];
    if (line === undefined || at === head) continue;
    const told = toMs(DJANGO_STATEMENT.exec(line.text)?.[1], "s") ?? toMs(RAILS_STATEMENT.exec(line.text)?.[1], "ms");
    if (told !== null) return { ms: told, line: line.number };
    if (!STATEMENT.test(line.text)) continue;
    const [begun, ended] = [clockOf(line.text), failed === undefined || failed === line ? null : clockOf(failed.text)];
    if (begun === null || ended === null) return null;
    const ms = (ended - begun + MOST_MS) % MOST_MS;
    return ms <= UNLIKELY_MS ? { ms, line: line.number, atMost: true } : null;
  }
  return null;
}

/** Two lines further apart than this have nothing to do with each other. */
const UNLIKELY_MS = 600_000;

/** Ms since midnight. */
function clockOf(text: string): number | null {
  const match = CLOCK.exec(text);
  if (match === null) return null;
  const [hours = 0, minutes = 0, seconds = 0, ms = 0] = match.slice(1).map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
}

/** `PRAGMA busy_timeout = 5000`, `busyTimeout: 5000`, `busy_timeout(5000)`, `?_timeout=5000`: always ms. Not SQLITE_BUSY_TIMEOUT (773). */
const BUSY_TIMEOUT = /(?<!SQLITE_)\bbusy_?timeout["']?\s?[=:(]\s?["']?(\d{1,8})\b|_busy_timeout=(\d{1,8})\b|[?&]_timeout=(\d{1,8})\b/i;

/** `timeout=20`: of whatever is on the line. */
const TIMEOUT = /\btimeout["']?\s?[=:]\s?["']?(\d{1,8}(?:\.\d{1,3})?) ?(ms|s)?\b/i;

/** `failed after 0.007 s (timeout 20.0 s)`: beside the time that it took. */
const BESIDE_ELAPSED = /\btimeout[ =:]{1,3}(?:of |is |was )?(\d{1,8}(?:\.\d{1,3})?) ?(ms|s|secs?|seconds?)\b/i;

const OF_SQLITE = /sqlite|["']OPTIONS["']|\bDatabase\(|\bData Source=/i;

/** `unit` of an option that is only called `timeout`; null: not known. The nearest to the message. */
export function timeoutIn(lines: readonly Numbered[], hit: number, unit: "s" | "ms" | null): LogTime | null {
  const nearest = lines.map((line, i) => ({ line, far: Math.abs(i - hit) })).sort((a, b) => a.far - b.far);
  for (const { line } of nearest) {
    const busy = BUSY_TIMEOUT.exec(line.text);
    const plain = OF_SQLITE.test(line.text) ? TIMEOUT.exec(line.text) : null;
    const beside = SPOKEN.test(line.text) ? BESIDE_ELAPSED.exec(line.text) : null;
    const ms = toMs(busy?.[1] ?? busy?.[2] ?? busy?.[3], "ms") ?? toMs(plain?.[1], plain?.[2] ?? unit ?? undefined) ?? toMs(beside?.[1], beside?.[2]);
    if (ms !== null) return { ms, line: line.number };
  }
  return null;
}
