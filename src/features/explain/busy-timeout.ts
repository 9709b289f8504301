/** The busy timeout of the program, where a log or a traceback shows it. Pure. */
import { type LogTime, type Numbered, SPOKEN, toMs } from "./times.ts";

/**
 * `PRAGMA busy_timeout = 5000`, `busyTimeout: 5000`, `busy_timeout(5000)`, `?_timeout=5000`: always ms. Not
 * SQLITE_BUSY_TIMEOUT (773).
 */
const BUSY_TIMEOUT =
  /(?<!SQLITE_)\bbusy_?timeout["']?\s?[=:(]\s?["']?(\d{1,8})\b|_busy_timeout=(\d{1,8})\b|[?&]_timeout=(\d{1,8})\b/i;

/** `timeout=20` may be about anything: it counts only on a line about SQLite. */
const TIMEOUT = /\btimeout["']?\s?[=:]\s?["']?(\d{1,8}(?:\.\d{1,3})?) ?(ms|s)?\b/i;

/** `failed after 0.007 s (timeout 20.0 s)`: beside the time that it took. */
const BESIDE_ELAPSED = /\btimeout[ =:]{1,3}(?:of |is |was )?(\d{1,8}(?:\.\d{1,3})?) ?(ms|s|secs?|seconds?)\b/i;

const OF_SQLITE = /sqlite|["']OPTIONS["']|\bDatabase\(|\bData Source=/i;

/** `sqlite3.connect("x.db", 30)`: its second parameter is the timeout, in seconds. */
const POSITIONAL = /\bsqlite3\.connect\([^,()]{1,300},\s*(\d{1,6}(?:\.\d{1,3})?)\s*[,)]/;

/** `timeout: 5000` of Rails' database.yml. */
const YAML_TIMEOUT = /^\s*timeout: (\d{1,8})\s*$/;
const YAML_ADAPTER = /^\s*adapter: ["']?sqlite3["']?\s*$/;

/** Entity Framework's, in seconds. */
const COMMAND_TIMEOUT = /\bCommandTimeout='(\d{1,6})'/;

/** A call whose parameters continue on the next lines. */
const OPEN_CALL = /\b(?:sqlite3\.connect|Database|DatabaseSync|create_engine)\([^()]{0,300}$/;
const MAX_LINES = 8;

/** The one nearest to the message. `unit`: of an option that is just called `timeout`; null: not known. */
export function timeoutIn(lines: readonly Numbered[], hit: number, unit: "s" | "ms" | null): LogTime | null {
  const nearest = lines.map((_, i) => ({ i, far: Math.abs(i - hit) })).sort((a, b) => a.far - b.far);
  for (const { i } of nearest) {
    const line = lines[i];
    const ms =
      line === undefined
        ? null
        : (timeoutOn(line.text, unit) ?? timeoutOfCall(lines, i, unit) ?? timeoutOfYaml(lines, i));
    if (line !== undefined && ms !== null) return { ms, line: line.number };
  }
  return null;
}

function timeoutOn(text: string, unit: "s" | "ms" | null): number | null {
  const busy = BUSY_TIMEOUT.exec(text);
  const plain = OF_SQLITE.test(text) ? TIMEOUT.exec(text) : null;
  const beside = SPOKEN.test(text) ? BESIDE_ELAPSED.exec(text) : null;
  return (
    toMs(busy?.[1] ?? busy?.[2] ?? busy?.[3], "ms") ??
    toMs(plain?.[1], plain?.[2] ?? unit ?? undefined) ??
    toMs(POSITIONAL.exec(text)?.[1], "s") ??
    toMs(COMMAND_TIMEOUT.exec(text)?.[1], "s") ??
    toMs(beside?.[1], beside?.[2])
  );
}

/** Python 3.13 shows all lines of a call. */
function timeoutOfCall(lines: readonly Numbered[], at: number, unit: "s" | "ms" | null): number | null {
  if (!OPEN_CALL.test(lines[at]?.text ?? "")) return null;
  const rest = lines.slice(at, at + MAX_LINES).map((line) => line.text.trim().slice(0, 1000));
  const end = rest.findIndex((text) => text.startsWith(")") || text.endsWith(")"));
  return end < 0 ? null : timeoutOn(rest.slice(0, end + 1).join(""), unit);
}

function timeoutOfYaml(lines: readonly Numbered[], at: number): number | null {
  const timeout = YAML_TIMEOUT.exec(lines[at]?.text ?? "");
  if (timeout === null) return null;
  const near = lines.slice(Math.max(0, at - MAX_LINES), at + MAX_LINES);
  return near.some(({ text }) => YAML_ADAPTER.test(text)) ? toMs(timeout[1], "ms") : null;
}
