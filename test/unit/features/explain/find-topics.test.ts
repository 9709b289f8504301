import { expect, test } from "vitest";
import { ENTRIES } from "../../../../src/features/explain/entries/index.ts";
import { nearestTopics, topicsOf } from "../../../../src/features/explain/find-topics.ts";
import { TOPICS } from "../../../../src/features/explain/topics/index.ts";
import { FINDING_IDS } from "../../../../src/findings/index.ts";

const ids = (text: string) => topicsOf(text).map(({ id }) => id);
const near = (text: string) => nearestTopics(text).map(({ id }) => id);

test.each([
  ["wal", "wal"],
  ["WAL mode", "wal"],
  ["-wal file", "wal"],
  ["locked", "locked"],
  ["a locked database", "locked"],
  ["busy", "busy"],
  ["busy_timeout", "busy"],
  ["busy-timeout?", "busy"],
  ["read-only", "readonly"],
  ["Permission denied", "readonly"],
  ["EACCES", "readonly"],
  ["no space left on device", "disk"],
  ["disk I/O error", "disk"],
  ["what is DMS?", "wal-lock-names"],
  ["RESERVED lock", "lock-names,locked"],
  ["journal", "journal"],
  ["checkpoints", "checkpoint"],
  ["nfs", "nfs"],
  ["docker container", "docker"],
  ["docker wal", "docker,wal"],
  ["django migrate", "django"],
  ["manage.py migrate.", "django"],
])("%s: %s", (text, expected) => {
  expect(ids(text).join()).toBe(expected);
});

test.each(["", "database", "the sqlite file", "hello", "wal hello", "all is well", "x".repeat(1e6), "wal ".repeat(9)])(
  "no topic: %j",
  (text) => {
    expect(ids(text.slice(0, 1e6))).toEqual([]);
  },
);

test.each([
  ["lokced", "locked"],
  ["busi", "busy"],
  ["wall", "wal"],
  ["chekpoint", "checkpoint"],
  ["jounral", "journal"],
  ["corupted", "corrupt"],
  ["dokcer", "docker"],
  ["readonyl", "readonly"],
  ["permision denid", "readonly"],
])("mistyped: %s is nearest to %s", (text, expected) => {
  expect(near(text)).toEqual([expected]);
});

test.each(["hello world", "foo", "all is well", "connection refused", "no such table: t", "e-mail", ""])(
  "near to nothing: %j",
  (text) => {
    expect(near(text)).toEqual([]);
  },
);

test("every message and every finding is of a topic, and every topic has its id among its words", () => {
  const messages = new Set(TOPICS.flatMap((topic) => topic.messages));
  expect(ENTRIES.map(({ id }) => id).filter((id) => !messages.has(id))).toEqual([]);
  expect([...messages].filter((id) => !ENTRIES.some((entry) => entry.id === id))).toEqual([]);
  const findings = new Set(TOPICS.flatMap((topic) => topic.findings));
  expect(FINDING_IDS.filter((id) => !findings.has(id))).toEqual([]);
  const words = TOPICS.flatMap((topic) => topic.words);
  expect(new Set(words).size).toBe(words.length);
  for (const { id, words: own, meaning } of TOPICS) {
    expect(own, id).toContain(id);
    expect(topicsOf(id).map((topic) => topic.id)).toEqual([id]);
    expect(meaning.length, id).toBeLessThanOrEqual(400);
  }
});
