/**
 * No literal of a statement is left in what is shown of it, and what is shown is still the same statement for SQLite
 * itself: with a parameter in the place of each literal, it prepares and has the same columns.
 */
import Database from "better-sqlite3";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { fingerprintOf } from "../../../../src/recording/sql/fingerprint.ts";
import { kindOf } from "../../../../src/recording/sql/kind.ts";
import { piecesOf } from "../../../../src/recording/sql/pieces.ts";
import { Tokens } from "../../../../src/recording/sql/tokens.ts";

const database = new Database(":memory:");
database.exec('create table t (a, b, "c d"); create table "from" (a)');
afterAll(() => database.close());

const SECRET = "hunter2";

/** Each contains the secret, or is a number with 4711 in it. */
const literal = fc.oneof(
  fc
    .string({ unit: fc.constantFrom("'", '"', "--", "/*", "*/", "?", "[", "`", "\\", " ", "é", "x", ";", "\n") })
    .map((around) => `'${`${around}${SECRET}${around}`.replaceAll("'", "''")}'`),
  fc.constantFrom("4711", "0x4711", "4711.5", ".4711", "4711e3", "4711.5E-2", "4_711", "0x4_711"),
  fc.constantFrom(`x'${Buffer.from(SECRET).toString("hex")}'`, "X'4711'"),
);
const space = fc.constantFrom(" ", "\n", "\t", ` -- ${SECRET}\n`, `/* '${SECRET} */`, "/**/", " /*--*/ ");
const name = fc.constantFrom("a", "t.a", '"t"."c d"', '"t".b', "[c d]", "`c d`");
const expression: fc.Arbitrary<string> = fc.letrec<{ it: string }>((tie) => ({
  it: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    literal,
    name,
    fc.constantFrom("?", "?7", ":a", "@b", "$c", "null", "true"),
    fc
      .tuple(tie("it"), fc.constantFrom("+", "||", "<>", "is distinct from", "->>", "=="), tie("it"))
      .map((each) => each.join(" ")),
    fc
      .tuple(tie("it"), fc.array(literal, { minLength: 1, maxLength: 4 }))
      .map(([it, all]) => `${it} in (${all.join(", ")})`),
    tie("it").map((it) => `coalesce(${it}, ${it})`),
  ),
})).it;
const statement = fc.oneof(
  fc
    .tuple(space, expression, expression, space)
    .map(([s, one, two, r]) => `select${s}${one} as "x"${r}, ${two} from "t"${s}where ${two}${r}limit 4711`),
  fc
    .tuple(space, fc.array(fc.tuple(literal, literal), { minLength: 1, maxLength: 5 }))
    .map(
      ([s, rows]) => `insert into "t"${s}("a", "b") values${s}${rows.map((row) => `(${row.join(",")})`).join(`,${s}`)}`,
    ),
  fc
    .tuple(space, expression, expression)
    .map(([s, one, two]) => `update t${s}set "a" = ${one}, "c d" = ${two} where ${two};`),
  fc
    .tuple(space, expression)
    .map(([s, one]) => `with x as (select ${one}) delete from t where${s}a in (select * from x)`),
);

test("no literal is left", () => {
  fc.assert(
    fc.property(statement, (sql) => {
      const shown = fingerprintOf({ text: sql, cut: false });
      expect(shown).not.toMatch(/hunter2|4711|4_711/);
      expect(shown).not.toMatch(/[\n\t]|--|\/\*/);
    }),
    { numRuns: 500 },
  );
});

test("nor where the text is cut, wherever", () => {
  fc.assert(
    fc.property(statement, fc.double({ min: 0, max: 1, noNaN: true }), (sql, share) => {
      expect(fingerprintOf({ text: sql.slice(0, Math.floor(sql.length * share)), cut: true })).not.toMatch(
        /hunt|471|4_7/,
      );
    }),
    { numRuns: 500 },
  );
});

test("SQLite takes what is shown for the same statement", () => {
  fc.assert(
    fc.property(statement, (sql) => {
      const shown = piecesOf(sql, false)
        .map(({ text, spaced }) => (spaced ? ` ${text}` : text))
        .join("");
      const [original, replaced] = [database.prepare(sql), database.prepare(shown)];
      expect(replaced.reader).toBe(original.reader);
      if (original.reader) expect(replaced.columns().length).toBe(original.columns().length);
    }),
    { numRuns: 300 },
  );
});

test("a text with the same shape has the same fingerprint", () => {
  const shape = (one: string, list: readonly string[]) =>
    `select a from t where b = ${one} and a in (${list.join(",")})`;
  fc.assert(
    fc.property(
      literal,
      literal,
      fc.array(literal, { minLength: 1 }),
      fc.array(literal, { minLength: 1 }),
      (a, b, c, d) => {
        const [one, two] = [shape(a, c), shape(b, d)].map((text) => fingerprintOf({ text, cut: false }));
        expect(one).toBe(two);
      },
    ),
    { numRuns: 100 },
  );
});

/** Whether SQLite reads `text` as one token: nothing else gives a column of this value. */
const value = (text: string): unknown => database.prepare(`select ${text}`).raw().get();

test.each([
  ["'a''b'", "a'b"],
  ["x'61'", Buffer.from("a")],
  ["1_000.5e1_0", 1000.5e10],
  ["0x1_F", 31],
  [".5", 0.5],
  ["5.", 5],
])("%s is one token for SQLite as well", (text, expected) => {
  expect(value(text)).toEqual([expected]);
  const tokens = new Tokens(text);
  expect([tokens.next(), tokens.end]).toEqual([true, text.length]);
});

test.each(["1abc", "0x", "1e", "1e+x", "'a", "x'6'", "x'zz'", '"a', "[a", "@", "$a(b c)"])(
  "SQLite refuses %s",
  (text) => {
    expect(() => database.prepare(`select ${text}`)).toThrow();
  },
);

test("any text at all: to its end, and never with more than it had", () => {
  const anything = fc.string({
    unit: fc.constantFrom(..."'\"`[]()?:@$#-/*.,;=x0_1eE+ \n\0\u{feff}é\u{1f600}aZ\\".split("")),
  });
  fc.assert(
    fc.property(anything, fc.boolean(), (text, cut) => {
      const tokens = new Tokens(text);
      let end = 0;
      while (tokens.next()) {
        expect(tokens.start).toBe(end);
        expect(tokens.end).toBeGreaterThan(end);
        end = tokens.end;
      }
      expect(end).toBe(tokens.text.length);
      fingerprintOf({ text, cut });
      kindOf(text);
    }),
    { numRuns: 1_000 },
  );
});

/** A literal in the place of the fingerprint's own `?` changes nothing: it is the same for itself. */
test("what is shown is shown the same again", () => {
  fc.assert(
    fc.property(statement, (sql) => {
      const once = fingerprintOf({ text: sql, cut: false });
      expect(fingerprintOf({ text: once, cut: false })).toBe(once);
    }),
    { numRuns: 200 },
  );
});
