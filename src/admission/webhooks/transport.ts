/** Where a webhook is. */
export interface WebhookTarget {
  /** URL without query; its host is what the certificate has to be for. */
  readonly url: string;
  /** Where to connect instead of the URL's host. */
  readonly address?: { readonly host: string; readonly port: number };
  /** PEM in base64; '' trusts what the machine trusts. */
  readonly caBundle: string;
}

/** One POST of JSON. */
export interface WebhookPost {
  readonly target: WebhookTarget;
  readonly body: string;
  readonly timeoutSeconds: number;
}

/** Sends it; rejects with an Error whose message is a sentence as Go's client has it, without the URL. */
export type WebhookTransport = (post: WebhookPost) => Promise<{ readonly status: number; readonly body: string }>;
