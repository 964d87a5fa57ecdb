/** The database could not be opened or read; `message` names the file and says what to do. */
export class StoreOpenError extends Error {
  readonly reason: 'locked' | 'corrupt' | 'newer-schema' | 'unreadable' | 'sealed';

  constructor(reason: StoreOpenError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreOpenError';
    this.reason = reason;
  }
}

/** A batch could not be made durable: none of its writes happened. */
export class StoreWriteError extends Error {
  constructor(cause: unknown) {
    super(`the object store could not commit: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'StoreWriteError';
  }
}

/** The store was closed before or while the call was made. */
export class StoreClosedError extends Error {
  constructor() {
    super('the object store is closed');
    this.name = 'StoreClosedError';
  }
}
