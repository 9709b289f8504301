import { expect, test } from "vitest";
import type { FileFacts } from "../../../src/model/file-facts.ts";
import { isHotAfterLooks, isHotInLook } from "../../../src/model/hot-journal.ts";
import type { Finding, Lock } from "../../../src/model/report.ts";
import { lock } from "../../support/report.ts";
import { handleSeen, type Look, look, ROLLBACK } from "../../support/snapshot.ts";

const JOURNAL: NonNullable<FileFacts["journal"]> = {
  header: "valid",
  sizeBytes: 4616,
  committedBySuperJournal: false,
  pagesOfEmpty: 0,
};

const with_ = (change: Partial<NonNullable<FileFacts["journal"]>>): Look => ({
  facts: { ...ROLLBACK, journal: { ...JOURNAL, ...change } },
});

test.each<[string, Look, readonly Lock[], boolean | null]>([
  ["a valid journal, and nobody", with_({}), [], true],
  ["no journal", {}, [], false],
  ["a writer at work", with_({}), [lock("RESERVED")], false],
  ["a writer that has spilled", with_({}), [lock("EXCLUSIVE")], false],
  ["a writer that waits for readers", with_({}), [lock("PENDING")], false],
  ["a reader that is just coming in: no write lock", with_({}), [lock("PENDING", { type: "read" })], true],
  ["a reader", with_({}), [lock("SHARED")], true],
  ["a lock that is only waited for", with_({}), [lock("RESERVED", { waiting: true })], true],
  ["a journal that was never synced", with_({ header: "unsynced" }), [], false],
  ["one that cannot be read", with_({ header: "unreadable" }), [], null],
  ["one whose super-journal is gone", with_({ committedBySuperJournal: true }), [], false],
  ["one whose super-journal cannot be seen", with_({ committedBySuperJournal: null }), [], null],
  ["a view of a part of the machine", { ...with_({}), partialView: true }, [], null],
  ["lsof, and nobody has it open", { ...with_({}), source: "lsof" }, [], true],
  ["lsof, and somebody has it open", { ...with_({}), source: "lsof", handles: { 4242: [handleSeen()] } }, [], null],
])("%s", (_, at, locks, hot) => {
  const [database, snapshot] = look(at);
  expect(isHotInLook(database, locks, snapshot)).toBe(hot);
});

test("it is hot only where every look says so; what is not known stays unknown", () => {
  const finding: Finding = { id: "hot-journal", severity: "warning", pids: [], summary: "", detail: "", remedy: "" };
  expect(isHotAfterLooks(true, [finding])).toBe(true);
  expect(isHotAfterLooks(true, [])).toBe(false);
  expect(isHotAfterLooks(null, [])).toBeNull();
  expect(isHotAfterLooks(false, [finding])).toBe(false);
});
