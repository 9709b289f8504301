/** Descriptors on files that were deleted or moved away: nobody else opens what is written there. */
import type { Handle, Holder } from "../../model/report.ts";

export function lostHandles({ handles }: Pick<Holder, "handles">): Handle[] {
  return handles.filter((handle) => handle.deleted || handle.moved);
}
