/** The worker's side of a job: it takes one job, sends messages about it, and ends. */
import type { Done } from "./run.ts";

export interface Channel<Message> {
  readonly send: (message: Message) => void;
  /** Sends, and waits for the answer; for ever where the parent has ended: then the sentinel ends this process. */
  readonly ask: <Answer>(message: Message) => Promise<Answer>;
}

/** `title`: the name of the process. */
export function serve<Job, Message>(title: string, work: (job: Job, channel: Channel<Message>) => Promise<void>): void {
  process.title = title;
  // An error means that the parent has ended: the sentinel ends this process.
  const send = (message: Message): void => {
    process.send?.(message, undefined, {}, () => undefined);
  };
  const ask = <Answer>(message: Message): Promise<Answer> =>
    new Promise((resolve) => {
      process.once("message", (answer: Answer) => resolve(answer));
      send(message);
    });
  process.once("message", (job: Job) => {
    void work(job, { send, ask }).then(() => {
      process.send?.({ kind: "done" } satisfies Done, () => process.disconnect());
    });
  });
}
