/** The command line that does what was asked for. Pure. */
import { DEFAULT_GRACE_MS, DEFAULT_SIGNAL, type KillSettings } from "../../features/kill/settings.ts";
import { quotedPath } from "../../text/shell.ts";

/** The whole command, as it has to be given again. */
export function killCommand(
  givenAs: string,
  pids: readonly number[],
  { signal, graceMs, yes, force }: Pick<KillSettings, "signal" | "graceMs" | "yes" | "force">,
): string {
  const options = [
    `--pid ${pids.join(" ")}`,
    ...(signal === DEFAULT_SIGNAL ? [] : [`--signal ${signal.slice("SIG".length)}`]),
    ...(graceMs === DEFAULT_GRACE_MS ? [] : [`--grace ${graceMs}ms`]),
    ...(force ? ["--force"] : []),
    ...(yes ? ["--yes"] : []),
  ];
  return `sqlock kill ${quotedPath(givenAs)} ${options.join(" ")}`;
}
