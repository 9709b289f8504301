/** Opens a source by its name. Nowhere else is one of them chosen. */
import type { Source } from "../../model/source.ts";
import { openProc } from "./proc/open.ts";
import type { Collect } from "./source.ts";

/** `proc`: where /proc is mounted. @throws UserError where this system does not have the source. */
export function openSource(source: Source, proc: string): Collect {
  switch (source) {
    case "proc":
      return openProc(proc);
    case "lsof":
      // Loaded when it is used: with execa and ps-list it takes longer to load than all that a look at /proc needs.
      return async (targets, options) => (await import("./lsof/collect.ts")).collect(targets, options);
  }
}
