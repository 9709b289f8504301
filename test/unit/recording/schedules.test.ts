/** Random schedules of processes that lock and wait, on a kernel in short: what must hold for all of them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Interpreter } from "../../../src/recording/interpreter.ts";
import type { RecordingLine } from "../../../src/recording/lines.ts";
import type { LockEvent, SourceEvent } from "../../../src/recording/source-event.ts";
import { Kernel } from "../../support/kernel.ts";
import { expectNoConflict } from "../../support/lock-lines.ts";
import { linesOf, withoutStatements } from "../../support/recorded.ts";
import {
  type Bytes,
  CKPT,
  call,
  closes,
  DATABASE,
  lock,
  PENDING,
  READ1,
  RESERVED,
  returns,
  SHARED,
  SHM,
  start,
  WRITE,
} from "../../support/source-events.ts";

const PROCESSES = 4;
const BYTES: readonly Bytes[] = [PENDING, RESERVED, SHARED, WRITE, CKPT, READ1, [WRITE, CKPT]];
const CODES = [0, 5, 101, 517];

type Act =
  | { readonly act: "lock"; readonly pid: number; readonly bytes: number; readonly write: boolean }
  | { readonly act: "unlock"; readonly pid: number; readonly bytes: number }
  | { readonly act: "enter" | "close" | "end"; readonly pid: number }
  | { readonly act: "leave"; readonly pid: number; readonly code: number };

const pid = fc.integer({ min: 1, max: PROCESSES });
const bytes = fc.nat(BYTES.length - 1);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ act: fc.constant("lock" as const), pid, bytes, write: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ act: fc.constant("unlock" as const), pid, bytes }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant("enter" as const), pid }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant("leave" as const), pid, code: fc.nat(CODES.length - 1) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom("close" as const, "end" as const), pid }) },
);

interface Schedule {
  readonly events: readonly SourceEvent[];
  readonly refused: readonly {
    readonly event: LockEvent;
    readonly blockers: readonly number[];
    readonly justGone: readonly number[];
  }[];
  readonly busy: number;
}

/** What happens, as events in the kernel's order. In the end all processes end. */
function run(acts: readonly Act[]): Schedule {
  const kernel = new Kernel();
  const events: SourceEvent[] = start();
  const refused: { event: LockEvent; blockers: number[]; justGone: number[] }[] = [];
  const inCall = new Set<number>();
  let busy = 0;
  let atMs = 1;
  const tell = (event: SourceEvent) => {
    if (event.kind === "lock") kernel.apply(event);
    events.push(event);
  };
  const end = (who: number) => {
    inCall.delete(who);
    for (const inode of [DATABASE, SHM]) tell(closes(atMs, who, inode));
    tell({ kind: "ended", atMs, pid: who });
  };
  for (const each of acts) {
    atMs += 1;
    const { pid: who } = each;
    if (each.act === "lock") {
      const type = each.write ? "write" : "read";
      const event = lock(atMs, who, type, BYTES[each.bytes] ?? WRITE);
      const blockers = kernel.blockers(event.inode, event.start, event.end, event.owner, type);
      if (blockers.length === 0) tell(event);
      else {
        const attempt = { ...event, outcome: "refused" as const };
        // An unlock just before may be told of after it.
        const before = events.at(-1);
        const justGone = before?.kind === "lock" && before.operation === "unlock" ? [before.pid] : [];
        refused.push({ event: attempt, blockers, justGone });
        tell(attempt);
      }
    } else if (each.act === "unlock") tell(lock(atMs, who, "unlock", BYTES[each.bytes] ?? WRITE));
    else if (each.act === "close") tell(closes(atMs, who, SHM));
    else if (each.act === "end") end(who);
    else if (each.act === "enter" && !inCall.has(who)) {
      inCall.add(who);
      tell(call(atMs, who, "step", "insert into t values(1)"));
    } else if (each.act === "leave" && inCall.delete(who)) {
      const code = CODES[each.code] ?? 0;
      if ((code & 0xff) === 5) busy += 1;
      tell(returns(atMs, who, "step", code));
    }
  }
  for (let who = 1; who <= PROCESSES; who += 1) {
    atMs += 1;
    end(who);
  }
  return { events, refused, busy };
}

