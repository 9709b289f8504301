/** What a text of SQL does, by the first words of its statements. */

export interface Control {
  readonly kind: "begin" | "commit" | "rollback" | "savepoint" | "release";
  /** Of a savepoint, in lower case. */
  readonly name: string;
}

export interface SqlFacts {
  /** Without those that begin and end transactions. */
  readonly statements: number;
  readonly isRead: boolean;
  readonly isWrite: boolean;
  readonly controls: readonly Control[];
  /** Nothing but the beginning of a transaction that takes no lock. */
  readonly isDeferred: boolean;
}

/** A longer script is judged by its beginning. */
const LONGEST_SCRIPT = 20_000;

const FIRST_WORDS = /^(?:[\s;]|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*([a-z]+)(?:\s+([\w"'`[\]]+))?(?:\s+([\w"'`[\]]+))?/i;
const TOKEN = /'[^']*(?:'|$)|"[^"]*(?:"|$)|`[^`]*(?:`|$)|\[[^\]]*(?:\]|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[;()]|\w+/g;
const WRITES = new Set(["insert", "update", "delete", "replace", "create", "drop", "alter", "reindex", "analyze"]);
const READS = new Set(["select", "values"]);

/** @param isScript whether it may have several statements */
export function sqlFacts(text: string, isScript: boolean): SqlFacts {
  const facts = { statements: 0, isRead: false, isWrite: false, controls: [] as Control[], isDeferred: false };
  const statements = isScript && /;\s*\S/.test(text) ? split(text.slice(0, LONGEST_SCRIPT)) : [text];
  for (const statement of statements) {
    const [, first = "", second = "", third = ""] = FIRST_WORDS.exec(statement) ?? [];
    const word = first.toLowerCase();
    if (word === "") continue;
    const control = controlOf(word, second, third);
    if (control !== undefined) facts.controls.push(control);
    else facts.statements += 1;
    facts.isDeferred = word === "begin" && !/^(?:immediate|exclusive)$/i.test(second);
    const verb = word === "with" ? verbBehindWith(statement) : word;
    if (WRITES.has(verb)) facts.isWrite = true;
    else if (READS.has(verb)) facts.isRead = true;
  }
  return facts;
}

function controlOf(word: string, second: string, third: string): Control | undefined {
  const name = (text: string) => text.replace(/["'`[\]]/g, "").toLowerCase();
  if (word === "begin") return { kind: "begin", name: "" };
  if (word === "commit" || word === "end") return { kind: "commit", name: "" };
  if (word === "savepoint") return { kind: "savepoint", name: name(second) };
  if (word === "release") return { kind: "release", name: name(/^savepoint$/i.test(second) ? third : second) };
  const isWhole = !/^to$/i.test(second) && !/^to$/i.test(third);
  return word === "rollback" && isWhole ? { kind: "rollback", name: "" } : undefined;
}

function verbBehindWith(statement: string): string {
  let depth = 0;
  for (const [token] of statement.slice(0, LONGEST_SCRIPT).matchAll(TOKEN)) {
    if (token === "(") depth += 1;
    else if (token === ")") depth -= 1;
    else if (depth === 0 && (WRITES.has(token.toLowerCase()) || READS.has(token.toLowerCase())))
      return token.toLowerCase();
  }
  return "select";
}

/** At semicolons, those of a trigger's body excepted. */
function split(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  let words = "";
  for (const match of text.matchAll(TOKEN)) {
    const token = match[0];
    if (/^\w/.test(token)) words = next(words, token);
    if (token !== ";" || (isTrigger(words) && !/ end$/.test(words))) continue;
    found.push(text.slice(start, match.index));
    start = match.index + 1;
    words = "";
  }
  found.push(text.slice(start));
  return found;
}

/** The first three words of a statement, and its last. */
function next(words: string, word: string): string {
  const all = words.split(" ").filter((each) => each !== "");
  return ` ${[...all.slice(0, 3), word.toLowerCase()].join(" ")}`;
}

function isTrigger(words: string): boolean {
  return /^ create (?:temp |temporary )?trigger\b/.test(words);
}
