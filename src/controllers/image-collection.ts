import type { HostPressure } from '../host/pressure.ts';
import type { Controller } from './controller.ts';
import type { EventRecorder } from './events.ts';
import type { ImageCollector } from './images/image-collector.ts';
import type { Resources } from './resources.ts';

/** What the controller needs. */
export interface ImageCollectionOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
  readonly nodeName: string;
  readonly collector: ImageCollector;
  readonly readPressure: () => Promise<HostPressure>;
}

/** The kubelet's period of image garbage collection. */
const EVERY_MS = 300_000;
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `19.5 GiB`, as the kubelet prints sizes. Pure. */
export function formatSize(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  return power === 0 ? `${bytes} B` : `${(bytes / 1024 ** power).toFixed(1)} ${UNITS[power]}`;
}

/** What the kubelet says when images alone don't make the room that is wanted. Pure. */
export function notEnough({ totalBytes, availableBytes }: HostPressure['imageDisk'], freedBytes: number): string {
  const percent = 100 - Math.floor((availableBytes * 100) / totalBytes);
  return (
    `Insufficient free disk space on the node's image filesystem (${percent}% of ${formatSize(totalBytes)} used). ` +
    `Failed to free sufficient space by deleting unused images (freed ${freedBytes} bytes). ` +
    'Investigate disk usage, as it could be used by active images, logs, volumes, or other data.'
  );
}

/** Removes unused images when the disk is nearly full. */
export function imageCollection(options: ImageCollectionOptions): Controller {
  const { resources, recorder, nodeName, collector, readPressure } = options;
  return {
    name: 'image-collection',
    inputs: [],
    outputs: [
      { what: 'unused images', mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    extraKeys: async () => [nodeName],
    reconcile: async () => {
      collector.note();
      const { imageDisk } = await readPressure();
      const done = await collector.collect(imageDisk);
      const node = resources.nodes.find('', nodeName);
      if (done !== undefined && done.freedBytes < done.wantedBytes && node !== undefined) {
        const message = notEnough(imageDisk, done.freedBytes);
        recorder.record(node, { type: 'Warning', reason: 'FreeDiskSpaceFailed', message, component: 'kubelet' });
      }
      return { afterMs: EVERY_MS };
    },
  };
}
