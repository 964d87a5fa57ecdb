import { keyTable, row } from './key-row.ts';

/** `[Volume]` of a `.volume` file (podman-systemd.unit(5)). */
export const volumeKeys = keyTable([
  row('ContainersConfModule', 'containers.conf module', { repeatable: true }),
  row('Copy', "start with the image's content", { type: 'boolean' }),
  row('Device', 'device or folder to mount'),
  row('Driver', 'local or image', { flag: '--driver' }),
  row('GlobalArgs', "podman's global options", { repeatable: true, quoting: 'words' }),
  row('Group', 'owning group id', { type: 'integer' }),
  row('Image', 'image of the image driver'),
  row('Label', 'label', { repeatable: true, quoting: 'word', flag: '--label' }),
  row('Options', 'mount options'),
  row('PodmanArgs', 'further options of podman volume create', { repeatable: true, quoting: 'word' }),
  row('ServiceName', 'name of the generated service'),
  row('Type', 'file system type of the device'),
  row('User', 'owning user id', { type: 'integer' }),
  row('VolumeName', "podman's name of the volume"),
]);
