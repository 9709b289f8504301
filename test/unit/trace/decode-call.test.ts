/**
 * `calls.pages`: Python sets WAL mode, creates a table, inserts a row, reads with a statement of 730 bytes, and closes.
 * Probed are open, prepare, step and close of Debian's SQLite 3.40.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ParseError } from "../../../src/errors.ts";
import type { CallEvent } from "../../../src/recording/source-event.ts";
import { probeDecoder } from "../../../src/trace/decode-call.ts";
import type { DecodedEvent } from "../../../src/trace/events.ts";
import { parseFormat } from "../../../src/trace/format.ts";
import { readPage } from "../../../src/trace/page.ts";
import { type Definition, definitionsOf, type SqliteFunction } from "../../../src/trace/probe-definition.ts";
import { decoded, decodersOf, formatFixture, LAYOUT, pageOf, pagesFixture, traceText } from "../../support/trace.ts";

const FUNCTIONS = ["sqlite3_open_v2", "sqlite3_prepare_v2", "sqlite3_step", "sqlite3_close_v2"] as const;

function definitions(name: SqliteFunction): readonly [Definition, Definition] {
  const probe = {
    library: 3,
    file: "/lib/libsqlite3.so",
    function: name,
    offset: 64,
    sqlOffset: 248,
    stateOffset: null,
  };
  const [call, back] = definitionsOf("group", probe) ?? [];
  if (call === undefined || back === undefined) throw new Error("no definition");
  return [call, back];
}

const DECODERS = decodersOf(
  FUNCTIONS.flatMap((name) => {
    const stem = `${name.replace("sqlite3_", "")}_0`;
    const [call, back] = definitions(name);
    return [
      [formatFixture(stem), probeDecoder(formatFixture(stem), call)] as const,
      [formatFixture(`${stem}_r`), probeDecoder(formatFixture(`${stem}_r`), back)] as const,
    ];
  }),
);

const eventsOf = (bytes: Buffer): DecodedEvent[] =>
  decoded(pageOf(bytes), DECODERS, ({ words }, onRecord) => {
    readPage(words, words.byteLength, LAYOUT, { low: 0, high: 0 }, onRecord);
  });

const pages = pagesFixture("calls").map(({ bytes }) => bytes);

function shown(event: DecodedEvent): string {
  if (event.kind === "return") return `return ${event.call} ${event.code}`;
  if (event.kind !== "call") return event.kind;
  const { call, connection, statement, sql } = event;
  const pointers = `${connection === null ? "-" : "db"} ${statement === null ? "-" : "st"}`;
  return `call ${call} ${pointers} ${sql === null ? "null" : sql.text.slice(0, 60)}${sql?.cut ? " (cut)" : ""}`;
}

test("every call of the pages", () => {
  expect(pages.flatMap(eventsOf).map(shown)).toMatchInlineSnapshot(`
    [
      "call open - - null",
      "return open 0",
      "call prepare db - pragma journal_mode=wal",
      "call prepare db - SELECT*FROM"main".sqlite_master ORDER BY rowid",
      "return prepare 0",
      "call step db st null",
      "return step 101",
      "return prepare 0",
      "call step db st pragma journal_mode=wal",
      "return step 100",
      "call prepare db - create table t(a)",
      "return prepare 0",
      "call step db st create table t(a)",
      "call prepare db - SELECT*FROM"main".sqlite_master WHERE tbl_name='t' AND type!",
      "return prepare 0",
      "call step db st null",
      "return step 100",
      "call step db st null",
      "return step 101",
      "return step 101",
      "call prepare db - insert into t values('schön')",
      "return prepare 0",
      "call step db st insert into t values('schön')",
      "return step 101",
      "call prepare db - select a from t where a in ('äöü','äöü','äöü','äöü','äöü','ä (cut)",
      "return prepare 0",
    ]
  `);
});

test("the text at step is that of prepare", () => {
  const calls = pages.flatMap(eventsOf).filter((event): event is CallEvent => event.kind === "call");
  const prepared = new Set(calls.flatMap(({ call, sql }) => (call === "prepare" && sql !== null ? [sql.text] : [])));
  const stepped = calls.flatMap(({ call, sql }) => (call === "step" && sql !== null ? [sql.text] : []));
  expect(stepped.length).toBeGreaterThan(2);
  for (const text of stepped) expect(prepared).toContain(text);
});

describe("the text of a prepare", () => {
  const format = formatFixture("prepare_v2_0");
  const decoder = probeDecoder(format, definitions("sqlite3_prepare_v2")[0]);
  const offsetOf = (name: string) => format.fields.get(name)?.offset ?? Number.NaN;

  /** `bytes`: the argument of the call. */
  function textOf(sql: Buffer, { pointer = 4096, bytes = -1 } = {}) {
    const record = Buffer.alloc(4096, 0xee);
    record.writeBigUInt64LE(BigInt(pointer), offsetOf("text"));
    record.writeInt32LE(bytes, offsetOf("bytes"));
    Buffer.concat([sql, Buffer.alloc(512)]).copy(record, offsetOf("sql"), 0, 512);
    const event = decoder.decode(pageOf(record), 0, 1);
    return event?.kind === "call" ? event.sql : undefined;
  }

  test.each([
    ["a whole text", Buffer.from("select 1"), {}, { text: "select 1", cut: false }],
    ["a null pointer: what is there is left from another event", Buffer.from("select 1"), { pointer: 0 }, null],
    ["an empty text, or one that could not be read", Buffer.from(""), {}, null],
    [
      "one that is shorter than its buffer",
      Buffer.from("select 1; garbage"),
      { bytes: 9 },
      { text: "select 1;", cut: false },
    ],
    ["a length that includes the final zero", Buffer.from("select 1"), { bytes: 9 }, { text: "select 1", cut: false }],
    ["no bytes", Buffer.from("select 1"), { bytes: 0 }, null],
    ["511 bytes", Buffer.alloc(511, "a"), {}, { text: "a".repeat(511), cut: false }],
    ["512 bytes: more may follow", Buffer.alloc(512, "a"), {}, { text: "a".repeat(512), cut: true }],
    ["512 bytes by its length", Buffer.alloc(600, "a"), { bytes: 512 }, { text: "a".repeat(512), cut: false }],
    ["513 bytes by its length", Buffer.alloc(600, "a"), { bytes: 513 }, { text: "a".repeat(512), cut: true }],
    ["cut within a character", Buffer.from(`a${"€".repeat(300)}`), {}, { text: `a${"€".repeat(170)}`, cut: true }],
  ])("%s", (_, sql, options, expected) => {
    const length = expected?.cut === true ? { length: { bytes: 512, atLeast: true } } : {};
    expect(textOf(sql, options)).toEqual(expected === null ? null : { ...expected, ...length });
  });

  test("with a length it is none of sqlite3_exec's", () => {
    const record = Buffer.alloc(4096);
    for (const [bytes, isOfProgram] of [
      [-1, undefined],
      [0, true],
      [9, true],
    ] as const) {
      record.writeInt32LE(bytes, offsetOf("bytes"));
      expect(decoder.decode(pageOf(record), 0, 1)).toHaveProperty("call", "prepare");
      expect((decoder.decode(pageOf(record), 0, 1) as CallEvent).isOfProgram).toBe(isOfProgram);
    }
  });

  test("a cut text is the beginning of the whole one, whatever its characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 200, maxLength: 600 }), (text) => {
        const whole = text.replaceAll("\0", "");
        const got = textOf(Buffer.from(whole, "utf8"));
        if (whole === "") return expect(got).toBeNull();
        expect(whole.startsWith(got?.text ?? "?")).toBe(true);
        expect(got?.cut).toBe(Buffer.byteLength(whole) >= 512);
      }),
    );
  });
});

