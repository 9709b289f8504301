/** A process that has ended before it was looked at is known where sqlock started it. */
import { expect, test } from "vitest";
import { Identities } from "../../../../src/features/kernel-source/identity.ts";

/** Above the largest number of a process: there is none. */
const NONE = 4_194_305;

test("the command that was started has its command line, also after its end; no other has", () => {
  const identities = new Identities();
  identities.started(NONE, ["/usr/bin/a-rather-long-name", "x y"]);
  expect(identities.of(NONE)).toMatchObject({
    name: "a-rather-long-n",
    commandLine: ["/usr/bin/a-rather-long-name", "x y"],
    startTicks: null,
  });
  expect(identities.of(NONE + 1)).toMatchObject({ name: null, commandLine: null });
  identities.started(process.pid, ["another"]);
  expect(identities.of(process.pid).commandLine?.[0]).not.toBe("another");
});
