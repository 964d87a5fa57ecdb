/** First descriptor that systemd passes (SD_LISTEN_FDS_START). */
const FIRST = 3;

/** What systemd puts into the environment of a socket-activated service. */
export interface ListenEnvironment {
  readonly LISTEN_FDS?: string;
  readonly LISTEN_PID?: string;
  readonly LISTEN_FDNAMES?: string;
}

/** A socket that systemd has opened for us. `server.listen({ fd })` takes it over. */
export interface ListenFd {
  readonly fd: number;
  /** `FileDescriptorName=` of the socket unit; the unit's name unless it says; `unknown` from an old systemd. */
  readonly name: string;
}

/** sd_listen_fds_with_names(3): the sockets meant for the process `pid`; none when it wasn't activated by one. */
export function listenFds(environment: ListenEnvironment, pid: number): readonly ListenFd[] {
  if (Number(environment.LISTEN_PID) !== pid) return [];
  const count = Number(environment.LISTEN_FDS ?? 0);
  if (!Number.isSafeInteger(count) || count <= 0) return [];
  const names = (environment.LISTEN_FDNAMES ?? '').split(':');
  return Array.from({ length: count }, (_, index) => ({ fd: FIRST + index, name: names[index] || 'unknown' }));
}
