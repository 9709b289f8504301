/** What a security module (SELinux, AppArmor) allows a process, as far as its label tells. */
import { type Reading, readText } from "./read.ts";

export interface SecurityLabel {
  readonly module: "selinux" | "apparmor";
  /** AppArmor's profile, or SELinux's context. */
  readonly label: string;
  /** Its rules are enforced: what they do not allow is refused, whatever the mode bits say. */
  readonly confined: boolean;
}

/**
 * `/proc/PID/attr/current`. AppArmor: `PROFILE (enforce)`, `unconfined`; SELinux: `user:role:type:level`. Null: no
 * module that is known here. `enforcing`: of SELinux. Sources: apparmor(7), selinux(8)
 */
export function parseSecurityLabel(text: string, enforcing: boolean): SecurityLabel | null {
  const label = text.replace(/[\0\n]+$/, "");
  const profile = /^(.+) \((enforce|complain|kill|prompt|user|mixed|unconfined)\)$/.exec(label);
  if (profile !== null) {
    const confined = profile[2] !== "complain" && profile[2] !== "unconfined";
    return { module: "apparmor", label: profile[1] ?? label, confined };
  }
  if (label === "unconfined") return { module: "apparmor", label, confined: false };
  const type = /^[^:]+:[^:]+:([^:]+)(?::.+)?$/.exec(label)?.[1];
  if (type === undefined) return null;
  return { module: "selinux", label, confined: enforcing && !/^unconfined(_|$)|_unconfined_t$/.test(type) };
}

/** Whether SELinux enforces its policy. Source: selinux(8), /sys/fs/selinux/enforce */
export function readSelinuxEnforcing(): boolean {
  const reading = readText("/sys/fs/selinux/enforce");
  return reading.kind === "ok" && reading.value.trim() === "1";
}

/** `directory`: /proc/PID. Where no module has labels, the kernel says EINVAL. */
export function readSecurityLabel(directory: string, enforcing: boolean): Reading<SecurityLabel | null> {
  const reading = readText(`${directory}/attr/current`);
  return reading.kind === "ok" ? { kind: "ok", value: parseSecurityLabel(reading.value, enforcing) } : reading;
}
