/** Events of two processors are in order within this, in ms. */
export const CPU_SLACK_MS = 1;
