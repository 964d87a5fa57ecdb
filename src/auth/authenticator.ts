/** Who sends a request, as authenticators establish it. */
export interface UserInfo {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: { readonly [key: string]: readonly string[] };
}

/** What an authorizer decides about: attributes of one request, `authorizer.Attributes` upstream. */
export interface RequestAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  /** Absent for non-resource requests. */
  readonly resource?: {
    readonly group: string;
    readonly version: string;
    readonly resource: string;
    readonly subresource: string;
    readonly namespace: string;
    readonly name: string;
  };
  readonly path: string;
}

/** A decision with upstream's reason text for the denial. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** Decides about a request. Pure over what it was built from. */
export type Authorizer = (attributes: RequestAttributes) => Decision;
