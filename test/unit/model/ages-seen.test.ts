/** Ages that watch has measured, beside those that a look proves. */
import { expect, test } from "vitest";
import { withAgesSeen } from "../../../src/model/ages-seen.ts";
import { blocker, database, lock, walWriter } from "../../support/report.ts";

const writer = walWriter({ locks: [lock("RESERVED"), lock("SHARED")], heldAtLeastMs: 3000 });
const held = database({
  holders: [writer],
  blockers: [blocker({ lock: "RESERVED", heldAtLeastMs: 3000 }), blocker({ pid: null, heldAtLeastMs: null })],
});

test.each<[string, number | null, number]>([
  ["measured for longer", 9000, 9000],
  ["proved for longer", 2000, 3000],
  ["not seen to be held", null, 3000],
])("%s", (_, seenMs, expected) => {
  const { holders, blockers } = withAgesSeen(held, (path, pid, name) =>
    path === held.path && pid === 4242 && name === "RESERVED" ? seenMs : null,
  );
  expect(holders).toMatchObject([{ heldAtLeastMs: expected }]);
  expect(blockers.map(({ heldAtLeastMs }) => heldAtLeastMs)).toEqual([expected, null]);
});

test("nothing was measured", () => {
  expect(withAgesSeen(held, undefined)).toBe(held);
});
