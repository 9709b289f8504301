/** In a worker: whether a job has left anything in this process. */
import { openFiles } from "./descriptors.ts";

/** Of resident memory, in bytes: what a job took, and the allocator has not given back. */
const MAX_MORE_BYTES = 64 * 2 ** 20;

/** From now on. @returns whether no file is open that was not, and the memory of the jobs is given back. */
export function watchLeftovers(): () => boolean {
  const files = filesNow();
  const bytes = process.memoryUsage.rss();
  return () => filesNow() === files && process.memoryUsage.rss() - bytes <= MAX_MORE_BYTES;
}

function filesNow(): string {
  return openFiles()
    .map(({ fd, dev, ino }) => [fd, dev, ino].join(":"))
    .sort()
    .join(" ");
}
