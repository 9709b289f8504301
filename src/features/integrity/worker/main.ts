/** A process of its own for checks: it can be ended while SQLite is busy, and its locks end with it. */
import { watchLeftovers } from "../../../worker/as-before.ts";
import { keepNatives } from "../../../worker/keep-natives.ts";
import { type Channel, serveMany } from "../../../worker/serve.ts";
import type { Job, Message } from "../protocol.ts";
import { checkJob } from "./check.ts";
import { sortIn } from "./merge/sort-space.ts";

let isPrepared = false;

serveMany<Job, Message>(
  "sqlock integrity",
  (job, channel) => {
    if (!isPrepared) {
      sortIn(job.sortFolder);
      keepNatives();
    }
    isPrepared = true;
    return checkJob(job, job.watched ? channel : withoutStages(channel));
  },
  watchLeftovers(),
);

/** No bar shows the progress: of a small database, most messages would be about it. */
function withoutStages({ send, ask }: Channel<Message>): Channel<Message> {
  return {
    ask,
    send: (message) => {
      if (message.kind !== "stage") send(message);
    },
  };
}
