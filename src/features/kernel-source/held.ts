/** A reading of /proc/locks as an event of the recording: what is held before its stream begins, or after a gap. */

import { parseLocks } from "../../proc/locks.ts";
import { LocksFile } from "../../proc/locks-file.ts";
import type { HeldEvent, HeldSeen } from "../../recording/source-event.ts";
import { kernelDevice, keyOfInode } from "./device.ts";

/** All locks of these devices. `now`: the clock of the recording, in ms. */
export async function readHeld(devices: ReadonlySet<number>, now: () => number): Promise<HeldEvent> {
  const fromMs = now();
  const reading = await new LocksFile("/proc").read();
  const atMs = now();
  if (reading.kind !== "ok") return { kind: "held", fromMs, atMs, locks: [], complete: false };
  const seen = new Map<string, HeldSeen>();
  for (const text of reading.value.passes) {
    for (const { pid, device, inode, start, end, type, api, waiting } of parseLocks(text).locks) {
      if (waiting || pid === null || !devices.has(kernelDevice(device))) continue;
      const held: HeldSeen = {
        pid,
        device: kernelDevice(device),
        inode: keyOfInode(inode),
        start: Number(start),
        end: end === null ? Number.POSITIVE_INFINITY : Number(end),
        type,
        api,
      };
      seen.set(JSON.stringify([...Object.values(held), end === null]), held);
    }
  }
  return { kind: "held", fromMs, atMs, locks: [...seen.values()], complete: reading.value.complete };
}