test("a step without a statement has neither connection nor text", () => {
  const format = formatFixture("step_0");
  const decoder = probeDecoder(format, definitions("sqlite3_step")[0]);
  const record = Buffer.alloc(4096, 0x41);
  record.writeBigUInt64LE(0n, format.fields.get("st")?.offset ?? 0);
  expect(decoder.decode(pageOf(record), 0, 1)).toMatchObject({
    connection: null,
    statement: null,
    sql: null,
  });
});

test.each([
  ["runs", 2, false],
  ["is ready", 1, true],
  ["is at its end", 3, true],
])("a step of a statement that %s", (_, value, isNewRun) => {
  const text = traceText("step_0.format").replace(
    /field:u64 sql\[\];\toffset:(\d+);\tsize:\d+/,
    "field:u8 state;\toffset:$1;\tsize:1",
  );
  const format = parseFormat(text);
  const [definition] =
    definitionsOf("group", { ...definitions("sqlite3_step")[0].probe, sqlOffset: null, stateOffset: 9 }) ?? [];
  if (definition === undefined) throw new Error("no definition");
  const record = Buffer.alloc(4096, 0x41);
  record[format.fields.get("state")?.offset ?? -1] = value;
  expect(probeDecoder(format, definition).decode(pageOf(record), 0, 1)).toMatchObject({ isNewRun });
  record.writeBigUInt64LE(0n, format.fields.get("st")?.offset ?? 0);
  expect(probeDecoder(format, definition).decode(pageOf(record), 0, 1)).toMatchObject({ isNewRun: false });
});

