/**
 * Whether a command of another user could type at the terminal of who runs sqlock, as if its keys were pressed: TIOCSTI
 * of ioctl_tty(2), which needs nothing but that terminal. It keeps the terminal, for Ctrl-C and Ctrl-Z.
 */
import { release } from "node:os";
import { readText, valueOr } from "../../proc/read.ts";
import { readStat } from "../../proc/stat.ts";

export function canTypeHere(): boolean {
  const terminal = valueOr(readStat("/proc/self"), null)?.terminal ?? 0;
  return terminal !== 0 && allowsTyping(valueOr(readText("/proc/sys/dev/tty/legacy_tiocsti"), null), release());
}

/** Pure. `setting`: of the kernel, which has it since 6.2; before, everybody may. Source: proc_sys_dev(5) */
export function allowsTyping(setting: string | null, kernel: string): boolean {
  if (setting !== null) return setting.trim() !== "0";
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  return major < 6 || (major === 6 && minor < 2);
}
