import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { ownerOfTemporary, removeLeftovers, temporaryOfRecorder } from "../../../../src/features/record/leftovers.ts";
import { tempFolder } from "../../../support/temp.ts";

/** As of a process of this boot that has ended. */
function ofDead(path: string): string {
  const { pid } = spawnSync("true");
  return temporaryOfRecorder(path).replace(/-\d+-\d+\.tmp$/, `-${pid}-1.tmp`);
}

test("what a killed recorder of the same file left is removed, and nothing else", () => {
  const folder = tempFolder();
  const path = join(folder, "x.jsonl");
  const kept = [
    path,
    temporaryOfRecorder(path), // of a living one
    ofDead(join(folder, "y.jsonl")),
    ofDead(path).replace(/[0-9a-f]{8}-(\d+-\d+\.tmp)$/, "00000000-$1"), // of another machine
    join(folder, ".x.jsonl.0123456789abcdef.tmp"),
    join(folder, ".x.jsonl.tmp"),
  ];
  for (const file of [...kept, ofDead(path)]) writeFileSync(file, "x");
  const directory = ofDead(path);
  mkdirSync(directory);
  removeLeftovers(path, null);
  expect(readdirSync(folder).sort()).toEqual([...kept, directory].map((file) => basename(file)).sort());
});

test("a long name is told by its beginning, as it stands in the name of the second file", () => {
  const path = `/srv/${"n".repeat(200)}.jsonl`;
  const name = basename(temporaryOfRecorder(path));
  expect(Buffer.byteLength(name)).toBeLessThan(256);
  const [, world = "", pid, ticks] = /\.([0-9a-f]{8})-(\d+)-(\d+)\.tmp$/.exec(name) ?? [];
  expect(ownerOfTemporary(name, path, world)).toEqual({ pid: Number(pid), startTicks: BigInt(ticks ?? 0) });
  expect(ownerOfTemporary(name, "/srv/other", world)).toBeNull();
});
