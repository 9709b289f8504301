/** The worker's own side: it takes one job, tells what comes of it, and ends. */
import type { Done } from "./run.ts";

export function serve<Job, Message>(title: string, work: (job: Job, send: (message: Message) => void) => Promise<void>): void {
  process.title = title;
  // Nobody listens any more once the channel is closed: then this process is ended from outside.
  const send = (message: Message): void => {
    process.send?.(message, undefined, {}, () => undefined);
  };
  process.once("message", (job: Job) => {
    void work(job, send).then(() => {
      process.send?.({ kind: "done" } satisfies Done, () => process.disconnect());
    });
  });
}
