import { describe, expect, it } from "vitest";
import { statementIn } from "../../../../src/recording/sql/statement-in.ts";

describe("statementIn", () => {
  it.each([
    ["insert into t values (1)", 0, "insert into t values (1)"],
    [" insert into t values (1); ", 0, "insert into t values (1); "],
    [" insert into t values (1); ", 1, null],
    ["begin; insert into t values (';'); commit", 1, "insert into t values (';');"],
    ["begin; insert into t values (';'); commit", 2, "commit"],
    ["begin; insert into t values (';'); commit", 3, null],
    ["begin; -- a;\n insert into t values (1); commit", 1, "-- a;\n insert into t values (1);"],
    ["begin;; ;\n;commit; -- the end", 1, "; ;\n;commit;"],
    ["create trigger a after insert on t begin delete from u; end; delete from u", 1, null],
    ["select 1; create trigger a after insert on t begin delete from u; end", 0, "select 1;"],
    [" ; ", 0, null],
    ["", 0, null],
  ])("%j, %i", (text, place, statement) => {
    const found = statementIn({ text, cut: false }, place);
    if (statement === null) expect(found === null || found.text.replace(/[\s;]/g, "") === "").toBe(true);
    else expect(found).toEqual({ text: statement, cut: false });
  });

  it("of a text of which only the beginning is known, the last one may go on", () => {
    expect(statementIn({ text: "select 1; select 2", cut: true }, 0)).toEqual({ text: "select 1;", cut: false });
    expect(statementIn({ text: "select 1;", cut: true }, 0)).toEqual({ text: "select 1;", cut: false });
    const atLeast = { cut: true, length: { bytes: 8, atLeast: true } };
    expect(statementIn({ text: "select 1; select 2", cut: true }, 1)).toEqual({ text: "select 2", ...atLeast });
    expect(statementIn({ text: "select 1", cut: true }, 0)).toEqual({ text: "select 1", ...atLeast });
    expect(statementIn({ text: "select 1; select 2", cut: true }, 1000)).toBeNull();
  });
});
