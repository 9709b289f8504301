/** Names and texts of a hostile user cost time in proportion to their length, whatever they are made of. */
import { expect, test } from "vitest";
import { ENTRIES } from "../../src/features/explain/entries/index.ts";
import { nearestTopics, topicsOf } from "../../src/features/explain/find-topics.ts";
import { isLineOfStack, raisedAt } from "../../src/features/explain/frames/index.ts";
import { LANGUAGE_CLUES, LIBRARIES } from "../../src/features/explain/libraries.ts";
import { Lines } from "../../src/features/explain/lines.ts";
import { problemsOfRow, rowNumberOf } from "../../src/features/integrity/messages.ts";
import { moduleIn } from "../../src/features/integrity/worker/schema.ts";
import { withStandIns } from "../../src/features/integrity/worker/stand-in/collate.ts";
import { uncheckedTable } from "../../src/features/integrity/worker/virtual-table-error.ts";
import { parseLsof } from "../../src/lsof/fields.ts";
import { interpretationsOf } from "../../src/lsof/names.ts";
import { parseArgument } from "../../src/observe/argument.ts";
import { parsePasswd } from "../../src/observe/sources/proc/users.ts";
import { parseCgroup } from "../../src/proc/cgroup.ts";
import { parseCommandLine } from "../../src/proc/cmdline.ts";
import { parseFdInfo } from "../../src/proc/fdinfo.ts";
import { parseIo } from "../../src/proc/io.ts";
import { parseOpenFilesLimit } from "../../src/proc/limits.ts";
import { parseLocks } from "../../src/proc/locks.ts";
import { parseMountinfo } from "../../src/proc/mountinfo.ts";
import { parseExecStart } from "../../src/proc/sched.ts";
import { parseStat } from "../../src/proc/stat.ts";
import { parseCredentials } from "../../src/proc/status.ts";
import { render as renderIntegrity } from "../../src/render/integrity/index.ts";
import { renderPretty } from "../../src/render/integrity/pretty.ts";
import { REPORTERS } from "../../src/render/integrity/reporter-names.ts";
import { cut, wrap } from "../../src/render/layout.ts";
import { paragraph } from "../../src/render/paragraph.ts";
import { PLAIN } from "../../src/render/style.ts";
import { namedColumns } from "../../src/render/who-holds/column-choice.ts";
import { COLUMNS } from "../../src/render/who-holds/columns.ts";
import { renderText } from "../../src/render/who-holds/text.ts";
import { databaseOfCompanion } from "../../src/sqlite/roles.ts";
import { escapeJson, escapeText } from "../../src/text/escape.ts";
import { asClause } from "../../src/text/sentence.ts";
import { shellQuoted } from "../../src/text/shell.ts";
import { sqlQuoted } from "../../src/text/sql.ts";
import { CONTEXT, corrupt, integrityReport, problem } from "../support/integrity.ts";
import { FEW_PUMPS, notLinear, PUMPS } from "../support/linear.ts";
import { databaseReport, report, walWriter } from "../support/report.ts";

interface Case {
  readonly run: (text: string) => unknown;
  /** What gets its patterns going. */
  readonly starts?: readonly string[];
  readonly few?: boolean;
  /** Halves of what its own patterns look for. */
  readonly pumps?: readonly string[];
}

const NAMES = { byRoot: new Map(), indexes: new Map(), tables: new Set<string>() };
const NARROW = { ...PLAIN, width: 80 };

/** A report that has the text wherever a name may stand. */
function problemsWith(text: string) {
  return integrityReport(
    corrupt({
      path: text,
      reason: text,
      problems: [
        problem(text),
        problem(`wrong # of entries in index ${text}`, { index: text }),
        problem(`malformed inverted index for FTS5 table ${text}`, { check: "virtual-tables" }),
        problem(text, { check: "foreign-keys", table: text, parent: text }),
      ],
    }),
  );
}

