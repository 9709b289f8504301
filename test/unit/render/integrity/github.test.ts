import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DatabaseCheck } from "../../../../src/features/integrity/report.ts";
import { renderGithub } from "../../../../src/render/integrity/github.ts";
import { anyReport } from "../../../support/any-report.ts";
import {
  absent,
  CONTEXT,
  checks,
  corrupt,
  databaseCheck,
  integrityReport,
  locked,
  problem,
} from "../../../support/integrity.ts";

const render = (...databases: DatabaseCheck[]) => renderGithub(integrityReport(...databases), CONTEXT);

interface Command {
  readonly name: string;
  readonly file: string;
  readonly title: string;
  readonly message: string;
}

/** As the runner reads a line back: ActionCommand.TryParseV2, whose escapes are undone with `%25` last. */
function parse(line: string): Command | null {
  const [, name = "", properties = "", message = ""] = /^::([a-z]+) ([^\n]*?)::(.*)$/s.exec(line) ?? [];
  if (name === "") return null;
  const value = (text: string) =>
    text
      .replaceAll("%0D", "\r")
      .replaceAll("%0A", "\n")
      .replaceAll("%3A", ":")
      .replaceAll("%2C", ",")
      .replaceAll("%25", "%");
  const read = Object.fromEntries(
    properties.split(",").map((pair) => [pair.slice(0, pair.indexOf("=")), value(pair.slice(pair.indexOf("=") + 1))]),
  );
  const { file = "", title = "" } = read;
  return { name, file, title, message: message.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%") };
}

const commands = (text: string) => text.split("\n").flatMap((line) => parse(line) ?? []);

test("a corrupt database: an annotation for each table and index, the remedy with the first", () => {
  // long-lines: each workflow command is one line
  expect(render(corrupt({ remedy: "REINDEX" }))).toMatchInlineSnapshot(`
    "::error file=app/db.sqlite3,title=sqlock%3A table orders%2C index orders_by_date (structure)%3A 5 problems::wrong # of entries in index orders_by_date%0Arow 17 missing from index orders_by_date%0Arow 18 missing from index orders_by_date%0Arow 19 missing from index orders_by_date%0Arow 20 missing from index orders_by_date%0ATo do: REINDEX
    ::error file=app/db.sqlite3,title=sqlock%3A table orders (foreign-keys)%3A 1 problem::row 4 of orders refers to a row of customers that does not exist
    1 database: 1 corrupt
    "
  `);
  // long-lines end
});

test("what is not checked is an error as well; what was left out on purpose is none", () => {
  const left = checks({ "foreign-keys": { result: "not-checked", reason: "left out", reasonCode: "left-out" } });
  const module = checks({
    "virtual-tables": { result: "not-checked", reason: "no such module: spellfix1", reasonCode: "missing-module" },
  });
  expect(
    render(
      locked(),
      absent(),
      databaseCheck({ checks: left }),
      corrupt({ problems: [], checks: module, reason: "why" }),
    ),
    // long-lines: each workflow command is one line
  ).toMatchInlineSnapshot(`
    "::error file=app/db.sqlite3,title=sqlock%3A not checked::locked by 4242 (python manage.py shell)%0ATo do: Wait until 4242 has finished, or look with --wait 1m.
    ::error file=app/none.db,title=sqlock%3A not checked::none.db does not exist%0ATo do: check the path
    ::error file=app/db.sqlite3,title=sqlock%3A corrupt::why
    ::error file=app/db.sqlite3,title=sqlock%3A virtual-tables not checked::no such module: spellfix1
    4 databases: 1 ok, 1 corrupt, 2 not checked
    "
  `);
  // long-lines end
});

test("all is well: one line", () => {
  expect(render(databaseCheck())).toBe("1 database: 1 ok\n");
});

describe("a path", () => {
  test.each([
    ["/srv/app/a b%,:.db", "app/a b%,:.db"],
    ["/srv/x\n::error::y.db", "x\n::error::y.db"],
    ["/srv/100%25%0A.db", "100%25%0A.db"],
    ["/", "/"],
    ["/etc/passwd", "/etc/passwd"],
    ["/srvother/a.db", "/srvother/a.db"],
    ["/srv/..a.db", "..a.db"],
    ["none.db", "app/none.db"],
  ])("%j", (path, file) => {
    expect(commands(render(absent({ path }))).map((each) => each.file)).toEqual([file]);
  });
});

test(
  "GitHub shows ten of a step: each database has one before any has its second, and the last one tells of the " +
    "others",
  () => {
    const tables = Array.from({ length: 8 }, (_, i) => problem("x", { table: `t${i}` }));
    const many = render(
      corrupt({ path: "/srv/1.db", problems: tables }),
      corrupt({ path: "/srv/2.db", problems: tables }),
      corrupt({ path: "/srv/3.db" }),
    );
    const errors = commands(many);
    expect(errors).toHaveLength(10);
    expect(errors.slice(0, 3).map(({ file }) => file)).toEqual(["1.db", "2.db", "3.db"]);
    expect(errors.at(-1)?.title).toBe("sqlock: 9 more errors in 2 databases");
    expect(errors.at(-1)?.message).toContain("1.db: sqlock: table t4 (structure): 1 problem");
  },
);

test("ten of them are shown as they are", () => {
  const tables = Array.from({ length: 10 }, (_, i) => problem("x", { table: `t${i}` }));
  const errors = commands(render(corrupt({ problems: tables })));
  expect(errors.map(({ title }) => title)).toEqual(
    tables.map(({ table }) => `sqlock: table ${table} (structure): 1 problem`),
  );
});

test("any report: a line is a command that is read back, or the last one", () => {
  fc.assert(
    fc.property(anyReport, (report) => {
      const lines = renderGithub(report, CONTEXT).split("\n");
      expect(lines.pop()).toBe("");
      expect(lines.pop()).toMatch(/^\d+ databases?: /);
      for (const line of lines) expect(line).not.toMatch(/[\r\n]/);
      const read = lines.map((line) => parse(line));
      expect(read.every((each) => each?.title.startsWith("sqlock: "))).toBe(true);
      for (const name of ["error", "warning", "notice"])
        expect(read.filter((each) => each?.name === name).length).toBeLessThanOrEqual(10);
      const bad = report.databases.filter(({ verdict }) => verdict !== "ok");
      if (bad.length > 0) expect(read.some((each) => each?.name === "error")).toBe(true);
    }),
  );
});
