/** For how long a lock has been seen to be held. */
import { expect, test } from "vitest";
import { LocksHeld } from "../../../../src/features/watch/locks-held.ts";
import { lockEvent, PATH } from "../../../support/watch-event.ts";

test("from the first event on, until it is released", () => {
  const held = new LocksHeld();
  held.add(lockEvent("held", 1000));
  held.add(lockEvent("acquired", 5000));
  expect(held.heldMs(PATH, 4242, "WRITE", 9000)).toBe(8000);
  expect(held.heldMs(PATH, 7, "WRITE", 9000)).toBeNull();
  expect(held.heldMs(PATH, 4242, "RESERVED", 9000)).toBeNull();
  expect(held.heldMs("/another", 4242, "WRITE", 9000)).toBeNull();
  held.add(lockEvent("released", 9500));
  expect(held.heldMs(PATH, 4242, "WRITE", 9900)).toBeNull();
});
