/** One database alone, for other features. */
import { checkDatabase } from "./check-database.ts";
import type { CheckResult } from "./result.ts";
import { checkWorkers } from "./run-worker.ts";
import type { CheckSettings } from "./settings.ts";

export async function checkOne(givenAs: string, settings: CheckSettings): Promise<CheckResult> {
  const workers = checkWorkers(1);
  try {
    return await checkDatabase(givenAs, settings, null, { workers, firstLook: async () => null, realPath: null });
  } finally {
    workers.end();
  }
}
