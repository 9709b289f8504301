/** When a text that was read some time after a step is that of the step. */
import { describe, expect, test } from "vitest";
import { LongTexts } from "../../../../../src/features/kernel-source/texts/long-texts.ts";
import type {
  CallEvent,
  CallName,
  LostEvent,
  ResetEvent,
  ReturnEvent,
  SqlText,
} from "../../../../../src/recording/source-event.ts";

const PID = 7;
const STATEMENT = 1000;
const START = "insert into t values (…";
const TICKS = 55n;

type Event = CallEvent | ReturnEvent | ResetEvent | LostEvent;

function call(atMs: number, name: CallName, more: Partial<CallEvent> = {}): CallEvent {
  const sql = name === "step" ? { text: START, cut: true } : null;
  const stackPointer = name === "exec" ? 900 : 500;
  return {
    ...{ kind: "call", atMs, tid: PID, pid: PID, call: name, library: 0, stackPointer, connection: 90 },
    ...{ statement: name === "step" ? STATEMENT : null, sql, ...more },
  };
}
const step = (atMs: number, more: Partial<CallEvent> = {}) => call(atMs, "step", more);
const returns = (atMs: number, name: CallName): ReturnEvent => {
  return { kind: "return", atMs, tid: PID, call: name, library: 0, code: 0 };
};
const ends = (atMs: number, finalizes: boolean, statement = STATEMENT): ResetEvent => {
  return { kind: "reset", atMs, tid: PID, pid: PID, library: 0, connection: 90, statement, finalizes, sql: null };
};
const finalize = (atMs: number, statement?: number) => ends(atMs, true, statement);
const lost = (fromMs: number, atMs: number): LostEvent => ({ kind: "lost", fromMs, atMs, events: 1 });

/** The thread is in no call, as this shows. */
const OUTSIDE = [step(1, { statement: 1, sql: null }), returns(2, "step"), ends(3, false, 1)];

interface Reading {
  readonly readMs?: number;
  readonly startTicks?: bigint;
  readonly isOurs?: boolean;
  readonly sqlOffset?: number | null;
  /** Until then the events were read after the reading. */
  readonly completeMs?: number;
}

/** Which of the steps get a text. Readings are made after all events were seen. */
function told(events: readonly Event[], reading: Reading = {}): number[] {
  const { readMs = 100, startTicks = TICKS, isOurs = true, sqlOffset = 248, completeMs = 101 } = reading;
  let read = 0;
  const texts = new LongTexts({
    nowMs: () => readMs,
    sqlOffsetOf: () => sqlOffset,
    isOurs: () => isOurs,
    readText: () => {
      read += 1;
      return { startTicks, text: { start: Buffer.from(`${START} whole`), bytes: 30, atLeast: false } };
    },
  });
  texts.seen([...events].reverse(), () => PID); // of several CPUs: in any order
  if (texts.look()) texts.complete(completeMs);
  expect(read).toBeLessThanOrEqual(1);
  const found: number[] = [];
  for (const event of events) {
    if (event.kind === "call") {
      if (texts.enter(event, TICKS) !== null) found.push(event.atMs);
    } else if (event.kind === "return") texts.leave(event);
    else if (event.kind === "reset") texts.ends(event);
  }
  return found;
}

const STEPS = [...OUTSIDE, step(10), returns(11, "step"), step(20), returns(21, "step")];

