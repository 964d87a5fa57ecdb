/** Folder of the D-Bus objects that stand for units. */
const UNIT_ROOT = '/org/freedesktop/systemd1/unit/';

/** The D-Bus object path of a unit, escaped as sd_bus_path_encode(3) does: every byte outside [A-Za-z0-9] becomes `_xx`. */
export const unitPath = (name: string): string => `${UNIT_ROOT}${escapeLabel(name)}`;

/** The unit that an object path stands for; undefined when the path is not a unit's. */
export function unitOfPath(path: string): string | undefined {
  if (!path.startsWith(UNIT_ROOT)) return undefined;
  const label = path.slice(UNIT_ROOT.length);
  const bytes = label.replace(/_([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function escapeLabel(name: string): string {
  return Buffer.from(name, 'utf8')
    .toString('latin1')
    .replace(/[^A-Za-z0-9]|^[0-9]/g, (byte) => `_${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
