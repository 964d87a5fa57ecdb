/** `WebhookClientConfig`: where a webhook is, by its URL or behind a Service. */
export interface WebhookClientConfig {
  readonly url?: string;
  /** PEM, in base64. */
  readonly caBundle?: string;
  readonly service?: {
    readonly namespace?: string;
    readonly name?: string;
    readonly path?: string;
    readonly port?: number;
  };
}
