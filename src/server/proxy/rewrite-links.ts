/** Attributes that hold an address, by element: upstream's table, after HTML's index of attributes. */
const ADDRESSES: { readonly [element: string]: readonly string[] } = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
};
/** A start tag: the element, and its attributes, in which quoted values may contain `>`. */
const START_TAG = /<([a-zA-Z][a-zA-Z0-9-]*)((?:\s+(?:[^\s"'>=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?)?)*\s*\/?)>/g;
const ATTRIBUTE = /([^\s"'>=/]+)(\s*=\s*)(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g;

/** Who the page came from, and where it shall seem to be. */
export interface PageOrigin {
  /** Path of our own that stands for the page's root. */
  readonly prefix: string;
  /** Names of the page's own host: the one asked by us, and the one asked by the client. */
  readonly hosts: readonly string[];
}

/** An absolute address on the page's own host, put behind the prefix; all others as they are. */
export function rewriteLink(link: string, { prefix, hosts }: PageOrigin): string {
  const own = /^(?:https?:)?\/\/([^/?#]*)(.*)$/i.exec(link);
  const rest = own === null ? link : (own[2] ?? '');
  const isElsewhere = own !== null && !hosts.includes(own[1] ?? '');
  if (isElsewhere || !rest.startsWith('/') || rest.startsWith(prefix)) return link;
  return `${prefix}${rest}`;
}

/** A page whose links lead through the proxy. */
export function rewriteLinks(html: string, origin: PageOrigin): string {
  return html.replace(START_TAG, (tag: string, element: string, attributes: string) => {
    const names = ADDRESSES[element.toLowerCase()];
    if (names === undefined) return tag;
    const rewritten = attributes.replace(
      ATTRIBUTE,
      (all: string, name: string, equals: string, ...values: unknown[]) => {
        if (!names.includes(name.toLowerCase())) return all;
        const value = values.slice(0, 3).find((one) => typeof one === 'string') as string;
        return `${name}${equals}"${rewriteLink(value, origin).replaceAll('"', '&#34;')}"`;
      },
    );
    return `<${element}${rewritten}>`;
  });
}
