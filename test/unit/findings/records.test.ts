/** The records are what every list of findings comes from. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FINDING_PAGES } from "../../../src/features/explain/finding-pages/index.ts";
import { FINDING_IDS, FINDINGS, findingRecord } from "../../../src/findings/index.ts";

test("each id stands once, and each has a page", () => {
  expect(new Set(FINDING_IDS).size).toBe(FINDINGS.length + 1);
  expect(Object.keys(FINDING_PAGES).sort()).toEqual([...FINDING_IDS].sort());
});

test("a record lies in the file of its id", () => {
  for (const { id } of FINDINGS) {
    const source = readFileSync(new URL(`../../../src/findings/${id}.ts`, import.meta.url), "utf8");
    expect(source).toContain(`id: "${id}"`);
  }
});

test("what names whom its processes block, and what a switch must not be made beside", () => {
  expect(FINDINGS.filter(({ namesBlocker }) => namesBlocker).map(({ id }) => id)).toEqual([
    "suspended-holder",
    "uninterruptible-holder",
    "uncommitted-write",
    "exclusive-locking-mode",
    "open-read-blocks-commit",
    "checkpoint-starved",
  ]);
  const obstacles = FINDINGS.flatMap(({ id, blocksSwitch }) =>
    blocksSwitch === null ? [] : [[id, blocksSwitch.forcible]],
  );
  expect(Object.fromEntries(obstacles)).toEqual({
    "deleted-file": false,
    "lost-locks": false,
    "foreign-writer": false,
    "other-locking": true,
    "separate-locks": false,
    "super-journal-elsewhere": false,
    "hot-journal": true,
    "damaged-wal": false,
    "leftover-wal": true,
    "wal-from-another-file": false,
    "odd-companion": false,
    "hard-linked": true,
    "mixed-lock-apis": false,
    "lock-directory": false,
  });
});

test("header-mismatch comes of no look", () => {
  expect(findingRecord("header-mismatch")).toBeUndefined();
  expect(findingRecord("hot-journal")?.recoversOnOpen).toBe(true);
});
