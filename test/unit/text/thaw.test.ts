import { expect, test } from "vitest";
import type { Holder } from "../../../src/model/report.ts";
import { thawCommand } from "../../../src/text/thaw.ts";
import { holder } from "../../support/report.ts";

const ID = "0123456789ab";
const frozen = (path: string, version: 1 | 2 = 2) => ({ frozen: { path: `/sys/fs/cgroup/${path}`, version } });

test.each<[string, Partial<Holder>, string | null]>([
  ["not frozen", { container: `docker:${ID}` }, null],
  ["docker", { ...frozen(`system.slice/docker-${ID}cdef.scope`), container: `docker:${ID}` }, `docker unpause ${ID}`],
  ["docker, version 1", { ...frozen(`freezer/docker/${ID}`, 1), container: `docker:${ID}` }, `docker unpause ${ID}`],
  [
    "podman of a user",
    { ...frozen(`x/libpod-${ID}.scope`), container: `podman:${ID}`, containerUid: 1000 },
    `sudo -u '#1000' podman unpause ${ID}`,
  ],
  ["lxc", { ...frozen("lxc.payload.web"), container: "lxc:web" }, "lxc-unfreeze -n web"],
  [
    "a slice above the container",
    { ...frozen("system.slice"), container: `docker:${ID}`, unit: `docker-${ID}.scope`, unitManager: "system" },
    "echo 0 > /sys/fs/cgroup/system.slice/cgroup.freeze",
  ],
  [
    "a service",
    { ...frozen("system.slice/a.service"), unit: "a.service", unitManager: "system" },
    "systemctl thaw a.service",
  ],
  [
    "a user's service",
    { ...frozen("user.slice/a.service"), unit: "a.service", unitManager: "user", unitUid: 7 },
    "systemctl --user --machine=7@.host thaw a.service",
  ],
  [
    "containerd",
    { ...frozen(`k8s.io/${ID}`), container: `containerd:${ID}` },
    `echo 0 > /sys/fs/cgroup/k8s.io/${ID}/cgroup.freeze`,
  ],
  ["version 1", frozen("freezer/my job", 1), "echo THAWED > '/sys/fs/cgroup/freezer/my job/freezer.state'"],
])("%s", (_, change, expected) => {
  expect(thawCommand(holder(change), { uid: 0 })).toBe(expected);
});

test.each<[string, Partial<Holder>, string | null]>([
  [
    "docker",
    { ...frozen(`system.slice/docker-${ID}cdef.scope`), container: `docker:${ID}` },
    `sudo docker unpause ${ID}`,
  ],
  [
    "podman, the user's own",
    { ...frozen(`x/libpod-${ID}.scope`), container: `podman:${ID}`, containerUid: 1000 },
    `podman unpause ${ID}`,
  ],
  [
    "podman, another user's",
    { ...frozen(`x/libpod-${ID}.scope`), container: `podman:${ID}`, containerUid: 7 },
    `sudo -u '#7' podman unpause ${ID}`,
  ],
  [
    "a service of the system",
    { ...frozen("system.slice/a.service"), unit: "a.service", unitManager: "system" },
    "sudo systemctl thaw a.service",
  ],
  [
    "the user's own service",
    { ...frozen("user.slice/a.service"), unit: "a.service", unitManager: "user", unitUid: 1000 },
    "systemctl --user thaw a.service",
  ],
  [
    "another user's service",
    { ...frozen("user.slice/a.service"), unit: "a.service", unitManager: "user", unitUid: 7 },
    "sudo systemctl --user --machine=7@.host thaw a.service",
  ],
  ["a cgroup", frozen("my job"), "echo 0 | sudo tee '/sys/fs/cgroup/my job/cgroup.freeze'"],
])("for an ordinary user: %s", (_, change, expected) => {
  expect(thawCommand(holder(change), { uid: 1000 })).toBe(expected);
});
