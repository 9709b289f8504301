/** `/proc/PID/stat`: one line on a process or thread. Source: proc_pid_stat(5). */
import { ParseError } from "../errors.ts";
import { type Reading, readText } from "./read.ts";

export type ProcessState = "running" | "sleeping" | "disk-sleep" | "stopped" | "traced" | "zombie";

export interface Stat {
  readonly name: string;
  readonly state: ProcessState;
  readonly parentPid: number;
  /** The pid of the session leader, which may have exited. */
  readonly session: number;
  /** Device number of the controlling terminal; 0 for none. */
  readonly terminal: number;
  /** Page faults without disk access. The sum of a process includes those of its exited threads. */
  readonly minorFaults: bigint;
  /** Those of its children that were waited for. */
  readonly childrenMinorFaults: bigint;
  /** A kernel thread (PF_KTHREAD): it has no descriptors. */
  readonly kernel: boolean;
  /** Its main thread is in exit(2) (PF_EXITING): it runs no code of its program any more. */
  readonly exiting: boolean;
  readonly threads: number;
  /** Clock ticks since boot: with the pid, the identity of a process. */
  readonly startTicks: bigint;
  /**
   * The start of its stack, which exec(2) places at random: a child has that of its parent until it calls exec. 0 where
   * reading it is not permitted.
   */
  readonly stackStart: bigint;
  /** The CPU it last ran on. */
  readonly cpu: number;
}

const PF_KTHREAD = 0x00200000;
const PF_EXITING = 0x00000004;

const STATES: Record<string, ProcessState | undefined> = {
  R: "running",
  S: "sleeping",
  I: "sleeping",
  D: "disk-sleep",
  T: "stopped",
  t: "traced",
  Z: "zombie",
  X: "zombie",
  x: "zombie",
};

/**
 * The name is in parentheses, and may contain parentheses, spaces and newlines itself: the last `)` ends it. @throws
 * ParseError
 */
export function parseStat(text: string, file = "/proc/PID/stat"): Stat {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  const fields = text
    .slice(close + 2)
    .trim()
    .split(" ");
  const field = (number: number) => fields[number - 3] ?? ""; // as numbered in proc_pid_stat(5); the state is field 3
  const numbers = [4, 6, 7, 9, 10, 11, 20, 22, 28, 39];
  if (open < 0 || close < open || !numbers.every((n) => /^-?\d+$/.test(field(n)))) throw new ParseError(file, text);
  return {
    name: text.slice(open + 1, close),
    state: STATES[field(3)] ?? "sleeping",
    parentPid: Number(field(4)),
    session: Number(field(6)),
    terminal: Number(field(7)),
    minorFaults: BigInt(field(10)),
    childrenMinorFaults: BigInt(field(11)),
    kernel: (Number(field(9)) & PF_KTHREAD) !== 0,
    exiting: (Number(field(9)) & PF_EXITING) !== 0,
    threads: Number(field(20)),
    startTicks: BigInt(field(22)),
    stackStart: BigInt(field(28)),
    cpu: Number(field(39)),
  };
}

/** `directory` is /proc/PID or /proc/PID/task/TID. */
export function readStat(directory: string): Reading<Stat> {
  const reading = readText(`${directory}/stat`);
  return reading.kind === "ok" ? { kind: "ok", value: parseStat(reading.value, `${directory}/stat`) } : reading;
}

/** `pts/3`, `tty1`, `ttyS0`; null for none. Source: Documentation/admin-guide/devices.txt. */
export function terminalName(device: number): string | null {
  if (device === 0) return null;
  const major = (device >>> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${minor + (major - 136) * 256}`;
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  if (major === 5 && minor === 1) return "console";
  return `${major}:${minor}`;
}
