/** The worker's own side: it takes one job, tells what comes of it, and ends. */
import type { Done } from "./run.ts";

export interface Channel<Message> {
  readonly send: (message: Message) => void;
  /**
   * Sends, and waits for what is answered. For ever, should nobody be there: then this process is ended from outside.
   */
  readonly ask: <Answer>(message: Message) => Promise<Answer>;
}

export function serve<Job, Message>(title: string, work: (job: Job, channel: Channel<Message>) => Promise<void>): void {
  process.title = title;
  // Nobody listens any more once the channel is closed: then this process is ended from outside.
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
