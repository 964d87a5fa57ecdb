/** Specifiers off: systemd expands `%x` in most values (systemd.unit(5)), so a percent sign is doubled. */
export function escapeSpecifiers(value: string): string {
  return value.replaceAll('%', '%%');
}

/** Variables off: systemd expands `$X` and `${X}` in command lines (systemd.service(5)). */
export function escapeVariables(value: string): string {
  return value.replaceAll('$', '$$$$');
}

/** For anything that ends up in an Exec line, directly or through Quadlet. */
export function escapeForExec(value: string): string {
  return escapeVariables(escapeSpecifiers(value));
}

/**
 * A string as part of a unit name, reversible (systemd-escape(1)): `/` becomes `-`; everything but letters, digits,
 * `:`, `_` and `.` becomes `\xNN` per UTF-8 byte, as does a leading dot.
 */
export function escapeUnitName(text: string): string {
  return [...text]
    .map((character, index) => {
      if (character === '/') {
        return '-';
      }
      const plain = /^[a-zA-Z0-9:_.]$/.test(character) && !(character === '.' && index === 0);
      return plain ? character : hexBytes(character);
    })
    .join('');
}

function hexBytes(character: string): string {
  const encoded = encodeURIComponent(character);
  if (encoded.startsWith('%')) {
    return encoded.toLowerCase().replaceAll('%', '\\x');
  }
  return `\\x${character.charCodeAt(0).toString(16)}`;
}
