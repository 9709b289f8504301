/**
 * A process of its own for each look: the one that has the database open in SQLite opens its files in no other way (the close trap), it
 * can be ended while SQLite is busy, and what it holds goes with it.
 */
import type { Job, Message } from "../protocol.ts";
import { checkJob } from "./check.ts";

process.title = "sqlock integrity";

/** Nobody listens any more once the channel is closed: then this process is ended from outside. */
const send = (message: Message): void => {
  process.send?.(message, undefined, {}, () => undefined);
};

process.once("message", (job: Job) => {
  void checkJob(job, send).then(() => {
    process.send?.({ kind: "done" } satisfies Message, () => process.disconnect());
  });
});
