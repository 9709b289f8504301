/** The words for processes that could not be inspected. Pure. */
import type { Unseen } from "../model/snapshot.ts";
import { count } from "./list.ts";

/** `12 processes`; `some processes` where their number is not known. */
export function unseenCount(unseen: Pick<Unseen, "processes"> | null): string {
  const processes = unseen?.processes ?? null;
  return processes === null ? "some processes" : count(processes, "process", "processes");
}
