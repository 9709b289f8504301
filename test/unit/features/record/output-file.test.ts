import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { OutputFile } from "../../../../src/features/record/output-file.ts";
import { META, waitLine } from "../../../support/record-end.ts";
import { tempFolder } from "../../../support/temp.ts";

const LINE = (line: object) => `${JSON.stringify(line)}\n`;

function typesIn(file: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of readFileSync(file, "utf8").trimEnd().split("\n")) {
    const { type } = JSON.parse(line) as { readonly type: string };
    counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}

test("near its largest size the oldest half becomes counts; no wait that gave up is lost", async () => {
  const path = join(tempFolder(), "x.jsonl");
  const file = new OutputFile({ path, force: false, maxBytes: 1e6 }, []);
  file.add(LINE(META));
  let folded = 0;
  let largest = 0;
  for (let i = 0; i < 8000; i++) {
    const outcome = i % 100 === 0 ? "gave-up" : "granted";
    file.add(LINE(waitLine({ fromMs: i * 10, waitedMs: 50, outcome })));
    if (i % 200 === 0) {
      do {
        await setTimeout(5); // as a recording does: the disk takes some time, on a busy machine more of it
        expect(file.flush(i)).toBeNull();
        if (file.takeFolded() !== null) folded++;
        largest = Math.max(largest, statSync(path).size);
      } while (statSync(path).size > 0.9e6);
    }
  }
  expect(file.close(0)).toBeNull();
  expect(folded).toBeGreaterThan(2);
  expect(largest).toBeLessThan(1e6);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(typesIn(path)).toMatchObject({ meta: 1, folded: 1 });
  const text = readFileSync(path, "utf8");
  const counted = [...text.matchAll(/"gaveUp":(\d+)/g)].reduce((sum, [, number]) => sum + Number(number), 0);
  expect((text.match(/"gave-up"/g) ?? []).length + counted).toBe(80);
  expect(readdirSync(join(path, ".."))).toEqual(["x.jsonl"]);
});

test("nothing is replaced before the first line, and nothing is left where there was none", () => {
  const folder = tempFolder();
  const path = join(folder, "x.jsonl");
  new OutputFile({ path, force: false, maxBytes: 1e6 }, []).discard();
  expect(readdirSync(folder)).toEqual([]);
  writeFileSync(path, "mine");
  const settings = { path, force: true, maxBytes: 1e6 };
  new OutputFile(settings, []).discard();
  expect({ files: readdirSync(folder), text: readFileSync(path, "utf8") }).toEqual({
    files: ["x.jsonl"],
    text: "mine",
  });
  const file = new OutputFile(settings, []);
  file.add(LINE(META));
  file.close(0);
  expect(typesIn(path)).toEqual({ meta: 1 });
});

test.each<[string, (path: string) => void]>([
  ["deleted", (path) => rmSync(path)],
  ["renamed", (path) => renameSync(path, `${path}.mine`)],
])("a file that was %s is not there at the end", (_, change) => {
  const path = join(tempFolder(), "x.jsonl");
  const file = new OutputFile({ path, force: false, maxBytes: 1e6 }, []);
  file.add("{}\n");
  file.flush(0);
  change(path);
  expect(file.close(1)).toEqual({ path, code: "REMOVED", bytes: 0 });
  expect(file.problem).not.toBeNull();
});
