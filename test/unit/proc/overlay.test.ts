import { expect, test } from "vitest";
import { parseMountinfo } from "../../../src/proc/mountinfo.ts";
import { overlayLayersOf } from "../../../src/proc/overlay.ts";

/** As the kernel writes them (6.18, and the containers of Docker, containerd and Podman). */
const DOCKER = "/var/lib/docker/overlay2";

test.each([
  [
    "Docker: its lower layers are links",
    `607 26 0:52 / ${DOCKER}/8c0b/merged rw,relatime shared:309 - overlay overlay ` +
      `rw,lowerdir=${DOCKER}/l/AAAA:${DOCKER}/l/BBBB,upperdir=${DOCKER}/8c0b/diff,workdir=${DOCKER}/8c0b/work`,
    { upper: `${DOCKER}/8c0b/diff`, lower: [`${DOCKER}/l/AAAA`, `${DOCKER}/l/BBBB`] },
  ],
  [
    "containerd: many lower layers, relative to a folder that it was in",
    "712 26 0:61 / /run/containerd/io.containerd.runtime.v2.task/k8s.io/ab/rootfs rw,relatime - overlay overlay " +
      "rw,lowerdir=12/fs:11/fs,upperdir=/var/lib/containerd/snapshots/13/fs,workdir=/var/lib/containerd/w",
    { upper: "/var/lib/containerd/snapshots/13/fs", lower: ["12/fs", "11/fs"] },
  ],
  [
    "colons, commas, spaces and backslashes in the names",
    "90 85 0:41 / /m1 rw,relatime - overlay overlay " +
      "rw,lowerdir=lo\\134:w:lo\\134\\054w2:a\\040b,upperdir=up\\134:p,workdir=w1,uuid=on",
    { upper: "up:p", lower: ["lo:w", "lo,w2", "a b"] },
  ],
  [
    "one by one (fsconfig(2)): a colon is not escaped",
    "96 85 0:45 / /m3 rw,relatime - overlay none ro,lowerdir+=/ov/lo:w,lowerdir+=/ov/lo\\054w2,redirect_dir=on",
    { upper: null, lower: ["/ov/lo:w", "/ov/lo,w2"] },
  ],
  ["layers of contents alone", "1 2 0:5 / /m rw - overlay o rw,lowerdir=/a::/b", { upper: null, lower: ["/a", "/b"] }],
  ["another type", "1 2 0:5 / /m rw - ext4 /dev/sda rw,lowerdir=/a", null],
])("%s", (_, line, layers) => {
  const [mount] = parseMountinfo(`${line}\n`).mounts;
  expect(mount && overlayLayersOf(mount)).toEqual(layers);
});
