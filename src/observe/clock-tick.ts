/**
 * How far the kernel's time stamps of files can be told apart, in ms. Kernels before 6.13 stamp files in ticks of up to
 * 10 ms: a change within the same tick as the one before cannot be seen.
 */
export const CLOCK_TICK_MS = 20;
