/** Into which processes this one may look. Sources: ptrace(2), "Ptrace access mode checking"; capabilities(7). */
import { type Reading, readText } from "./read.ts";

/**
 * `full`: root with every right that it takes; who is closed to it is so by a security module. `limited`: root without
 * some of them, as in a sandbox or a container. `user-namespace`: root of a user namespace of its own alone. `user`: an
 * ordinary user.
 */
export type Sight = "full" | "limited" | "user-namespace" | "user";

const CAP_DAC_OVERRIDE = 1n << 1n;
const CAP_DAC_READ_SEARCH = 1n << 2n;
const CAP_SYS_PTRACE = 1n << 19n;

/** Pure. `status`: `/proc/self/status`. Where it names no capabilities, root has none that is known of. */
export function sightOf(root: boolean, userNamespace: boolean, status: Reading<string>): Sight {
  if (!root) return "user";
  if (userNamespace) return "user-namespace";
  const text = status.kind === "ok" ? /^CapEff:\t([0-9a-f]+)$/m.exec(status.value)?.[1] : undefined;
  const capabilities = BigInt(`0x${text ?? "0"}`);
  const entersFolders = (capabilities & (CAP_DAC_OVERRIDE | CAP_DAC_READ_SEARCH)) !== 0n;
  return entersFolders && (capabilities & CAP_SYS_PTRACE) !== 0n ? "full" : "limited";
}

export function readSight(proc: string, root: boolean, userNamespace: boolean): Sight {
  return sightOf(root, userNamespace, root ? readText(`${proc}/self/status`) : { kind: "gone" });
}
