/** Real processes that hold real locks. Each reports when it holds, and is ended by the test, or at the end of it. */
import { onTestFinished } from "vitest";
import { type Holder, type HolderOptions, spawnHolder } from "./hold.ts";

export { Holder, type HolderOptions, pythonPath } from "./hold.ts";

/** Starts a Python process; it is killed when the test ends. */
export async function startHolder(options: HolderOptions = {}): Promise<Holder> {
  const holder = await spawnHolder(options);
  onTestFinished(() => holder.end());
  return holder;
}
