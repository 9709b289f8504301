/** Which connections each process of the load has. Pure. */
import type { Role } from "./records.ts";
import type { Settings } from "./settings.ts";

/** `slot`: the index among the --writers or --readers, from 0. A replacement takes the slot over. */
export interface ConnectionSlot {
  readonly role: Role;
  readonly slot: number;
}

/** Writers first, --threads connections in each process. */
export function slotsByProcess({
  writers,
  readers,
  threads,
}: Pick<Settings, "writers" | "readers" | "threads">): ConnectionSlot[][] {
  const slots = [
    ...Array.from({ length: writers }, (_, slot) => ({ role: "writer", slot }) as const),
    ...Array.from({ length: readers }, (_, slot) => ({ role: "reader", slot }) as const),
  ];
  return Array.from({ length: Math.ceil(slots.length / threads) }, (_, i) =>
    slots.slice(i * threads, (i + 1) * threads),
  );
}
