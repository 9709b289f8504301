/** How often a test repeats what chance decides: a few times in `npm test`, in full in `npm run test:soak`. */
import { inject } from "vitest";

declare module "vitest" {
  export interface ProvidedContext {
    /** Whether this is `npm run test:soak`. */
    readonly soak: boolean;
  }
}

export const SOAK = inject("soak");

/** The number of repetitions; `short`: in `npm test`. */
export function repetitions(full: number, short: number): number {
  return SOAK ? full : short;
}
