/**
 * What a compiled pod has in place of what only a run knows. Each has the length of what replaces it, so that names
 * that are cut at a length are cut alike.
 */
export const PLACEHOLDER = {
  /** Minutes since 1970 of the scheduled time, as in the Job's name. */
  minute: '00000000',
  /** The end of the pod's name. */
  suffix: '00000',
  jobUid: '00000000-0000-4000-8000-000000000001',
  podUid: '00000000-0000-4000-8000-000000000002',
  /** From a range for documentation (RFC 5737): no pod has it. */
  address: '198.51.100.213',
  /** The hardware address that goes with it. */
  hardware: '0a:58:c6:33:64:d5',
} as const;

/** Name of the compiled pod of a CronJob. */
export function placeholderPodName(cronJob: string): string {
  return `${cronJob}-${PLACEHOLDER.minute}-${PLACEHOLDER.suffix}`;
}