const CASES: Record<string, Case> = {
  "integrity's messages": {
    run: (text) => problemsOfRow(text, NAMES),
    starts: [
      "",
      "*** in database main ***\n",
      "*** in database ",
      "row 1 missing from index ",
      "row 1 values differ from index ",
      "rowid not at end-of-record for row 1 of index ",
      "index ",
      "NULL value in ",
      "unable to validate the inverted index for FTS5 table ",
      "fts5: ",
      "fts5: missing row 1 from content table ",
      "In RTree ",
    ],
    pumps: [
      ' table "',
      " stores an imprecise floating-point value for row ",
      "Tree 1 page 1: ",
      "page 1",
      "key=1",
      " ***",
      ": ",
      ":\n",
      "a.",
    ],
  },
  "the number of the row": {
    run: rowNumberOf,
    starts: ["", "row 1 missing from index "],
    pumps: ["for row 1", "for row 1 of index ", "for row "],
  },
  "the module of a virtual table": {
    run: moduleIn,
    starts: ["", " USING ", ' USING "', " USING ["],
    pumps: ["USING [", "USING\t[(", " USING ", 'USING "', "USING"],
  },
  "the arguments of a virtual table": {
    run: (text) =>
      uncheckedTable({ name: "t", module: "fts5", sql: text }, new Error("error in tokenizer constructor")),
    starts: ["", "CREATE VIRTUAL TABLE t USING fts5(a, ", "USING fts5(tokenize='"],
    pumps: ["USING ", "(", ",", "tokenize='", "tokenize=", "porter ", "a=", '"', "[", "/*"],
  },
  "collations in the schema": {
    run: withStandIns,
    starts: ["", "collate "],
    pumps: ["collate ", "collate ICU ", "collate/*", "collate--\n", "collate '", 'collate "x"'],
  },
  "/proc/locks": { run: parseLocks, starts: ["", "1: POSIX  ADVISORY  WRITE "], pumps: ["1: ", "-> ", "08:02:1 "] },
  "/proc/PID/mountinfo": {
    run: parseMountinfo,
    starts: ["", "22 1 8:1 / / rw "],
    pumps: [" - ", " shared:1", "1 1 1:1 "],
  },
  "/proc/PID/stat": { run: parseStat, starts: ["", "1 ("], pumps: [") ", ") S 1 "] },
  "/proc/PID/status": { run: parseCredentials, starts: ["", "Uid:\t", "Groups:\t"], pumps: ["Uid:\t", "1 ", "1\t"] },
  "/proc/PID/fdinfo": { run: parseFdInfo, starts: ["", "flags:\t02\nmnt_id:\t1\n"], pumps: ["lock:\t", "lock:\t1: "] },
  "/proc/PID/limits": { run: parseOpenFilesLimit, starts: ["", "Max open files "], pumps: ["Max open files ", "1 "] },
  "/proc/PID/io": { run: parseIo, starts: ["", "rchar: "], pumps: ["rchar: ", "wchar: 1\n"] },
  "/proc/PID/sched": {
    run: parseExecStart,
    starts: ["", "se.exec_start "],
    pumps: ["se.exec_start ", "se.exec_start :"],
  },
  // the kernel cuts it off at 4096 bytes
  "/proc/PID/cgroup": {
    run: (text) => parseCgroup(text.slice(0, 4096)),
    starts: ["0::"],
    pumps: ["/kubepods/p", "/a"],
  },
  "/proc/PID/cmdline": { run: parseCommandLine, pumps: ["a\0"] },
  "/etc/passwd": { run: parsePasswd, pumps: ["a:x:1:", "a:x:1\n", ":"] },
  "what lsof prints": { run: parseLsof, starts: ["", "p1\nf3\n", "n"], pumps: ["p1\n", "f3\n", "n/a\n", "\\x"] },
  "names that lsof escaped": { run: interpretationsOf, pumps: ["\\x4", "^", "\\\\"] },
  "an argument": {
    run: parseArgument,
    starts: ["", "file:", "file://", "sqlite3:", "jdbc:sqlite:///"],
    pumps: ["file:", "//", "?a=", "&mode=", "%4", "#"],
  },
  "the name of a companion file": { run: databaseOfCompanion, pumps: ["-wal", "-mj", "-mj0123"] },
  "escaping text": { run: escapeText },
  "escaping JSON": { run: (text) => escapeJson(JSON.stringify(text)) },
  "a word for the shell": { run: shellQuoted },
  "a name for SQL": { run: sqlQuoted },
  "a clause of a sentence": { run: asClause, pumps: [". ", "A"] },
  "a paragraph": { run: (text) => paragraph(escapeText(text), "  ", NARROW), pumps: ["1 s ", "1 m 1 ", "- "] },
  "a cell that is cut": { run: (text) => cut(escapeText(text), 40, "...") },
  "a cell that is broken": { run: (text) => wrap(escapeText(text), 40) },
  "who-holds, as a table": {
    few: true,
    run: (text) =>
      renderText(report([databaseReport({ path: text, holders: [walWriter({ commandLine: [text] })] })]), {
        columns: namedColumns(COLUMNS),
        lockWords: "explained",
        style: NARROW,
      }),
  },
  "integrity, for a person": { few: true, run: (text) => renderPretty(problemsWith(text), { style: NARROW }) },
  ...Object.fromEntries(
    REPORTERS.filter((name) => name !== "pretty").map((name): [string, Case] => [
      `integrity --reporter ${name}`,
      {
        few: true,
        run: (text) => renderIntegrity(name, problemsWith(text), CONTEXT),
        pumps: [" in index ", "table e", "]]>", "&"],
      },
    ]),
  ),
  "the lines of a log": {
    run: (text) => {
      const lines = new Lines();
      for (const bytes of [Buffer.from(text), Buffer.from(text)]) for (const _ of lines.push(bytes));
    },
    pumps: ["\x1b]", "\x1b[0", "\x1b[ "],
  },
};

