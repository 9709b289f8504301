/** `/proc/PID/status`: user, groups and capabilities of a process. Source: proc_pid_status(5), capabilities(7). */
import { ParseError } from "../errors.ts";
import { type Reading, readText } from "./read.ts";

export interface Credentials {
  /** The effective user id. */
  readonly uid: number;
  readonly realUid: number;
  /** The effective group id, and the supplementary ones. */
  readonly groups: readonly number[];
  /** CAP_DAC_OVERRIDE: it may write whatever the permission bits say. */
  readonly overridesRights: boolean;
}

/** Bit 1 of the capabilities. Source: linux/capability.h. */
const CAP_DAC_OVERRIDE = 2n;

/** @throws ParseError */
export function parseCredentials(text: string, file = "/proc/PID/status"): Credentials {
  const [, realUid, uid] = /^Uid:\t(\d+)\t(\d+)\t/m.exec(text) ?? [];
  const gid = /^Gid:\t\d+\t(\d+)\t/m.exec(text)?.[1];
  if (uid === undefined) throw new ParseError(file, text);
  const groups = /^Groups:\t([\d ]*)$/m.exec(text)?.[1] ?? "";
  const capabilities = /^CapEff:\t([0-9a-f]+)$/m.exec(text)?.[1] ?? "0";
  return {
    uid: Number(uid),
    realUid: Number(realUid),
    groups: [...new Set([...(gid === undefined ? [] : [gid]), ...groups.split(" ").filter(Boolean)].map(Number))],
    overridesRights: (BigInt(`0x${capabilities}`) & CAP_DAC_OVERRIDE) !== 0n,
  };
}

/** Whether a program may get capabilities of the process through its file. Pure. */
export function hasInheritable(text: string): boolean {
  return /^CapInh:\t0*[1-9a-f]/m.test(text);
}

export function readCredentials(directory: string): Reading<Credentials> {
  const reading = readText(`${directory}/status`);
  return reading.kind === "ok"
    ? { kind: "ok", value: parseCredentials(reading.value, `${directory}/status`) }
    : reading;
}
