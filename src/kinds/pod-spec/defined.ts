/** `{ [name]: value }`, or nothing where the value is undefined: keeps absent fields absent. */
export function defined<K extends string, V>(name: K, value: V | undefined): { readonly [_ in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [_ in K]?: V };
}
