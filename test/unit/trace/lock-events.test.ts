import { expect, test } from "vitest";
import type { Decoder } from "../../../src/trace/decode.ts";
import { TraceError } from "../../../src/trace/errors.ts";
import { LockEvents } from "../../../src/trace/lock-events.ts";
import { formatFixture } from "../../support/trace.ts";

function lockEvents(isMissing: (event: string) => boolean = () => false) {
  const done: string[] = [];
  const decoders = new Map<number, Decoder>();
  const nameOf = (event: string) => event.replace("filelock/", "");
  const instance = {
    hasEvent: (event: string) => !isMissing(nameOf(event)),
    format: (event: string) => formatFixture(nameOf(event)),
    filter: (event: string) => void done.push(`filter ${nameOf(event)}`),
    enable: (event: string) => void done.push(`enable ${nameOf(event)}`),
  };
  const use = (id: number, decoder: Decoder) => void decoders.set(id, decoder);
  return { events: new LockEvents("/tracing", instance, { use }), done, decoders };
}

const FILE = { device: 1, inode: 2n };

test("other files change the filters alone: what the decoders have learned of owners is kept", () => {
  const { events, decoders } = lockEvents();
  events.enable([FILE]);
  const before = [...decoders.values()];
  events.enable([FILE, { device: 1, inode: 3n }]);
  expect([...decoders.values()].map((decoder, i) => decoder === before[i])).toEqual([true, true, true]);
});

test("how a wait ends is asked for from the first one on, and then for other files, too", () => {
  const { events, done } = lockEvents((event) => event === "flock_lock_inode");
  const lines = () => done.splice(0);
  events.enable([FILE]);
  expect(lines()).toEqual(["filter posix_lock_inode", "enable posix_lock_inode", "filter fcntl_setlk"]);
  events.followWaits();
  events.followWaits();
  expect(lines()).toEqual(["enable fcntl_setlk"]);
  events.enable([FILE]);
  expect(lines()).toContain("enable fcntl_setlk");
});

test("a kernel without events of locks", () => {
  const { events } = lockEvents(() => true);
  expect(() => events.enable([FILE])).toThrow(
    new TraceError("no-lock-events", "/tracing/events/filelock/posix_lock_inode"),
  );
});
