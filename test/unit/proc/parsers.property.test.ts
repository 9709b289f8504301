/** Whatever the kernel, a container or a tear gives: a parser answers, or throws a ParseError that names its file. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ParseError } from "../../../src/errors.ts";
import { parseCgroup } from "../../../src/proc/cgroup.ts";
import { parseUptimeMs } from "../../../src/proc/clock.ts";
import { parseCommandLine } from "../../../src/proc/cmdline.ts";
import { parseFdInfo } from "../../../src/proc/fdinfo.ts";
import { parseIo } from "../../../src/proc/io.ts";
import { parseOpenFilesLimit } from "../../../src/proc/limits.ts";
import { locksOfPasses, parseLockLine, parseLocks } from "../../../src/proc/locks.ts";
import { mountOfPath, parseMountinfo } from "../../../src/proc/mountinfo.ts";
import { parseExecStart } from "../../../src/proc/sched.ts";
import { parseStat } from "../../../src/proc/stat.ts";
import { parseCredentials } from "../../../src/proc/status.ts";
import { damaged, procFixture } from "../../support/fixture.ts";

const RUNS = 500;

test.each<[string, (text: string) => unknown]>([
  ["fdinfo-shm", (text) => parseFdInfo(text)],
  ["io", (text) => parseIo(text)],
  ["limits", (text) => parseOpenFilesLimit(text)],
  ["locks", (text) => text.split("\n").map((line) => parseLockLine(line, "/proc/locks"))],
  ["sched", (text) => parseExecStart(text)],
  ["stat", (text) => parseStat(text)],
  ["status", (text) => parseCredentials(text)],
  ["uptime", (text) => parseUptimeMs(text)],
])("a damaged %s: a value or a ParseError", (name, parse) => {
  fc.assert(
    fc.property(damaged(procFixture(name)), (text) => {
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ParseError);
        expect((error as ParseError).message).toMatch(/^cannot read \/proc\/\S+: unexpected "/);
      }
    }),
    { numRuns: RUNS },
  );
});

test.each<[string, (text: string) => unknown]>([
  ["cgroup", (text) => parseCgroup(text)],
  ["locks", (text) => parseLocks(text)],
  ["locks", (text) => locksOfPasses([text, text], (inode) => inode.endsWith("0"))],
  ["mountinfo", (text) => mountOfPath(parseMountinfo(text).mounts, "/srv/db")],
  ["stat", (text) => parseCommandLine(text)],
])("a damaged %s costs a line at most", (name, parse) => {
  fc.assert(
    fc.property(damaged(procFixture(name)), (text) => {
      expect(() => parse(text)).not.toThrow();
    }),
    { numRuns: RUNS },
  );
});

test("each line of /proc/locks and mountinfo is an answer or a problem", () => {
  fc.assert(
    fc.property(
      damaged(procFixture("locks").replace(/^.*(LEASE).*\n/gm, "")),
      damaged(procFixture("mountinfo")),
      (lockText, mountText) => {
        const locks = parseLocks(lockText);
        const mounts = parseMountinfo(mountText);
        const lines = (text: string) => text.split("\n").filter((line) => line !== "").length;
        expect(locks.locks.length + locks.problems.length).toBeLessThanOrEqual(lines(lockText));
        expect(mounts.mounts.length + mounts.problems.length).toBe(lines(mountText));
      },
    ),
  );
});
