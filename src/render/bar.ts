/** The bar of a long command on stderr, of a thousand steps; nothing of it is left on the terminal. */
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