/** What gets the formats of stack traces going. */
const STACK_STARTS = [
  '  File "a.py", line 1, in f',
  "File /a.py:1, in f",
  "Cell In[2], line 1",
  "/a.py in f",
  "----> 5 ",
  "a.py:9: in f",
  "___ a ___",
  "    at f (/a.js:1:2)",
  "\tat a.B.c(B.java:1)",
  "\t... 3 more",
  "Caused by: a: database is locked",
  "a.rb:1:in 'f'",
  "   at A.B() in /a.cs:line 1",
  "main.f(0x1)\n\t/a.go:1 +0x1",
  "goroutine 1 [running]:",
  "thread 'a' panicked at a.rs:1:1:",
  "  1: f\n   at a.rs:1:1",
  "#0 /a.php(1): f()",
  " in /a.php:1",
  "\tmain::f(1) called at a.pl line 1",
  " at a.pl line 1.",
];

test("stack traces: one long line, and many lines", () => {
  const slow = STACK_STARTS.flatMap((start) =>
    [`${start}\n`, start, ` ${start} `, "a.", "a(", " at ", "'a", ": "].flatMap((pump) => {
      const run = (text: string) => {
        const lines = ["x: database is locked", ...text.split("\n"), "x: database is locked"];
        raisedAt(lines, [0, lines.length - 1]);
        for (const line of lines) isLineOfStack(line);
      };
      return notLinear(run, pump, `${start}\n${start}`) ?? [];
    }),
  );
  expect(slow).toEqual([]);
});

test.each([topicsOf, nearestTopics])("the topics of a text", (run) => {
  for (const pump of [...PUMPS, "wal ", "wal", "locke ", "-", "..", "s-s"]) expect(notLinear(run, pump)).toBeNull();
});

test.each(Object.entries(CASES))("%s", (_, { run, starts = [""], pumps = [], few = false }) => {
  const all = [...(few ? FEW_PUMPS : PUMPS), ...pumps];
  for (const start of starts) for (const pump of all) expect(notLinear(run, pump, start)).toBeNull();
});

test("every clue and form of a library, on what almost matches", () => {
  const patterns = [
    ...LANGUAGE_CLUES.map(({ clue }) => clue),
    ...Object.values(LIBRARIES).flatMap((library) => [...library.clues, ...("forms" in library ? library.forms : [])]),
    ...ENTRIES.flatMap(({ wordings }) => wordings.map(({ pattern }) => pattern)),
  ];
  const slow = patterns.flatMap((pattern) =>
    pumpsOf(pattern).flatMap((pump) => {
      const found = notLinear((text) => pattern.test(text), pump);
      return found === null ? [] : [`${pattern}: ${found}`];
    }),
  );
  expect(slow).toEqual([]);
});

/** Its literal texts, with what may be between them. */
function pumpsOf({ source }: RegExp): string[] {
  const texts = source.split(/\\[bBdswDSW]|[.()[\]{}|^$*+?]+|\\/).filter((text) => text.length > 1);
  return [" ", ": ", "\tat 0(", ") in ", ...texts.slice(0, 6), texts.slice(0, 2).join(" ")].filter(
    (text) => text !== "",
  );
}
