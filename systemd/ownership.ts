/**
 * Whose a generated file is: the uid in its `[X-Kubernetes]` section, or in the comment at its head. '' when it
 * names an owner without a uid; undefined when it isn't one of ours.
 */
export function ownerOf(content: string): string | undefined {
  return sectionOwner(content) ?? commentOwner(content);
}

/** `[X-Kubernetes]` … `UID=…`, up to the next section. */
function sectionOwner(content: string): string | undefined {
  const start = /^\[X-Kubernetes\]\s*$/m.exec(content);
  if (start === null) return undefined;
  const section = content.slice(start.index + start[0].length).split(/^\[/m, 1)[0] ?? '';
  return /^UID=(.*)$/m.exec(section)?.[1]?.trim() ?? '';
}

/** The comment lines that a file begins with, after `#!`: `# UID=…`, beside `Kind=`, `Namespace=` and `Name=`. */
function commentOwner(content: string): string | undefined {
  const head = /^(?:[#;].*\n|\n)*/.exec(content)?.[0] ?? '';
  if (!/^[#;].*\bkind[=:]/im.test(head)) return undefined;
  return /^[#;].*\buid[=:]\s*([\w.-]+)/im.exec(head)?.[1] ?? '';
}
