/** The first line of a database on the screen. */
import { expect, test } from "vitest";
import type { LiveVerdict } from "../../../../src/features/watch/live-verdict.ts";
import { verdictText } from "../../../../src/render/watch/verdict.ts";
import { holderView } from "../../../support/watch-view.ts";

const held = (change: Partial<Extract<LiveVerdict, { kind: "held" }>> = {}): LiveVerdict => ({
  kind: "held",
  holder: holderView({ blocks: ["writers", "checkpoints"], heldMs: 23_900 }),
  lock: "WRITE",
  more: 0,
  ...change,
});
const busy = (change: Partial<Extract<LiveVerdict, { kind: "busy" }>> = {}): LiveVerdict => ({
  kind: "busy",
  holders: [{ pid: 7, command: "python import.py" }],
  times: 12,
  longestMs: 450,
  atLeast: false,
  sinceMs: null,
  withinMs: 10_000,
  ...change,
});

test.each<[LiveVerdict, string]>([
  [{ kind: "looking" }, "Looking for the processes that have it open."],
  [{ kind: "no-file" }, "There is no database at this path now."],
  [{ kind: "looked", sentence: "Not locked, nobody has it open." }, "Not locked, nobody has it open."],
  [{ kind: "released", open: 0 }, "Not locked. No process has it open."],
  [{ kind: "released", open: 1 }, "Not locked. 1 process has it open."],
  [{ kind: "released", open: 2 }, "Not locked. 2 processes have it open."],
  [held(), "Locked for writers: 4242 (python app.py) has held the write lock for 23 s."],
  [
    held({ more: 1 }),
    "Locked for writers: 4242 (python app.py) has held the write lock for 23 s; 1 more process blocks as well.",
  ],
  [
    held({ more: 2 }),
    "Locked for writers: 4242 (python app.py) has held the write lock for 23 s; 2 more processes block as well.",
  ],
  [
    held({ lock: "EXCLUSIVE", holder: holderView({ blocks: ["readers", "writers"], heldMs: 1000, atLeast: true }) }),
    "Locked for readers and writers: 4242 (python app.py) has held EXCLUSIVE for at least 1 s.",
  ],
  [
    held({ lock: "FOREIGN", holder: holderView({ blocks: ["writers"], heldMs: 1000, stale: ["stopped"] }) }),
    "Locked for writers: 4242 (python app.py) has held a lock that is not SQLite's for 1 s and is stopped.",
  ],
  [
    held({ holder: holderView({ blocks: ["writers"], heldMs: 1000, stale: ["idle-in-transaction"] }) }),
    "Locked for writers: 4242 (python app.py) has held the write lock for 1 s and is idle.",
  ],
  [busy(), "Busy, not stuck: 7 (python import.py) took the write lock 12 times in the last 10 s, for 450 ms at most."],
  [
    busy({ atLeast: true }),
    "Busy, not stuck: 7 (python import.py) took the write lock 12 times in the last 10 s, for at least 450 ms.",
  ],
  [busy({ times: 1, longestMs: 10 }), "Busy: 7 (python import.py) has held the write lock for 10 ms."],
  [
    busy({ times: 1, longestMs: 900, sinceMs: 2000 }),
    "Not locked now: 7 (python import.py) held the write lock for 900 ms, until 2.0 s ago.",
  ],
  [
    busy({ times: 1, longestMs: 15_000, atLeast: true, sinceMs: 2000 }),
    "Not locked now: 7 (python import.py) held the write lock for at least 15 s, until 2.0 s ago.",
  ],
  [
    busy({ holders: [7, 8, 9].map((pid) => ({ pid, command: "?" })) }),
    "Busy, not stuck: 3 processes (7, 8 and 9) took the write lock 12 times in the last 10 s, for 450 ms at most.",
  ],
])("%#: %o", (verdict, text) => {
  expect(verdictText(verdict)).toBe(text);
});
