import { describe, expect, test } from "vitest";
import {
  type Distrust,
  distrustOf,
  distrustText,
  modeOfReport,
  type OnPath,
} from "../../../../src/features/output/trust.ts";

const ROOT = 0;
const ME = 1000;
const OTHER = 1001;

function entry(kind: OnPath["kind"], uid: number, mode = 0o755, mountedBy: number | null = null): OnPath {
  return { path: "/x", kind, uid, gid: 50, mode, mountedBy };
}

const PLAIN = entry("folder", ROOT);
const TMP = entry("folder", ROOT, 0o1777);

describe("root", () => {
  test.each<[string, OnPath, OnPath, Distrust["kind"] | null]>([
    ["its own folder", PLAIN, PLAIN, null],
    ["its own file", entry("file", ROOT, 0o644), PLAIN, null],
    ["its own link", entry("link", ROOT, 0o777), PLAIN, null],
    ["its own pipe, in a sticky folder", entry("device", ROOT, 0o666), TMP, null],
    ["a sticky folder", TMP, PLAIN, null],
    ["a folder that all may write to", entry("folder", ROOT, 0o777), PLAIN, "shared"],
    ["a folder that a group may write to", entry("folder", ROOT, 0o775), PLAIN, "shared"],
    ["a folder that root's own group may write to", { ...entry("folder", ROOT, 0o775), gid: ROOT }, PLAIN, "shared"],
    ["somebody's folder", entry("folder", OTHER), PLAIN, "folder"],
    ["somebody's sticky folder", entry("folder", OTHER, 0o1777), PLAIN, "folder"],
    ["somebody's link", entry("link", OTHER, 0o777), TMP, "link"],
    ["somebody's file", entry("file", OTHER, 0o644), TMP, "file"],
    ["somebody's pipe", entry("device", OTHER, 0o666), TMP, "device"],
    ["a file that somebody's own file system calls root's", entry("file", ROOT, 0o644, OTHER), PLAIN, "mount"],
  ])("%s", (_, found, parent, kind) => {
    expect(distrustOf(found, parent, ROOT)?.kind ?? null).toBe(kind);
  });
});

describe("another user, as the kernel itself has it in /tmp", () => {
  test.each<[string, OnPath, OnPath | null, Distrust["kind"] | null]>([
    ["the root of all", PLAIN, null, null],
    ["a folder of somebody else, where he may write", entry("folder", OTHER, 0o777), PLAIN, null],
    ["somebody's file and link elsewhere", entry("file", OTHER), PLAIN, null],
    ["his own link in /tmp", entry("link", ME, 0o777), TMP, null],
    ["root's link in /tmp", entry("link", ROOT, 0o777), TMP, null],
    ["somebody's link in /tmp", entry("link", OTHER, 0o777), TMP, "link"],
    ["somebody's file in /tmp", entry("file", OTHER, 0o666), TMP, "file"],
    ["somebody's pipe in /tmp", entry("device", OTHER, 0o666), TMP, "device"],
    ["a folder of somebody else in /tmp", entry("folder", OTHER, 0o777), TMP, null],
    ["his own FUSE file system", entry("file", ME, 0o644, ME), PLAIN, null],
  ])("%s", (_, found, parent, kind) => {
    expect(distrustOf(found, parent, ME)?.kind ?? null).toBe(kind);
  });
});

test.each<[string, { uid: number; mode: number } | null, number | null]>([
  ["a new file: as the umask has it", null, null],
  ["its own keeps its rights", { uid: ME, mode: 0o640 }, 0o640],
  ["but no set-id bits, and no right to execute", { uid: ME, mode: 0o7777 }, 0o666],
  ["of somebody else's, none", { uid: OTHER, mode: 0o6777 }, 0o600],
])("the mode: %s", (_, replaced, mode) => {
  expect(modeOfReport(replaced, ME)).toBe(mode);
});

test.each<[Distrust["kind"], RegExp]>([
  ["link", /^\/x is a link of user 1001/],
  ["folder", /^\/x is a folder of user 1001/],
  ["shared", /^other users can write to the folder \/x,/],
  ["file", /^\/x is a file of user 1001$/],
  ["device", /^\/x is a device or a pipe of user 1001$/],
  ["mount", /^\/x is on a file system that belongs to user 1001$/],
])("the words for %s", (kind, words) => {
  expect(distrustText({ path: "/x", kind, uid: OTHER })).toMatch(words);
});