describe("a statement of the program", () => {
  test("all its steps, by one reading; resets do not matter", () => {
    expect(told(STEPS)).toEqual([10, 20]);
    expect(told([...STEPS, ends(30, false)])).toEqual([10, 20]);
    expect(told([...STEPS, finalize(30, 2000)])).toEqual([10, 20]);
    expect(told([...STEPS, call(30, "prepare"), returns(31, "prepare")])).toEqual([10, 20]);
  });

  test("finalized before the reading: what was read may be another one's", () => {
    expect(told([...STEPS, finalize(30)])).toEqual([]);
    expect(told([...OUTSIDE, step(10), returns(11, "step"), finalize(15), ...STEPS.slice(-2)])).toEqual([20]);
  });

  test("finalized after the reading: what comes then is another one", () => {
    const later = [finalize(150), step(160), returns(161, "step")];
    expect(told([...STEPS, ...later])).toEqual([10, 20]);
  });

  test("another one at its place is read anew, before the end of the first is delivered", () => {
    let readMs = 15;
    const texts = new LongTexts({
      nowMs: () => readMs,
      sqlOffsetOf: () => 248,
      isOurs: () => true,
      readText: () => ({ startTicks: TICKS, text: { start: Buffer.from(String(readMs)), bytes: 2, atLeast: false } }),
    });
    const drain = (...events: CallEvent[] | Event[]) => {
      texts.seen(events, () => PID);
      if (texts.look()) texts.complete(readMs + 1);
    };
    drain(...OUTSIDE, step(10), returns(11, "step"));
    readMs = 35;
    drain(finalize(20), step(30), returns(31, "step"));
    for (const event of OUTSIDE) if (event.kind === "reset") texts.ends(event);
    texts.enter(call(1, "exec"), TICKS);
    texts.leave(returns(2, "exec"));
    expect(texts.enter(step(30), TICKS)?.text).toBe("35");
    texts.leave(returns(31, "step"));
    readMs = 45;
    drain(step(40)); // the same one
    expect(texts.enter(step(40), TICKS)?.text).toBe("35");
  });

  test("events were not read until the reading, or were lost", () => {
    expect(told(STEPS, { completeMs: 99 })).toEqual([]);
    expect(told([lost(5, 30), ...STEPS])).toEqual([]);
    expect(told([...STEPS, lost(50, 60)])).toEqual([]);
  });

  test("another process by the same number, another connection, another text", () => {
    expect(told(STEPS, { startTicks: 56n })).toEqual([]);
    expect(told([...STEPS, step(30, { connection: 91 })])).toEqual([]);
    expect(told([...STEPS, step(30, { sql: { text: "insert into u …", cut: true } }), step(40)])).toEqual([10, 20, 40]);
  });

  test("nothing is read of other processes, nor where the ends of statements are not told", () => {
    expect(told(STEPS, { isOurs: false })).toEqual([]);
    expect(told(STEPS, { sqlOffset: null })).toEqual([]);
  });
});

