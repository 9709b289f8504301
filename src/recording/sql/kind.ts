/** What kind of statement a text is: by its first words, as SQLite reads them. Pure. */
import { Tokens } from "./tokens.ts";

export type StatementKind =
  | "begin" // DEFERRED, or without a word
  | "begin-immediate"
  | "begin-exclusive"
  | "commit" // and END
  | "rollback"
  | "rollback-to"
  | "savepoint"
  | "release"
  | "select" // and VALUES
  | "insert" // and REPLACE
  | "update"
  | "delete"
  | "pragma"
  | "schema" // CREATE, DROP, ALTER, REINDEX
  | "analyze"
  | "vacuum"
  | "attach"
  | "detach"
  | "explain"
  | "empty"
  | "unknown";

const BY_WORD: Readonly<Record<string, StatementKind>> = {
  begin: "begin",
  commit: "commit",
  end: "commit",
  rollback: "rollback",
  savepoint: "savepoint",
  release: "release",
  select: "select",
  values: "select",
  insert: "insert",
  replace: "insert",
  update: "update",
  delete: "delete",
  pragma: "pragma",
  create: "schema",
  drop: "schema",
  alter: "schema",
  reindex: "schema",
  analyze: "analyze",
  vacuum: "vacuum",
  attach: "attach",
  detach: "detach",
  explain: "explain",
};

/** Of the first statement of the text, with literals or without. */
export function kindOf(sql: string): StatementKind {
  const tokens = new Tokens(sql);
  do {
    if (!tokens.nextSolid()) return "empty";
  } while (tokens.text[tokens.start] === ";");
  if (tokens.kind !== "word") return "unknown";
  const word = tokens.word();
  if (word === "with") return kindAfterWith(tokens);
  const kind = Object.hasOwn(BY_WORD, word) ? BY_WORD[word] : undefined;
  if (kind === "begin") return kindOfBegin(tokens);
  if (kind === "rollback") return kindOfRollback(tokens);
  return kind ?? "unknown";
}

/** It changes rows or the schema: outside a transaction it is one, with the write lock. */
export function changesData(kind: StatementKind): boolean {
  return kind === "insert" || kind === "update" || kind === "delete" || kind === "schema";
}

/** It begins or ends a transaction, or a part of it. */
export function controlsTransaction(kind: StatementKind): boolean {
  return beginsTransaction(kind) || kind === "savepoint" || kind === "release" || endsTransaction(kind);
}

export function beginsTransaction(kind: StatementKind): boolean {
  return kind === "begin" || kind === "begin-immediate" || kind === "begin-exclusive";
}

/** RELEASE of the outermost savepoint ends one too: that is not seen here. */
export function endsTransaction(kind: StatementKind): boolean {
  return kind === "commit" || kind === "rollback";
}

function kindOfBegin(tokens: Tokens): StatementKind {
  if (!tokens.nextSolid() || tokens.kind !== "word") return "begin";
  const word = tokens.word();
  return word === "immediate" ? "begin-immediate" : word === "exclusive" ? "begin-exclusive" : "begin";
}

/** ROLLBACK [TRANSACTION [name]] TO [SAVEPOINT] name. */
function kindOfRollback(tokens: Tokens): StatementKind {
  for (let words = 0; words < 3 && tokens.nextSolid(); words++) {
    if (tokens.kind === "word" && tokens.word() === "to") return "rollback-to";
    if (tokens.kind === "symbol") break;
  }
  return "rollback";
}

/** WITH name AS (…), name AS (…) and then the statement, outside of all parentheses. */
function kindAfterWith(tokens: Tokens): StatementKind {
  for (let depth = 0; tokens.nextSolid(); ) {
    const first = tokens.text[tokens.start];
    if (tokens.kind === "symbol" && first === "(") depth++;
    else if (tokens.kind === "symbol" && first === ")") depth--;
    else if (depth === 0 && tokens.kind === "word") {
      const kind = BY_WORD[tokens.word()];
      if (kind === "select" || kind === "insert" || kind === "update" || kind === "delete") return kind;
    }
  }
  return "unknown";
}
