/** One variable of a container. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  /** Comes from a Secret: must not be readable in a unit file. */
  readonly isSecret: boolean;
}
