/**
 * `$(NAME)` references as Kubernetes expands them in `command`, `args` and `env`: `$$` is a dollar sign, a name that
 * isn't known stays as written.
 */
export function expandReferences(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (match, name: string | undefined) =>
    name === undefined ? '$' : (variables.get(name) ?? match),
  );
}
