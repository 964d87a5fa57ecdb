/** A duration in seconds as Go prints it: `10s`, `2m40s`, `5m0s`. */
export function goDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  return `${Math.floor(whole / 60)}m${whole % 60}s`;
}
