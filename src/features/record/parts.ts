/** What a recording is made of: the source that is possible here, and what makes lines, files and summaries of it. */
import { UserError } from "../../errors.ts";
import type { WatchedDatabase } from "../watch/databases.ts";
import type { RecorderParts } from "./recorder.ts";
import type { RecordSettings } from "./settings.ts";

/** @throws TraceError, UserError */
export async function openParts(
  _settings: RecordSettings,
  _databases: readonly WatchedDatabase[],
): Promise<Omit<RecorderParts, "output">> {
  throw new UserError("no-source", "there is no source of recordings yet", "use sqlock watch");
}