/** An unlock is told of some microseconds after the grant or the refusal that it made possible. */
function late(events: readonly SourceEvent[], which: readonly boolean[]): SourceEvent[] {
  const told = [...events];
  for (let i = 0; i + 1 < told.length; i += 1) {
    const [first, second] = [told[i], told[i + 1]];
    if (first?.kind !== "lock" || second?.kind !== "lock" || !which[i % which.length]) continue;
    if (first.operation !== "unlock" || first.pid === second.pid || second.operation === "unlock") continue;
    if (second.atMs - first.atMs > 1) continue;
    told[i] = { ...second, atMs: first.atMs };
    told[i + 1] = { ...first, atMs: first.atMs + 0.003 };
    i += 1;
  }
  return told;
}

function interpreted(events: readonly SourceEvent[]) {
  const all: RecordingLine[] = [];
  const interpreter = new Interpreter({ databases: ["/db"] }, (line) => all.push(line));
  for (const event of events) interpreter.next(event);
  const lastMs = events.at(-1)?.atMs ?? 0;
  interpreter.next({ kind: "library", atMs: lastMs + 1_000, pid: 999, statements: { known: true, library: 0 } });
  return { interpreter, lines: () => linesOf(all) };
}

const schedules = fc.array(act, { minLength: 1, maxLength: 120 });
const lateness = fc.array(fc.boolean(), { minLength: 1, maxLength: 7 });

describe("any schedule of locks", () => {
  it.each(["with", "without"])("%s statements: no two holders, each attempt once, each refusal its holder", (mode) => {
    fc.assert(
      fc.property(schedules, lateness, (acts, which) => {
        const { events, refused } = run(acts);
        const told = late(events, which);
        const { lines } = interpreted(mode === "with" ? told : withoutStatements(told));
        const { locks, waits, optionalRefusals } = lines();
        expectNoConflict(locks);
        expect(waits.reduce((sum, { attempts }) => sum + attempts, 0) + optionalRefusals).toBe(refused.length);
        for (const wait of waits) {
          const within = refused.filter(
            ({ event }) =>
              event.tid === wait.tid && event.atMs >= wait.fromMs - 2 && event.atMs <= wait.fromMs + wait.waitedMs + 2,
          );
          const possible = new Set(within.flatMap(({ blockers }) => blockers));
          expect(wait.blockers.some((blocker) => possible.has(blocker.pid))).toBe(true);
          for (const { justGone } of within) for (const gone of justGone) possible.add(gone);
          for (const blocker of wait.blockers) expect([...possible]).toContain(blocker.pid);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("tells each SQLITE_BUSY of a connection of the database once", () => {
    fc.assert(
      fc.property(schedules, (acts) => {
        // Each process is seen to be of the database first.
        const known = Array.from({ length: PROCESSES }, (_, i): Act[] => [
          { act: "enter", pid: i + 1 },
          { act: "lock", pid: i + 1, bytes: 5, write: false },
          { act: "leave", pid: i + 1, code: 2 },
        ]).flat();
        const { events, busy } = run([...known, ...acts.filter((each) => each.act !== "end")]);
        const { waits, refusals } = interpreted(events).lines();
        const isBusy = ({ result }: { result: string | null }) => result?.startsWith("SQLITE_BUSY") === true;
        const gaveUp = waits.filter((wait) => wait.outcome === "gave-up" && isBusy(wait));
        expect(gaveUp.length + refusals.filter(isBusy).length).toBe(busy);
      }),
      { numRuns: 300 },
    );
  });

  it("remembers nothing once all processes have ended", () => {
    fc.assert(
      fc.property(schedules, (acts) => {
        const { interpreter } = interpreted(run(acts).events);
        expect(interpreter.live(Number.MAX_SAFE_INTEGER)).toEqual({ waits: [], transactions: 0 });
        expect(interpreter.size()).toEqual({ processes: 1, threads: 0, connections: 0, held: 0, waits: 0 });
      }),
      { numRuns: 100 },
    );
  });
});