describe("a statement that is gone before its memory is read", () => {
  const WHOLE: SqlText = { text: `${START} whole`, cut: false };
  const ended = (atMs: number, sql: SqlText | null, connection = 90) => ({ ...finalize(atMs), sql, connection });

  /** The texts of the steps, all of which are seen before the first is delivered. */
  function texts(events: readonly Event[], seenMs = 1000): (string | undefined)[] {
    const long = new LongTexts({ nowMs: () => 100, sqlOffsetOf: () => 248, isOurs: () => true, readText: () => null });
    long.seen([...events].reverse(), () => PID);
    long.complete(seenMs);
    long.look();
    return events.flatMap((event) => {
      if (event.kind === "call") {
        const text = long.enter(event, TICKS);
        return event.call === "step" && event.sql !== null ? [text?.text] : [];
      }
      if (event.kind === "return") long.leave(event);
      else if (event.kind === "reset") long.ends(event);
      return [];
    });
  }

  test("its end tells its text, of each one at the same place", () => {
    const other: SqlText = { text: `${START} other`, cut: true, length: { bytes: 256, atLeast: true } };
    const events = [...STEPS, ended(22, WHOLE), step(30), returns(31, "step"), ended(32, other)];
    expect(texts(events)).toEqual([WHOLE.text, WHOLE.text, other.text]);
  });

  test("the events until now are wanted where it could not be read: they may have its end", () => {
    const long = new LongTexts({ nowMs: () => 100, sqlOffsetOf: () => 248, isOurs: () => false, readText: () => null });
    expect(long.look()).toBe(false);
    long.seen(STEPS, () => PID);
    expect(long.look()).toBe(true);
    expect(long.look()).toBe(false);
    long.seen([...STEPS, ended(22, WHOLE)], () => PID);
    expect(long.look()).toBe(false);
  });

  test("not by a later end, where one before it may not have been seen yet, or was lost", () => {
    expect(texts([...STEPS, ended(22, null), ended(32, WHOLE)])).toEqual([undefined, undefined]);
    expect(texts([...STEPS, ended(22, WHOLE)], 21)).toEqual([undefined, undefined]);
    expect(texts([...STEPS, ended(22, WHOLE), lost(21, 22)])).toEqual([undefined, undefined]);
  });

  test("a text that is as long as what the kernel copies of it", () => {
    expect(texts([...STEPS, ended(22, { text: START, cut: false })])).toEqual([START, START]);
  });

  test("not another connection's, nor one that begins otherwise, nor one that says no more", () => {
    expect(texts([...STEPS, ended(22, WHOLE, 91)])).toEqual([undefined, undefined]);
    expect(texts([...STEPS, ended(22, { text: "select 1", cut: false })])).toEqual([undefined, undefined]);
    expect(texts([...STEPS, ended(22, { text: START, cut: true })])).toEqual([undefined, undefined]);
  });

  test("sqlite3_exec finalizes without a call: what ends there later is another one", () => {
    const prepare = [call(9.1, "prepare"), returns(9.2, "prepare")];
    const exec = [...OUTSIDE, call(9, "exec"), ...prepare, step(10), returns(11, "step"), returns(12, "exec")];
    expect(texts([...exec, ended(20, WHOLE)])).toEqual([undefined]);
    expect(texts([step(10), returns(11, "step"), ended(20, WHOLE)])).toEqual([undefined]);
  });

  test("what sqlite3_exec was given, in its order", () => {
    const [one, two, three] = [`${WHOLE.text} 1;`, `${WHOLE.text} 2;`, `${WHOLE.text} 3`];
    const exec = call(9, "exec", { sql: { text: ` ${one} ${two} ${three}`, cut: false } });
    const run = (atMs: number, code: number, more: Partial<CallEvent> = {}) => [
      step(atMs, more),
      { ...returns(atMs + 1, "step"), code },
    ];
    const events = [...OUTSIDE, exec, ...run(10, 100), ...run(20, 101), ...run(30, 101), ...run(40, 101)];
    expect(texts(events)).toEqual([one, one, two, three]);
    const callback = run(15, 101, { statement: 2000 });
    expect(texts([...OUTSIDE, exec, ...run(10, 100), ...callback, ...run(20, 101), ...run(30, 101)])).toEqual([
      ...[one, undefined, one, two],
    ]);
    const other = { sql: { text: "insert into u", cut: true } };
    expect(texts([...OUTSIDE, exec, ...run(10, 101, other)])).toEqual([undefined]);
    expect(
      texts([...OUTSIDE, exec, ...run(10, 101), call(15, "checkpoint", { stackPointer: 800 }), ...run(20, 101)]),
    ).toEqual([...[one, undefined]]);
    // a callback's after the last row, and a virtual table's where the call that prepares is not seen
    const deeper = (atMs: number) => run(atMs, 101, { statement: 2000, stackPointer: 300 });
    expect(texts([...OUTSIDE, exec, ...run(10, 101), ...deeper(15), ...run(20, 101)])).toEqual([one, undefined, two]);
    expect(texts([...OUTSIDE, exec, ...deeper(9.5), ...run(10, 101), ...run(20, 101)]).slice(1)).toEqual([one, two]);
  });

  test("what sqlite3_exec was given before events were lost", () => {
    const sql = { text: `${WHOLE.text} 1; ${WHOLE.text} 2;`, cut: false };
    const events = [...OUTSIDE, call(9, "exec", { sql }), lost(15, 16), step(20), returns(21, "step")];
    expect(texts(events)).toEqual([undefined]);
    expect(texts(events.filter(({ kind }) => kind !== "lost"))).toEqual([`${WHOLE.text} 1;`]);
  });

  test("what sqlite3_exec was given in a thread of another process, by the same number", () => {
    const sql = { text: `${WHOLE.text} 1`, cut: false };
    expect(texts([...OUTSIDE, call(9, "exec", { sql }), step(20)])).toEqual([sql.text]);
    expect(texts([...OUTSIDE, call(9, "exec", { sql }), step(20, { pid: 8 })])).toEqual([undefined]);
  });

  test("a callback's calls do not show that no sqlite3_exec is around it", () => {
    const callback = [
      step(1, { statement: 1, sql: null, stackPointer: 300 }),
      returns(2, "step"),
      ends(3, true, 1),
      call(4, "exec", { stackPointer: 310 }),
      returns(5, "exec"),
    ];
    const own = [step(10), returns(11, "step")];
    const later = [call(30, "prepare"), returns(31, "prepare"), step(32), returns(33, "step"), ended(34, WHOLE)];
    expect(texts([...callback, ...own, ...later])).toEqual([undefined, undefined]);
    expect(texts([...OUTSIDE, ...callback, ...own, ended(20, WHOLE)])).toEqual([WHOLE.text]);
  });
});

