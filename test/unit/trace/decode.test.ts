/**
 * `locks.pages`: two processes on tmpfs. One takes RESERVED and forks; the other is refused, waits and is interrupted,
 * is refused an OFD lock, takes one of SHARED and one of flock, closes and ends; then the first unlocks and closes.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ParseError } from "../../../src/errors.ts";
import { exitDecoder, lockDecoder } from "../../../src/trace/decode.ts";
import { parseFormat } from "../../../src/trace/format.ts";
import { readPage } from "../../../src/trace/page.ts";
import { decoded, decodersOf, formatFixture, LAYOUT, pageOf, pagesFixture, traceText } from "../../support/trace.ts";

const LOCKS = ["posix_lock_inode", "flock_lock_inode", "fcntl_setlk"].map(formatFixture);
const DECODERS = decodersOf(LOCKS.map((format) => [format, lockDecoder(format)] as const));

const eventsOf = (bytes: Buffer) =>
  decoded(pageOf(bytes), DECODERS, ({ words }, onRecord) => {
    readPage(words, words.byteLength, LAYOUT, { low: 0, high: 0 }, onRecord);
  });

const page = pagesFixture("locks")[0]?.bytes ?? Buffer.alloc(0);

test("every lock event of the page", () => {
  const events = eventsOf(page);
  const first = events[0];
  if (first?.kind !== "lock") throw new Error("no lock");
  const lines = events.map((event) => {
    if (event.kind !== "lock") return event.kind;
    const who = event.pid === first.pid ? "parent" : "child";
    const range = event.end === Number.POSITIVE_INFINITY ? `${event.start}-` : `${event.start}-${event.end}`;
    return [who, event.api, event.operation, range, event.outcome, ...(event.closes ? ["closes"] : [])].join(" ");
  });
  expect(lines).toMatchInlineSnapshot(`
    [
      "parent posix write 1073741825-1073741825 granted",
      "child posix write 1073741825-1073741825 refused",
      "child posix write 1073741825-1073741825 waits",
      "child posix write 1073741825-1073741825 killed",
      "child ofd write 1073741825-1073741825 refused",
      "child ofd read 1073741826-1073742335 granted",
      "child flock write 0- granted",
      "child posix unlock 0- granted closes",
      "child ofd unlock 0- granted closes",
      "child flock unlock 0- granted closes",
      "child posix unlock 0- granted closes",
      "parent posix unlock 0- granted",
    ]
  `);
  for (const event of events)
    if (event.kind === "lock") expect(event).toMatchObject({ device: first.device, inode: first.inode });
});

test("names of fields up to Linux 6.8", () => {
  const text = traceText("posix_lock_inode.format").replace(
    /(fl_owner_t|unsigned int|unsigned char) (owner|pid|flags|type);/g,
    "$1 fl_$2;",
  );
  const format = parseFormat(text);
  expect([...format.fields.keys()]).toContain("fl_owner");
  expect(lockDecoder(format).length).toBe(84);
});

test.each([
  ["a field is missing", (text: string) => text.replace("loff_t fl_end", "loff_t fl_last")],
  ["a field has another size", (text: string) => text.replace("offset:48;\tsize:4", "offset:48;\tsize:2")],
  ["a field is not aligned", (text: string) => text.replace("offset:64", "offset:66")],
])("no decoder where %s", (_, change) => {
  expect(() => lockDecoder(parseFormat(change(traceText("posix_lock_inode.format"))))).toThrow(ParseError);
});

describe("ends of threads", () => {
  const record = (tid: number, dead: number) => {
    const bytes = Buffer.alloc(64);
    bytes.writeInt32LE(tid, 24);
    bytes[32] = dead;
    return pageOf(bytes);
  };
  const format = formatFixture("sched_process_exit");

  test.each([
    [1, true],
    [0, false],
  ])("group_dead %i", (dead, last) => {
    expect(exitDecoder(format).decode(record(77, dead), 0, 5)).toEqual({ kind: "exit", atMs: 5, tid: 77, last });
  });

  test("of a kernel that does not say which is the last", () => {
    const old = parseFormat(traceText("sched_process_exit.format").replace(/^.*group_dead;.*\n/m, ""));
    expect(exitDecoder(old).decode(record(77, 1), 0, 5)).toEqual({ kind: "exit", atMs: 5, tid: 77, last: null });
  });
});

test("a damaged page: nothing throws, and every event is one of the forms", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1200), fc.nat(255)), { minLength: 1, maxLength: 20 }), (changes) => {
      const bytes = Buffer.from(page);
      for (const [at, value] of changes) bytes[at] = value;
      for (const event of eventsOf(bytes)) {
        if (event.kind !== "lock") continue;
        expect(["read", "write", "unlock"]).toContain(event.operation);
        expect(["granted", "refused", "waits", "killed"]).toContain(event.outcome);
      }
    }),
  );
});
