/** The attack tests stand on this: names are exchanged all the time, and the count is true. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { folderOf, give, MALLORY, needRoot, startRacer } from "../support/attacker.ts";

it("the racer exchanges two folders hundreds of times, and leaves them as they were", async (context) => {
  needRoot(context);
  const folder = folderOf(MALLORY);
  const [one, two] = ["one", "two"].map((name) => {
    const path = join(folder, name);
    mkdirSync(path);
    writeFileSync(join(path, name), name);
    give(path, MALLORY);
    return path;
  });
  const racer = await startRacer(String(one), String(two));
  const seen = new Set<string>();
  while (seen.size < 2) for (const name of readdirSync(String(one))) seen.add(name);
  const swaps = await racer.stop();
  expect(swaps).toBeGreaterThan(1);
  expect(readFileSync(join(String(one), "one"), "utf8")).toBe("one");
});