describe("the end of a statement", () => {
  const format = parseFormat(`name: reset_0
ID: 1700
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:unsigned long __probe_ip;	offset:8;	size:8;	signed:0;
	field:u64 st;	offset:16;	size:8;	signed:0;
	field:u64 db;	offset:24;	size:8;	signed:0;
	field:u64 sql[2];	offset:32;	size:16;	signed:0;

print fmt: "(%lx) st=0x%Lx db=0x%Lx", REC->__probe_ip, REC->st, REC->db
`);

  test.each([
    ["sqlite3_reset", false],
    ["sqlite3_finalize", true],
  ] as const)("%s", (name, finalizes) => {
    const probe = { library: 3, file: "/lib/a.so", function: name, offset: 64, sqlOffset: 248, stateOffset: null };
    const [definition, ...more] = definitionsOf("group", probe) ?? [];
    if (definition === undefined) throw new Error("no definition");
    expect(more).toEqual([]);
    expect(definition.text).toMatch(/ st=%di:x64 db=\+0\(%di\):x64( sql=\+0\(\+248\(%di\)\):x64\[32\])?$/);
    expect(definition.text.includes("sql=")).toBe(finalizes);
    const { decode, length } = probeDecoder(format, definition);
    expect(length).toBe(48);
    const record = Buffer.alloc(64, "select 1, 2, 3, 4");
    record.writeInt32LE(77, 4);
    record.writeBigUInt64LE(0x7f00_0000_1000n, 16);
    record.writeBigUInt64LE(0x5500_0000_0010n, 24);
    expect(decode(pageOf(record), 0, 1)).toEqual({
      ...{ kind: "reset", atMs: 1, tid: 77, pid: null, library: 3, finalizes },
      ...{ statement: 0x7f00_0000_1000, connection: 0x5500_0000_0010 },
      sql: finalizes ? { text: " 4select 1, 2, 3", cut: true, length: { bytes: 16, atLeast: true } } : null,
    });
    record.writeBigUInt64LE(0n, 16);
    expect(decode(pageOf(record), 0, 1)).toBeNull();
  });
});

test.each([
  ["step_0", "sp"],
  ["step_0", "sql"],
])("no decoder for %s without %s", (event, field) => {
  const format = parseFormat(traceText(`${event}.format`).replace(` ${field}`, " other"));
  expect(() => probeDecoder(format, definitions("sqlite3_step")[0])).toThrow(ParseError);
});

test("damaged pages throw nothing", () => {
  const page = pages[0] ?? Buffer.alloc(4096);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(4095), fc.nat(255)), { minLength: 1, maxLength: 20 }), (changes) => {
      const bytes = Buffer.from(page);
      for (const [at, value] of changes) bytes[at] = value;
      eventsOf(bytes);
    }),
    { numRuns: 50 },
  );
});
