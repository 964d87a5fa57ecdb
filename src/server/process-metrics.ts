import { readdirSync, readFileSync } from 'node:fs';
import type { Metric } from './prometheus.ts';
import { SERVER_VERSION } from './version.ts';

/** What a process that was written in Go would say of itself, as far as this one can. */
export function processMetrics(): readonly Metric[] {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const gauge = (name: string, help: string, value: number): Metric => ({
    name,
    type: 'gauge',
    help,
    values: [['', value]],
  });
  return [
    {
      ...gauge('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', (user + system) / 1e6),
      type: 'counter',
    },
    gauge('process_open_fds', 'Number of open file descriptors.', openFiles()),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', rss),
    gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.', virtualMemory()),
    gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', startTime()),
    gauge('nodejs_heap_used_bytes', "Used part of V8's heap in bytes.", heapUsed),
    {
      name: 'kubernetes_build_info',
      type: 'gauge',
      help: "A metric with a constant '1' value labeled by major, minor and git version.",
      values: [[`{git_version="${SERVER_VERSION}",major="1",minor="36",platform="linux/${process.arch}"}`, 1]],
    },
  ];
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

function virtualMemory(): number {
  return Number(/^VmSize:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1024;
}

function startTime(): number {
  return Math.round(Date.now() / 1000 - process.uptime());
}
