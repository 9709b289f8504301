/** The progress bar of a long command on stderr; it is removed at the end. `doing`: the text beside it. */
export async function makeBar() {
  const { SingleBar } = (await import("cli-progress")).default;
  return new SingleBar({
    format: "{bar} {percentage}%  {doing}",
    barsize: 24,
    clearOnComplete: true,
    linewrap: true,
    gracefulExit: false,
    stream: process.stderr,
  });
}
