import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { moduleArguments, optionIn } from "../../../../../src/features/integrity/worker/module-arguments.ts";
import {
  FTS5_TOKENIZERS,
  isUnreadable,
  textSourceOf,
  uncheckedTable,
} from "../../../../../src/features/integrity/worker/virtual-table-error.ts";

const table = (args: string, module = "fts5") => ({
  name: "t",
  module,
  sql: `CREATE VIRTUAL TABLE "using(t" USING ${module}(${args})`,
});

const why = (message: string, args = "a") => uncheckedTable(table(args), new Error(message));

test.each([
  ["a, tokenize='porter jieba'", "jieba"],
  ["a, tokenize = \"porter porter 'my own' x\"", "my own"],
  ["a, T='simple'", "simple"],
])("%s lacks the tokenizer %s", (args, name) => {
  expect(why("error in tokenizer constructor", args)).toEqual({
    code: "missing-requirement",
    table: "t",
    requirement: { type: "tokenizer", name },
  });
});

test.each(["unicode61 newoption 1", "Porter Unicode61 newoption 1", "trigram case_sensitive 7"])(
  "%s is one that it has, with other arguments",
  (tokenizer) => {
    expect(why("error in tokenizer constructor", `a, tokenize='${tokenizer}'`)).toEqual({
      code: "tokenizer-arguments",
      table: "t",
      tokenizer,
    });
  },
);

test("the tokenizers of this SQLite", () => {
  const db = new Database(":memory:");
  for (const name of FTS5_TOKENIZERS) db.exec(`create virtual table ${name} using fts5(a, tokenize='${name}')`);
  expect(() => db.exec("create virtual table x using fts5(a, tokenize='simple')")).toThrow("no such tokenizer: simple");
  db.close();
});

test.each([
  [
    "invalid fts5 file format (found 9, expected 4 or 5) - run 'rebuild'",
    { code: "table-format", found: "9", known: "4 or 5" },
  ],
  ['unrecognized option: "x"', { code: "table-option", module: "fts5", message: 'unrecognized option: "x"' }],
  ["unknown tokenizer", { code: "table-option", message: "unknown tokenizer" }],
  ["no such tokenizer: x", { code: "missing-requirement", requirement: { type: "tokenizer", name: "x" } }],
  ["error in tokenizer constructor", { code: "sqlite-error", missing: false }],
  ["no such table: main.t_data", { code: "sqlite-error", message: "no such table: main.t_data" }],
])("%s", (message, expected) => {
  expect(why(message)).toMatchObject({ ...expected, table: "t" });
});

test("an index that could not be read is no malformed one, and damage of it is", () => {
  expect(isUnreadable("unable to validate the inverted index for FTS4 table main.a: SQL logic error")).toBe(true);
  expect(
    isUnreadable("unable to validate the inverted index for FTS4 table main.a: database disk image is malformed"),
  ).toBe(false);
  expect(isUnreadable("malformed inverted index for FTS4 table main.a: SQL logic error")).toBe(false);
});

test("arguments, split at their commas", () => {
  expect(moduleArguments(table("a, b='x,y(', c(1, 2) , \"d)\"").sql)).toEqual(["a", "b='x,y('", "c(1, 2)", '"d)"']);
  expect(moduleArguments("CREATE VIRTUAL TABLE t USING m")).toEqual([]);
  expect(moduleArguments("CREATE VIRTUAL TABLE t USING m(a, b")).toEqual(["a"]);
  expect(optionIn(["content", "x=1", "CONTENT = 'a''b'"], "content", { abbreviated: false })).toBe("a'b");
});

test.each([
  ["a, content=''", { isContentless: true, table: null, uncompress: null }],
  ['a, content="src", uncompress=unzip', { isContentless: false, table: "src", uncompress: "unzip" }],
  ["a", { isContentless: false, table: null, uncompress: null }],
])("the text of fts4(%s)", (args, expected) => {
  expect(textSourceOf(table(args, "fts4"))).toEqual(expected);
});