describe("a text that was read when its statement was gone", () => {
  /** The texts of the steps: the reading at 15 is for one of `before`, the reading at 40 for one of `after`. */
  function second(before: readonly Event[], after: readonly Event[]): (string | undefined)[] {
    let readMs = 15;
    const long = new LongTexts({
      nowMs: () => readMs,
      sqlOffsetOf: () => 248,
      isOurs: () => true,
      readText: () => ({ startTicks: TICKS, text: { start: Buffer.from(`${readMs}`), bytes: 2, atLeast: false } }),
    });
    const [seen, late] = [before.filter(({ atMs }) => atMs <= 11), before.filter(({ atMs }) => atMs > 11)];
    const all: (string | undefined)[] = [];
    const deliver = (events: readonly Event[]) => {
      for (const event of events) {
        if (event.kind === "call") {
          const text = long.enter(event, TICKS)?.text;
          if (event.call === "step" && event.sql !== null) all.push(text);
        } else if (event.kind === "return") long.leave(event);
        else if (event.kind === "reset") long.ends(event);
      }
    };
    long.seen(seen, () => PID);
    long.look();
    long.seen(late, () => PID);
    long.complete(16);
    deliver(before);
    long.delivered(16);
    readMs = 40;
    long.seen(after, () => PID);
    if (long.look()) long.complete(41);
    deliver(after);
    return all;
  }

  test("is not that of the next one at its place", () => {
    const gone = [...OUTSIDE, step(10), returns(11, "step"), finalize(12)];
    expect(second(gone, [step(30), returns(31, "step")])).toEqual([undefined, "40"]);
  });

  test("is not that of the next one of sqlite3_exec, where the call that prepares it is not seen", () => {
    const exec = [...OUTSIDE, call(9, "exec"), step(10), returns(11, "step")];
    expect(second(exec, [step(30), returns(31, "step"), returns(35, "exec")])).toEqual([undefined, undefined]);
  });
});

describe("a statement inside of another call", () => {
  const row = { code: 100 };
  const prepare = [call(9.1, "prepare"), returns(9.2, "prepare")];
  const exec = [...OUTSIDE, call(9, "exec"), ...prepare, step(10), { ...returns(11, "step"), ...row }];
  exec.push(step(20), { ...returns(21, "step"), ...row });

  test("sqlite3_exec is still at it", () => {
    expect(told(exec)).toEqual([10, 20]);
  });

  test("sqlite3_exec has gone on, or is over: it finalizes without a call", () => {
    expect(told([...exec, call(30, "prepare")])).toEqual([]);
    expect(told([...exec, returns(30, "exec")])).toEqual([]);
    expect(told([...exec, returns(150, "exec"), step(160)])).toEqual([10, 20]);
    expect(told([...exec, returns(30, "exec"), step(40), returns(41, "step"), step(50)])).toEqual([40, 50]);
  });

  test("a thread that may have been in sqlite3_exec before its first event", () => {
    expect(told([step(10)])).toEqual([10]);
    expect(told([step(10), returns(11, "step"), call(30, "prepare")])).toEqual([]);
    expect(told([call(5, "exec"), returns(6, "exec"), step(10), returns(11, "step"), call(30, "prepare")])).toEqual([
      10,
    ]);
  });

  test("a thread that was seen to prepare as sqlite3_exec never does is in none", () => {
    const prepare = [call(5, "prepare", { isOfProgram: true }), returns(6, "prepare")];
    expect(told([...prepare, step(10), returns(11, "step"), call(30, "prepare")])).toEqual([10]);
    // what came before may be sqlite3_exec's own: then the prepare may be a callback's, with a lower stack pointer
    const before = [step(1, { stackPointer: 600, sql: null }), returns(2, "step")];
    const later = [...before, ...prepare, call(30, "prepare")];
    expect(told([...later.slice(0, 4), step(10), returns(11, "step"), ...later.slice(4)])).toEqual([10]);
    expect(
      told([...later.slice(0, 4), step(10, { stackPointer: 600 }), returns(11, "step"), ...later.slice(4)]),
    ).toEqual([]);
  });

  test("of SQLite's own: never, nor what begins as it does at its place", () => {
    const inner = [...OUTSIDE, step(8, { statement: 2, stackPointer: 800, sql: null }), step(10), returns(11, "step")];
    expect(told([...inner, returns(12, "step"), step(20)])).toEqual([]);
    expect(told([...OUTSIDE, step(8, { statement: 2, stackPointer: 800, sql: null }), step(10)])).toEqual([]);
    expect(told([...OUTSIDE, call(8, "prepare", { stackPointer: 800 }), step(10)])).toEqual([]);
  });
});
