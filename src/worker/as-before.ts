/** In a worker: whether a job has left anything in this process. */
import { openFiles } from "./descriptors.ts";

/** Its resident memory, in bytes: some 60 MB at its start. What a job took and the allocator kept is more. */
const MAX_RESIDENT_BYTES = 120_000_000;

/** From now on. No file is open that was not, and the memory of the jobs is given back. */
export function watchLeftovers(): () => boolean {
  const before = filesNow();
  return () => filesNow() === before && process.memoryUsage.rss() <= MAX_RESIDENT_BYTES;
}

function filesNow(): string {
  return openFiles()
    .map(({ fd, dev, ino }) => [fd, dev, ino].join(":"))
    .sort()
    .join(" ");
}
