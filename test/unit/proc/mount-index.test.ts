import { describe, expect, test } from "vitest";
import {
  innermost,
  mountIndex,
  mountsOnTheWay,
  overlaysIn,
  placeOf,
  placesAbove,
} from "../../../src/proc/mount-index.ts";
import { mountOfPath, parseMountinfo } from "../../../src/proc/mountinfo.ts";

const TEXT = `20 1 8:1 / / rw - ext4 /dev/sda1 rw
21 20 8:2 /data /srv rw - ext4 /dev/sdb1 rw
22 21 0:50 / /srv/app rw - fuse.sshfs far: rw
23 20 8:2 /data/app /mnt/a\\040b rw - ext4 /dev/sdb1 rw
24 20 0:60 / /merged rw - overlay overlay rw,lowerdir=/srv/low,upperdir=/up
25 24 0:51 / /merged/app rw - nfs4 far:/ rw
26 20 0:61 / /srv rw - tmpfs overlay rw
27 20 8:2 /data /srv rw - ext4 /dev/sdb1 rw
`;
const { mounts } = parseMountinfo(TEXT);
const index = mountIndex(mounts);

test.each([
  ["/", 20],
  ["/srvx", 20],
  ["/srv/other", 27],
  ["/srv/app", 22],
  ["/srv/app/x/y", 22],
  ["/mnt/a b/c", 23],
  ["/merged/application", 24],
  ["/merged/app/db", 25],
])("%s lies on mount %i", (path, id) => {
  expect(innermost(index, path)?.id).toBe(id);
  expect(mountOfPath(mounts, path)?.id).toBe(id);
  expect(innermost(mountIndex(mountsOnTheWay(TEXT, [path])), path)?.id).toBe(id);
});

test("no mount is known", () => {
  expect(innermost(mountIndex([]), "/a")).toBeNull();
  expect(placeOf(mountIndex([]), "/a")).toBeNull();
});

describe("a place in a file system", () => {
  test("is the same through a bind mount", () => {
    expect(placeOf(index, "/mnt/a b/x")).toBe("8:2 /data/app/x");
    expect(placeOf(index, "/srv/x")).toBe("8:2 /data/x");
    expect(placeOf(index, "/srv")).toBe("8:2 /data");
  });

  test("is not that below a mount which covers it", () => {
    expect(placeOf(index, "/srv/app/x")).toBe("0:50 /x");
  });

  test("of the folders above a file", () => {
    expect([...placesAbove(index, "/mnt/a b/x/db")]).toEqual([
      ["8:2 /data/app/x", "/mnt/a b/x"],
      ["8:2 /data/app", "/mnt/a b"],
      ["8:1 /mnt", "/mnt"],
      ["8:1 /", "/"],
    ]);
  });
});

describe("of a mountinfo", () => {
  test("the overlays alone", () => {
    expect(overlaysIn(TEXT).map(({ id }) => id)).toEqual([24]);
    expect(overlaysIn(TEXT.slice(0, TEXT.indexOf("lowerdir"))).map(({ id }) => id)).toEqual([24]);
    expect(overlaysIn("")).toEqual([]);
  });

  test("the mounts that paths may lie on", () => {
    expect(mountsOnTheWay(TEXT, ["/srv/low", "/up"]).map(({ id }) => id)).toEqual([20, 21, 26, 27]);
    expect(mountsOnTheWay(TEXT, [])).toEqual([]);
  });
});
