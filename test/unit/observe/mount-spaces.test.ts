import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Bounds, readOverlays } from "../../../src/observe/mount-spaces.ts";
import { tempFolder } from "../../support/temp.ts";

const BOUNDS: Bounds = { namespaces: 10, bytesEach: 4096, bytes: 16_384, layers: 100 };
const ROOT = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n";
const OVERLAY = "2 1 0:50 / /merged rw - overlay overlay rw,lowerdir=/a:/b,upperdir=/c\n";

interface Process {
  /** "": it may not be read. */
  readonly mnt: string;
  readonly user: string;
  readonly mountinfo: string;
}

const plain = (mnt: string, mountinfo: string, user = "user:[1]"): Process => ({ mnt, user, mountinfo });

/** A /proc of these processes; the pid of the first is 10. */
function procOf(processes: readonly Process[]): string {
  const proc = tempFolder();
  for (const [name, { mnt, user, mountinfo }] of [
    ["self", plain("mnt:[1]", ROOT)] as const,
    ...processes.map((process, i) => [String(10 + i), process] as const),
  ]) {
    mkdirSync(join(proc, name, "ns"), { recursive: true });
    if (mnt !== "") symlinkSync(mnt, join(proc, name, "ns/mnt"));
    if (user !== "") symlinkSync(user, join(proc, name, "ns/user"));
    writeFileSync(join(proc, name, "mountinfo"), mountinfo);
  }
  return proc;
}

test.each<[string, Process[], Partial<Bounds>, { pids: (number | null)[]; cut: boolean }]>([
  ["none", [], {}, { pids: [], cut: false }],
  [
    "of each namespace once, and not of this one",
    [plain("mnt:[1]", OVERLAY), plain("mnt:[2]", ROOT + OVERLAY), plain("mnt:[2]", OVERLAY), plain("mnt:[3]", ROOT)],
    {},
    { pids: [11], cut: false },
  ],
  [
    "by another process where one has gone",
    [plain("mnt:[2]", ""), plain("mnt:[2]", OVERLAY)],
    {},
    { pids: [11], cut: false },
  ],
  ["none without the right to tell", [plain("", OVERLAY)], {}, { pids: [], cut: false }],
  [
    "too many namespaces",
    [plain("mnt:[2]", OVERLAY), plain("mnt:[3]", OVERLAY)],
    { namespaces: 1 },
    { pids: [10], cut: true },
  ],
  [
    "one with too many mounts: the others are read",
    [plain("mnt:[2]", ROOT.repeat(200)), plain("mnt:[3]", OVERLAY)],
    {},
    { pids: [11], cut: true },
  ],
  [
    "too many mounts in all",
    [plain("mnt:[2]", ROOT.repeat(20)), plain("mnt:[3]", ROOT.repeat(20)), plain("mnt:[4]", OVERLAY)],
    { bytes: 1000 },
    { pids: [], cut: true },
  ],
  [
    "too many layers",
    [plain("mnt:[2]", OVERLAY), plain("mnt:[3]", OVERLAY), plain("mnt:[4]", OVERLAY)],
    { layers: 5 },
    { pids: [10, 11], cut: true },
  ],
  [
    "those that users made come last, whatever they mount",
    [plain("mnt:[2]", ROOT.repeat(200), "user:[2]"), plain("mnt:[3]", OVERLAY)],
    { bytes: 100 },
    { pids: [11], cut: true },
  ],
])("%s", (_, processes, bounds, expected) => {
  const { overlays, cut } = readOverlays(procOf(processes), [], false, { ...BOUNDS, ...bounds });
  expect({ pids: overlays.map(({ space }) => space.pid), cut }).toEqual(expected);
});

test("whose mounts an unprivileged user may have made", () => {
  const proc = procOf([plain("mnt:[2]", OVERLAY), plain("mnt:[3]", OVERLAY, "user:[2]"), plain("", OVERLAY, "")]);
  const { overlays } = readOverlays(proc, [], true, BOUNDS);
  const root = process.geteuid?.() === 0;
  expect(overlays.map(({ space }) => space.foreign)).toEqual(root ? [false, true, true] : [false, false, true]);
});

test("the mounts that its layers may lie on are known, and no others", () => {
  const mounts = `${ROOT}3 1 8:2 / /a rw - ext4 /dev/sdb1 rw\n4 1 8:3 / /z rw - ext4 /dev/sdc1 rw\n${OVERLAY}`;
  const [overlay] = readOverlays(procOf([plain("mnt:[2]", mounts)]), [], false, BOUNDS).overlays;
  expect([...(overlay?.space.layerMounts.keys() ?? [])]).toEqual(["/", "/a"]);
});
