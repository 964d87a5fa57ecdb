/** The part of dockerode that we use; it ships no types. */
declare module 'dockerode' {
  import type { Agent } from 'node:http';

  interface DialOptions {
    /** Ends in `?`: the query of `options._query` is appended. */
    readonly path: string;
    readonly method: string;
    readonly options: { readonly _query: object; readonly _body: object };
    readonly headers?: { readonly [name: string]: string };
    /** `true` for what is not an error. */
    readonly statusCodes: { readonly [status: number]: true };
    readonly isStream?: boolean;
    readonly hijack?: boolean;
    /** The body as it is. */
    readonly file?: Buffer;
    readonly abortSignal?: AbortSignal;
  }

  interface Modem {
    dial(options: DialOptions, callback: (error: Error | null, result: unknown) => void): void;
  }

  class Docker {
    constructor(options: { readonly socketPath: string; readonly agent?: Agent });
    /** The transport: paths outside Docker's API are dialled here. */
    readonly modem: Modem;
  }

  namespace Docker {
    export type { Modem };
  }

  export = Docker;
}
