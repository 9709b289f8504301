/** What tests with random values start from: the same in each run, so that one that fails is a change's doing. */
const VARIABLE = "SQLOCK_TEST_SEED";

const DEFAULT_SEED = 1;

/** In the main process: `random` becomes a number, which all workers get and which is printed. */
export function fixSeed(env: NodeJS.ProcessEnv): void {
  if (env[VARIABLE] !== "random") return;
  env[VARIABLE] = String(Math.floor(Math.random() * 0x7fff_ffff));
  console.log(`${VARIABLE}=${env[VARIABLE]}`);
}

/** `otherwise`: where the variable is not set. */
export function testSeed(otherwise = DEFAULT_SEED): number {
  const seed = Number(process.env[VARIABLE] || otherwise);
  if (!Number.isSafeInteger(seed)) throw new Error(`${VARIABLE} is a whole number, or random`);
  return seed;
}
