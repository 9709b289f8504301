import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  parseSecurityLabel,
  readSecurityLabel,
  readSelinuxEnforcing,
  type SecurityLabel,
} from "../../../src/proc/security.ts";
import { tempFolder } from "../../support/temp.ts";

test.each<[string, boolean, SecurityLabel | null]>([
  ["unconfined\n", false, { module: "apparmor", label: "unconfined", confined: false }],
  ["docker-default (enforce)\n", false, { module: "apparmor", label: "docker-default", confined: true }],
  ["/usr/sbin/mysqld (enforce)", false, { module: "apparmor", label: "/usr/sbin/mysqld", confined: true }],
  ["snap.app.web (complain)\n", false, { module: "apparmor", label: "snap.app.web", confined: false }],
  ["a (b) (kill)\n", false, { module: "apparmor", label: "a (b)", confined: true }],
  ["lxc-1 (unconfined)", false, { module: "apparmor", label: "lxc-1", confined: false }],
  [
    "system_u:system_r:httpd_t:s0\0",
    true,
    { module: "selinux", label: "system_u:system_r:httpd_t:s0", confined: true },
  ],
  [
    "system_u:system_r:container_t:s0:c1,c2\0",
    false,
    { module: "selinux", label: "system_u:system_r:container_t:s0:c1,c2", confined: false },
  ],
  [
    "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023",
    true,
    { module: "selinux", label: "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023", confined: false },
  ],
  [
    "system_u:system_r:unconfined_service_t:s0",
    true,
    { module: "selinux", label: "system_u:system_r:unconfined_service_t:s0", confined: false },
  ],
  ["kernel", true, null],
  ["", true, null],
  ["_", true, null], // SMACK
])("%j", (text, enforcing, expected) => {
  expect(parseSecurityLabel(text, enforcing)).toEqual(expected);
});

test("read as the kernel gives it; where no module has labels it gives none", () => {
  const folder = tempFolder();
  expect(readSecurityLabel(folder, false)).toEqual({ kind: "gone" });
  mkdirSync(join(folder, "attr"));
  writeFileSync(join(folder, "attr", "current"), "app (enforce)\n");
  expect(readSecurityLabel(folder, false)).toMatchObject({ kind: "ok", value: { label: "app", confined: true } });
  expect(["ok", "denied"]).toContain(readSecurityLabel("/proc/self", readSelinuxEnforcing()).kind);
});
