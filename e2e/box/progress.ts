const began = performance.now();

/** Tells the user, on standard error, what is being done and how long after the start. */
export function step(text: string): void {
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stderr.write(`${seconds.padStart(6)} s  ${text}\n`);
}
