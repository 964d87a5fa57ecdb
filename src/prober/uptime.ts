/** Milliseconds of CLOCK_MONOTONIC, systemd's `…TimestampMonotonic`: it goes on evenly, however the time of day is set. */
export function uptimeMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
